"""What a sale leaves over, and the lowest price a listing may ever have."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from ecom_agent.economics.fees import referral_share
from ecom_agent.money import Money
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
    share = _share(fees)
    return Fraction((price - unit_cost - fees.fulfilment).minor) - share * price.minor


def break_even(unit_cost: Money, fees: FeeQuote | None, margin: Money | None = None) -> Money:
    """The lowest whole price whose contribution is at least `margin` (none = zero).

    Raises as `contribution`.
    """
    needed = unit_cost if margin is None else unit_cost + margin
    if fees is None:
        return needed
    share = _share(fees)
    return Money(ceil((needed + fees.fulfilment).minor / (1 - share)), needed.currency)


def floor(limits: PriceLimits, fees: FeeQuote | None) -> Floor:
    """The highest of hard minimum, MAP and break-even + margin, rounded up.

    Nothing is guessed: no minimum, a bound that is not above zero, amounts of different currencies, a senseless
    fee quote, or a floor above the ceiling give `price` None, which nobody may read as "any price". Without a
    unit cost only hard minimum and MAP hold; without a fee quote break-even is counted without fees (the freshness
    guard refuses that where the platform has fees).
    """
    problem = _problem(limits, fees)
    if problem is not None:
        return Floor(None, problem)
    parts = tuple(_parts(limits, fees))
    name, price = max(parts, key=lambda part: part[1])
    if limits.ceiling is not None and price > limits.ceiling:
        return Floor(None, f"the floor {price} ({name}) is above the ceiling {limits.ceiling}: change one", parts)
    return Floor(price, name, parts)


def _parts(limits: PriceLimits, fees: FeeQuote | None) -> Iterator[tuple[str, Money]]:
    if limits.hard_min is not None:
        yield "hard minimum", limits.hard_min
    if limits.map_price is not None:
        yield "least advertised price", limits.map_price
    if limits.unit_cost is not None:
        name = "break-even + margin" if fees is not None else "cost + margin, no fees known"
        yield name, break_even(limits.unit_cost, fees, limits.min_margin)


def _problem(limits: PriceLimits, fees: FeeQuote | None) -> str | None:
    if limits.hard_min is None:
        return "no minimum set"
    if limits.hard_min.minor <= 0:
        return f"the minimum {limits.hard_min} is not above zero"
    bounds = {
        "ceiling": limits.ceiling,
        "least advertised price": limits.map_price,
        "unit cost": limits.unit_cost,
        "margin": limits.min_margin,
    }
    amounts = {"minimum": limits.hard_min} | {name: value for name, value in bounds.items() if value is not None}
    for name, value in amounts.items():
        if value.currency != limits.currency:
            return f"{name} is in {value.currency}, the limits are in {limits.currency}"
        if value.minor < 0:
            return f"{name} {value} is negative"
    if fees is not None and {fees.at_price.currency, fees.referral.currency, fees.fulfilment.currency} != {
        limits.currency
    }:
        return f"the fee quote is in {fees.at_price.currency}, the limits are in {limits.currency}"
    if fees is not None and referral_share(fees) is None:
        return f"the fee quote makes no sense: {fees.referral} of {fees.at_price} and {fees.fulfilment}"
    return None


def _share(fees: FeeQuote) -> Fraction:
    share = referral_share(fees)
    if share is None:
        raise ValueError(f"a fee of {fees.referral} on a price of {fees.at_price} makes no sense")
    return share
