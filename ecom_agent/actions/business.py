"""Prices for companies as part of a `price.set`: they are judged, sent, read back and taken back with the price.

They stand in the wish's evidence under `WISHED`, with what stood before under `FORMER`, both as lines of text
(`BusinessPrices.told`). A wish that says nothing of them leaves them alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from ecom_agent.actions.model import WISHED, Action
from ecom_agent.errors import ParseFailed
from ecom_agent.money import Money
from ecom_agent.records.business import BusinessPrices, read_business

FORMER: Final = "business_before"


def evidence(to: BusinessPrices, former: BusinessPrices) -> dict[str, str]:
    return {WISHED: to.told(), FORMER: former.told()}


def says_any(action: Action) -> bool:
    return WISHED in action.evidence


def wished(action: Action) -> BusinessPrices | None:
    """None where the wish leaves them alone. Raises ParseFailed for what cannot be read."""
    return read_business(action.evidence[WISHED]) if says_any(action) else None


def former(action: Action) -> BusinessPrices | None:
    """What stood before, as the deciding facts showed it; None = not known. Raises ParseFailed."""
    return read_business(action.evidence[FORMER]) if FORMER in action.evidence else None


def moves(action: Action, consumer: Money | None) -> tuple[tuple[Money, Money], ...]:
    """From and to of what so many units cost: from what they cost companies before or from `consumer`, today's price,
    whichever is nearer. What stood before may be some changes old.

    Raises ParseFailed where neither is known, or in another currency.
    """
    to, was = wished(action), former(action)
    found = []
    for units, price in () if to is None else to.steps:
        known = [x for x in (None if was is None else was.at(units), consumer) if x is not None]
        if not known or any(x.currency != price.currency or x.minor <= 0 for x in known):
            raise ParseFailed("business", f"{price} for {units} units cannot be compared with {known}")
        found.append((min(known, key=lambda x: abs(x.minor - price.minor)), price))
    return tuple(found)


def lowered(action: Action, consumer: Money) -> bool:
    """Whether any of them goes down: from what it was, a new one from what everybody is to pay. What cannot be read
    or compared counts as one that does."""
    try:
        to, was = wished(action), former(action)
        steps = () if to is None else to.steps
        return any(price < ((was.at(units) if was is not None else None) or consumer) for units, price in steps)
    except ParseFailed:
        return True


def widest_share(action: Action, consumer: Money | None) -> Decimal:
    """The widest move of them all, as a share of where it starts; all of it where they are taken away."""
    to = wished(action)
    if to is not None and to.price is None:
        return Decimal(1)
    return max((Decimal(abs(b.minor - a.minor)) / a.minor for a, b in moves(action, consumer)), default=Decimal(0))


def turned(action: Action) -> Mapping[str, str]:
    """The evidence of taking it back: what stood before. Raises ParseFailed where that is not known."""
    to, was = wished(action), former(action)
    if to is None:
        return {}
    if was is None:
        raise ParseFailed("business", "the prices for companies that stood before are not known")
    return evidence(was, to)
