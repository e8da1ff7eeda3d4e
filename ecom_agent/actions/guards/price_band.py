"""No price below the floor, above the ceiling, in another currency, or without a minimum set. Ever.

Each price for companies that goes with it is held to the same, and none is above what everybody pays.
"""

from __future__ import annotations

from ecom_agent.actions.business import says_any, wished
from ecom_agent.actions.facts import GuardFacts
from ecom_agent.actions.gate import Guard
from ecom_agent.actions.guards._limits import Finding
from ecom_agent.actions.model import Action, Answer, Kind
from ecom_agent.errors import ParseFailed
from ecom_agent.money import Money


def _judge(action: Action, facts: GuardFacts) -> Finding:
    price = action.after
    if action.kind is not Kind.PRICE_SET or not isinstance(price, Money):
        return Answer.ALLOW, "not a price"
    refused = _refusal(price, facts)
    if refused is None and says_any(action):
        refused = _of_companies(action, price, facts)
    return (
        (Answer.DENY, refused) if refused else (Answer.ALLOW, f"not below {facts.floor.price} ({facts.floor.reason})")
    )


def _of_companies(action: Action, consumer: Money, facts: GuardFacts) -> str | None:
    try:
        to = wished(action)
        if to is None or to.price is None:
            return None
        if to.price > consumer:
            return f"companies would pay {to.price}, everybody {consumer}"
    except ParseFailed as e:
        return f"prices for companies: {e}"
    refusals = ((units, _refusal(price, facts)) for units, price in to.steps)
    return next((f"for companies from {units}: {why}" for units, why in refusals if why is not None), None)


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
