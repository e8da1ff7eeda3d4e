"""What a sale leaves over, and the lowest price a listing may ever have.

Floor = max(hard minimum, cost + fees + ads + returns + margin, MAP), in exact fractions, rounded up only at the end:
one minor unit lower would break the part that made it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from math import ceil

from ecom_agent.economics.fees import Fees, basis, quoted, referral_share
from ecom_agent.economics.fx import NoRate
from ecom_agent.economics.unit_costs import NO_SHEETS, WHOLE_BP, UnitCosts, unit_costs
from ecom_agent.money import Money
from ecom_agent.records.costs import CostSheets
from ecom_agent.records.finance import FeeQuote
from ecom_agent.records.offers import PriceLimits


@dataclass(frozen=True, slots=True)
class Floor:
    """The lowest price allowed. `price` None = no price may be written; `reason` says why it is what it is.

    `parts` are the bounds it was chosen from, by name, for screens and the audit.
    """

    price: Money | None
    reason: str
    parts: tuple[tuple[str, Money], ...] = ()


def contribution(price: Money, unit_cost: Money, fees: FeeQuote | None) -> Fraction:
    """What one unit sold at `price` leaves after goods and platform fees, in minor units, exact.

    Raises ParseFailed when the currencies differ, ValueError when the fee quote makes no sense.
    """
    if fees is None:
        return Fraction((price - unit_cost).minor)
    return (price - unit_cost - fees.fulfilment).minor - _sensible(fees).share * price.minor


def break_even(unit_cost: Money, fees: FeeQuote | None, margin: Money | None = None) -> Money:
    """The lowest whole price whose contribution is at least `margin` (none = zero).

    Raises as `contribution`.
    """
    needed = unit_cost if margin is None else unit_cost + margin
    if fees is None:
        return needed
    return Money(ceil((needed + fees.fulfilment).minor / (1 - _sensible(fees).share)), needed.currency)


def floor(
    limits: PriceLimits, fees: FeeQuote | None, sheets: CostSheets = NO_SHEETS, now: datetime | None = None
) -> Floor:
    """The highest of hard minimum, MAP and break-even + margin, rounded up.

    Nothing is guessed: no minimum, a bound that is not above zero, amounts of different currencies, a senseless
    fee quote, a missing or stale exchange rate, a margin that no price can leave, or a floor above the ceiling give
    `price` None, which nobody may read as "any price". Without a landed cost only hard minimum and MAP hold; without
    a fee quote or table break-even is counted without fees (the freshness guard refuses that where the platform has
    fees). `now` None = how old quotes and rates are is judged elsewhere, as for a price that is only shown.
    """
    problem = _problem(limits, fees, sheets, now)
    if problem is not None:
        return Floor(None, problem)
    costs = unit_costs(limits, fees, sheets, now)
    if isinstance(costs, NoRate):
        return Floor(None, costs.reason)
    try:
        parts = tuple(_parts(limits, costs))
    except _NoPrice as e:
        return Floor(None, str(e))
    name, price = max(parts, key=lambda part: part[1])
    if limits.ceiling is not None and price > limits.ceiling:
        return Floor(None, f"the floor {price} ({name}) is above the ceiling {limits.ceiling}: change one", parts)
    return Floor(price, name, parts)


class _NoPrice(Exception):
    """The margin asked for is more than any price can leave."""


def _parts(limits: PriceLimits, costs: UnitCosts | None) -> Iterator[tuple[str, Money]]:
    if limits.hard_min is not None:
        yield "hard minimum", limits.hard_min
    if limits.map_price is not None:
        yield "least advertised price", limits.map_price
    if costs is None:
        return
    known = "" if costs.fees is not None else ", no fees known"
    for name, margin, share in _margins(limits, costs):
        least = costs.least(margin, share)
        if least is None:
            taken = costs.fees.share if costs.fees else Fraction(0)
            raise _NoPrice(f"no price leaves a {name} of {float(share):.1%} after fees of {float(taken):.1%}")
        yield f"{'break-even' if costs.fees else 'cost'} + {name}{known}", Money(least, costs.currency)


def _margins(limits: PriceLimits, costs: UnitCosts) -> Iterator[tuple[str, Fraction, Fraction]]:
    """(name, amount, share of the price) of every margin that must be left."""
    yield "margin", Fraction(0 if limits.min_margin is None else limits.min_margin.minor), Fraction(0)
    if limits.margin_bp is not None:
        yield "margin of the price", Fraction(0), Fraction(limits.margin_bp, WHOLE_BP)
    if limits.roi_bp is not None:
        yield "return on cost", costs.goods * Fraction(limits.roi_bp, WHOLE_BP), Fraction(0)


def _problem(limits: PriceLimits, fees: FeeQuote | None, sheets: CostSheets, now: datetime | None) -> str | None:
    if limits.hard_min is None:
        return "no minimum set"
    if limits.hard_min.minor <= 0:
        return f"the minimum {limits.hard_min} is not above zero"
    if limits.foreign_cost is not None and limits.unit_cost is not None:
        return "the unit cost is set twice: in the listing's currency and in another"
    bounds = {
        "minimum": limits.hard_min,
        "ceiling": limits.ceiling,
        "least advertised price": limits.map_price,
        "unit cost": limits.unit_cost,
        "margin": limits.min_margin,
        "ad cost": limits.ad_cost,
        "cost of a return": limits.return_cost,
    }
    for name, value in bounds.items():
        if value is not None and value.currency != limits.currency:
            return f"{name} is in {value.currency}, the limits are in {limits.currency}"
    for name, value in (*bounds.items(), ("unit cost", limits.foreign_cost)):
        if value is not None and value.minor < 0:
            return f"{name} {value} is negative"
    for name, share, most in (
        ("share of returns", limits.return_bp, WHOLE_BP),
        ("margin of the price", limits.margin_bp, WHOLE_BP - 1),
        ("return on cost", limits.roi_bp, None),
    ):
        if share is not None and (share < 0 or (most is not None and share > most)):
            return f"{name} {share / 100:g} % makes no sense"
    return _fee_problem(limits, fees, sheets, now)


def _fee_problem(limits: PriceLimits, fees: FeeQuote | None, sheets: CostSheets, now: datetime | None) -> str | None:
    if fees is not None and {fees.at_price.currency, fees.referral.currency, fees.fulfilment.currency} != {
        limits.currency
    }:
        return f"the fee quote is in {fees.at_price.currency}, the limits are in {limits.currency}"
    if fees is not None and referral_share(fees) is None:
        return f"the fee quote makes no sense: {fees.referral} of {fees.at_price} and {fees.fulfilment}"
    used = basis(limits, fees, sheets, now)
    if used is not None and used.currency != limits.currency:
        return f"the {used.source} is in {used.currency}, the limits are in {limits.currency}"
    return None


def _sensible(fees: FeeQuote) -> Fees:
    found = quoted(fees)
    if found is None:
        raise ValueError(f"a fee of {fees.referral} on a price of {fees.at_price} makes no sense")
    return found
