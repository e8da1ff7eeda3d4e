"""What one unit sold costs: goods, ads, returns and the platform's fees, in exact fractions of a minor unit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from math import ceil
from typing import Final

from ecom_agent.economics.fees import Fees, basis
from ecom_agent.economics.fx import NoRate, convert
from ecom_agent.records.costs import CostSheets
from ecom_agent.records.finance import FeeQuote
from ecom_agent.records.offers import PriceLimits

NO_SHEETS: Final = CostSheets()
WHOLE_BP: Final = 10_000
"""Basis points of a whole."""


@dataclass(frozen=True, slots=True)
class UnitCosts:
    """What one unit sold costs us, in minor units of `currency`, exact. `fees` None = none known."""

    goods: Fraction
    ads: Fraction
    returns: Fraction
    fees: Fees | None
    currency: str

    @property
    def own(self) -> Fraction:
        """All but the platform's."""
        return self.goods + self.ads + self.returns

    def left(self, minor: int) -> Fraction:
        """What a unit sold at this price leaves after everything here."""
        return minor - self.own - (self.fees.on(minor) if self.fees else 0)

    def least(self, margin: Fraction, margin_share: Fraction = Fraction(0)) -> int | None:
        """The lowest whole price that leaves at least `margin` and `margin_share` of itself; None = no price does."""
        share, least, fixed = (self.fees.share, self.fees.least, self.fees.fixed) if self.fees else (0, 0, 0)
        kept = 1 - share - margin_share
        if kept <= 0:
            return None
        needed = self.own + fixed + margin
        return max(ceil(needed / kept), ceil((needed + least) / (1 - margin_share)))


def unit_costs(
    limits: PriceLimits, quote: FeeQuote | None, sheets: CostSheets = NO_SHEETS, now: datetime | None = None
) -> UnitCosts | NoRate | None:
    """The costs of a unit as the seller and the platform tell them; None while the landed cost is not known.

    NoRate where it was paid in another currency and cannot be converted. Unknown ads and returns count as nothing:
    `floor` names them.
    """
    if limits.foreign_cost is not None:
        converted = convert(limits.foreign_cost, limits.currency, sheets, now)
        if isinstance(converted, NoRate):
            return converted
        goods = converted.minor
    elif limits.unit_cost is not None:
        goods = Fraction(limits.unit_cost.minor)
    else:
        return None
    ads = Fraction(0 if limits.ad_cost is None else limits.ad_cost.minor)
    return UnitCosts(goods, ads, _returns(limits), basis(limits, quote, sheets, now), limits.currency)


def _returns(limits: PriceLimits) -> Fraction:
    if limits.return_bp is None or limits.return_cost is None:
        return Fraction(0)
    return Fraction(limits.return_bp, WHOLE_BP) * limits.return_cost.minor
