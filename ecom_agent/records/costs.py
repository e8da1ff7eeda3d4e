"""Dated sheets that costs are reckoned with: exchange rates and fee tables, as the seller keeps them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from ecom_agent.ids import MarketplaceId
from ecom_agent.money import Money


@dataclass(frozen=True, slots=True)
class FxRate:
    """One `base` was worth `rate` of `quote` at `at` (UTC), by `source`."""

    base: str
    quote: str
    rate: Decimal
    at: datetime
    source: str


@dataclass(frozen=True, slots=True)
class FeeRow:
    """What a platform takes of a sale in one class of goods, from `since` on.

    `referral` is a share of the price (0.15), at least `least`; `fixed` comes on top of it, whatever the price
    (fulfilment, payment). `checked` is the day somebody last compared the row with `source`.
    """

    marketplace: MarketplaceId
    fee_class: str
    referral: Decimal
    least: Money
    fixed: Money
    since: date
    checked: date
    source: str


@dataclass(frozen=True, slots=True)
class CostSheets:
    """All of them, and how old what may be. None = the guards' policy does not say, so no age can be judged."""

    rates: tuple[FxRate, ...] = ()
    fees: tuple[FeeRow, ...] = ()
    rate_max_age: timedelta | None = None
    quote_max_age: timedelta | None = None
