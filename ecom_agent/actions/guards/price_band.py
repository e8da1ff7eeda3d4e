"""No price below the floor, above the ceiling, in another currency, or without a minimum set. Ever."""

from __future__ import annotations

from ecom_agent.actions.facts import GuardFacts
from ecom_agent.actions.gate import Guard
from ecom_agent.actions.guards._limits import Finding
from ecom_agent.actions.model import Action, Answer, Kind
from ecom_agent.money import Money


def _judge(action: Action, facts: GuardFacts) -> Finding:
    price = action.after
    if action.kind is not Kind.PRICE_SET or not isinstance(price, Money):
        return Answer.ALLOW, "not a price"
    refusal = _refusal(price, facts)
    return (
        (Answer.DENY, refusal) if refusal else (Answer.ALLOW, f"not below {facts.floor.price} ({facts.floor.reason})")
    )


def _refusal(price: Money, facts: GuardFacts) -> str | None:
    if price.minor <= 0:
        return f"{price} is not a price"
    limits, floor = facts.limits, facts.floor
    if limits is None or floor.price is None:
        return f"no floor: {floor.reason}"
    shown = facts.listing.price if facts.listing else None
    for other, name in ((limits.currency, "limits are"), (shown.currency if shown else price.currency, "listing is")):
        if price.currency != other:
            return f"{price} is in {price.currency}, the {name} in {other}"
    if price < floor.price:
        return f"{price} is below the floor {floor.price} ({floor.reason})"
    if limits.ceiling is not None and price > limits.ceiling:
        return f"{price} is above the ceiling {limits.ceiling}"
    return None


GUARD = Guard("price_band", _judge)
