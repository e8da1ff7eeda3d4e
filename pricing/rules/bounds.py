"""A rule's own limits over what the seller allows for a listing: they narrow it, and can never widen it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import Final

from ecom_agent.economics.fx import NoRate
from ecom_agent.economics.margin import Floor
from ecom_agent.economics.unit_costs import UnitCosts
from ecom_agent.money import Money
from ecom_agent.records.offers import PriceLimits
from pricing.rules.compile import Limit

_ALL: Final = 10_000


@dataclass(frozen=True, slots=True)
class Band:
    """Between which prices a rule may go. `least.price` None = no price may be written, and its reason says why."""

    least: Floor
    most: Money | None


def narrow(band: Band, limits: PriceLimits | None, costs: UnitCosts | NoRate | None, least: Limit, most: Limit) -> Band:
    """`band` (the listing's true floor and its ceiling) made narrower by a rule's `least` and `most`.

    A share of something unknown (no unit cost, no MAP) is not guessed: then no price may be written. Fees that are
    not known count as none, as in the floor itself.
    """
    if band.least.price is None or limits is None:
        return band
    try:
        lowest = [*_bounds(least, limits, costs, up=True)]
        highest = [*_bounds(most, limits, costs, up=False)]
    except _NoPrice as e:
        return Band(Floor(None, str(e), band.least.parts), band.most)
    name, price = max([(band.least.reason, band.least.price), *lowest], key=lambda part: part[1])
    top = min([money for _, money in highest] + ([] if band.most is None else [band.most]), default=None)
    parts = (*band.least.parts, *lowest)
    if top is not None and price > top:
        why = f"the floor {price} ({name}) is above the ceiling {top}: change one"
        return Band(Floor(None, why, parts), top)
    return Band(Floor(price, name, parts), top)


class _NoPrice(Exception):
    """A bound hangs on a fact that nobody told, or asks for what no price can give."""


def _bounds(
    limit: Limit, limits: PriceLimits, costs: UnitCosts | NoRate | None, *, up: bool
) -> Iterator[tuple[str, Money]]:
    """The prices at which each of these bounds is met: `up` the lowest that keeps it, else the highest."""
    if limit.minor is not None:
        yield "the rule's amount", Money(limit.minor, limits.currency)
    if limit.map_bp is not None:
        if limits.map_price is None:
            raise _NoPrice("the rule goes by the least advertised price (MAP), and none is set")
        share = Fraction(limits.map_price.minor * limit.map_bp, _ALL)
        yield "the rule's share of MAP", Money(ceil(share) if up else floor(share), limits.currency)
    if limit.margin_bp is None and limit.roi_bp is None:
        return
    if costs is None:
        raise _NoPrice("the rule goes by margin or ROI, and no unit cost is set")
    if isinstance(costs, NoRate):
        raise _NoPrice(costs.reason)
    if limit.margin_bp is not None:
        price = _price(costs, Fraction(0), Fraction(limit.margin_bp, _ALL), up=up)
        if price is not None:
            yield "the rule's margin", Money(price, limits.currency)
        elif up:
            raise _NoPrice(f"no price leaves a margin of {limit.margin_bp / 100:g} % after fees")
    if limit.roi_bp is not None:
        price = _price(costs, costs.goods * Fraction(limit.roi_bp, _ALL), Fraction(0), up=up)
        if price is not None:
            yield "the rule's ROI", Money(price, limits.currency)
        elif up:
            raise _NoPrice(f"no price leaves a return of {limit.roi_bp / 100:g} % after fees")


def _price(costs: UnitCosts, margin: Fraction, share: Fraction, *, up: bool) -> int | None:
    """The lowest whole price that leaves this margin, or the highest that leaves no more; None = there is none."""
    found = costs.least(margin, share)
    if found is None or up or costs.left(found) == margin + share * found:
        return found
    return found - 1
