"""Where a change in profit came from, between two stretches of days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class SalesOf:
    """One listing over some days: what it sold, how long it was featured, and its mean landed price while on sale.

    Amounts in minor units. `price_minor` None = no price was seen and nothing was sold.
    """

    marketplace: str
    sku: str
    currency: str
    units: int
    featured_days: float
    price_minor: float | None


@dataclass(frozen=True, slots=True)
class AttributionRow:
    """One listing, or all of one currency (`sku` None). Money in minor units; the parts sum to `change`.

    `luck_low` … `luck_high`: where luck lies 19 times of 20.
    """

    sku: str | None
    currency: str
    price: float
    buy_box: float
    demand: float
    conversion: float
    cost: float
    luck: float
    luck_low: float
    luck_high: float
    change: float


@dataclass(frozen=True, slots=True)
class AttributionReport:
    """`days` before `split` against as many after. `left_out`: SKU → why it is not among the rows."""

    account: str
    split: datetime
    days: int
    totals: tuple[AttributionRow, ...]
    listings: tuple[AttributionRow, ...]
    left_out: tuple[tuple[str, str], ...]
