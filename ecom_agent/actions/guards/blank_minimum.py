"""A floor that is next to nothing was not meant: some list once had a blank there, and 0.01 came of it."""

from __future__ import annotations

from ecom_agent.actions.breakers import Windows
from ecom_agent.actions.facts import GuardFacts
from ecom_agent.actions.gate import Guard
from ecom_agent.actions.guards._limits import Finding
from ecom_agent.actions.model import Action, Answer, Kind


def _judge(action: Action, facts: GuardFacts) -> Finding:
    if action.kind is not Kind.PRICE_SET:
        return Answer.ALLOW, "not a price"
    least = Windows.read(facts.breakers).least_floor
    floor, price = facts.floor.price, facts.price
    if floor is None or price is None or floor.currency != price.currency:
        return Answer.DENY, "floor and present price cannot be compared"
    if floor.minor < least * price.minor:
        return Answer.DENY, f"the floor {floor} is below {least:.0%} of the price {price}: a blank minimum? correct it"
    return Answer.ALLOW, f"the floor is at least {least:.0%} of the price"


GUARD = Guard("blank_minimum", _judge)
