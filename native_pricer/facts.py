"""What the engine may know of a listing beside its page: stock, pace, status, sums. Told by `Engine.inform`."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple


class ListingStatus(IntEnum):
    ACTIVE = 0
    SUPPRESSED = 1  # shown, but kept out of search or of the Buy Box
    DEACTIVATED = 2  # taken down, usually for a price that the platform thinks too high or too low


class ListingFacts(NamedTuple):
    """None = not known; a condition on it then never holds. Amounts in minor units of the listing's currency.

    `pace_bp`: stock that will be sold by the wished date at today's velocity, basis points of the stock
    (10,000 = exactly on course). `expected_minor`: FOEP, landed. `reference_minor`: the seller's own reference price,
    landed. `unit_cost_minor`: goods and all costs per unit that do not move with the price; `fee_bp`: those that do.
    `elasticity_centi`: own-price elasticity × 100 (−200 = −2). `utc_offset_minutes` makes UTC local.
    """

    our_is_fba: bool | None = None
    stock_units: int | None = None
    cover_centidays: int | None = None
    velocity_centiunits: int | None = None
    age_days: int | None = None
    pace_bp: int | None = None
    status: ListingStatus | None = None
    expected_minor: int | None = None
    reference_minor: int | None = None
    unit_cost_minor: int | None = None
    fee_bp: int | None = None
    elasticity_centi: int | None = None
    utc_offset_minutes: int = 0
