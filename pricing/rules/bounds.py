"""A rule's own limits over what the seller allows for a listing: they narrow it, and can never widen it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import Final

from ecom_agent.economics.fees import referral_share
from ecom_agent.economics.margin import Floor
from ecom_agent.money import Money
from ecom_agent.records.finance import FeeQuote
from ecom_agent.records.offers import PriceLimits
from pricing.rules.compile import Limit

_ALL: Final = 10_000


@dataclass(frozen=True, slots=True)
class Band:
    """Between which prices a rule may go. `least.price` None = no price may be written, and its reason says why."""

    least: Floor
    most: Money | None


def narrow(band: Band, limits: PriceLimits | None, fees: FeeQuote | None, least: Limit, most: Limit) -> Band:
    """`band` (the listing's true floor and its ceiling) made narrower by a rule's `least` and `most`.

    A share of something unknown (no unit cost, no MAP) is not guessed: then no price may be written. Without a fee
    quote margin and ROI are counted without fees, as the floor itself is.
    """
    if band.least.price is None or limits is None:
        return band
    try:
        lowest = [*_bounds(least, limits, fees, ceil)]
        highest = [*_bounds(most, limits, fees, floor)]
    except _NoPrice as e:
        return Band(Floor(None, str(e), band.least.parts), band.most)
    name, price = max([(band.least.reason, band.least.price), *lowest], key=lambda part: part[1])
    top = min([money for _, money in highest] + ([] if band.most is None else [band.most]), default=None)
    parts = (*band.least.parts, *lowest)
    if top is not None and price > top:
        return Band(Floor(None, f"the floor {price} ({name}) is above the ceiling {top}: change one", parts), top)
    return Band(Floor(price, name, parts), top)


class _NoPrice(Exception):
    """A bound hangs on a fact that nobody told, or asks for what no price can give."""


def _bounds(
    limit: Limit, limits: PriceLimits, fees: FeeQuote | None, whole: Callable[[Fraction], int]
) -> Iterator[tuple[str, Money]]:
    """The prices at which each of these bounds is met, rounded by `whole` so that it still holds."""

    def money(minor: Fraction) -> Money:
        return Money(whole(minor), limits.currency)

    if limit.minor is not None:
        yield "the rule's amount", Money(limit.minor, limits.currency)
    if limit.map_bp is not None:
        if limits.map_price is None:
            raise _NoPrice("the rule goes by the least advertised price (MAP), and none is set")
        yield "the rule's share of MAP", money(Fraction(limits.map_price.minor * limit.map_bp, _ALL))
    if limit.margin_bp is None and limit.roi_bp is None:
        return
    if limits.unit_cost is None:
        raise _NoPrice("the rule goes by margin or ROI, and no unit cost is set")
    share = Fraction(0) if fees is None else referral_share(fees)
    if share is None:
        raise _NoPrice("the rule goes by margin or ROI, and the fee quote makes no sense")
    cost, fulfilment = limits.unit_cost.minor, 0 if fees is None else fees.fulfilment.minor
    if limit.margin_bp is not None:
        kept = 1 - share - Fraction(limit.margin_bp, _ALL)
        if kept > 0:
            yield "the rule's margin", money((cost + fulfilment) / kept)
        elif whole is ceil:
            raise _NoPrice(f"no price leaves a margin of {limit.margin_bp / 100:g} % after fees")
    if limit.roi_bp is not None:
        wanted = cost * Fraction(_ALL + limit.roi_bp, _ALL) + fulfilment
        yield "the rule's ROI", money(wanted / (1 - share))
