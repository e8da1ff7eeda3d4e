"""Stock is never set below zero, never blindly, and a big jump waits for a person."""

from __future__ import annotations

from collections.abc import Iterator

from ecom_agent.actions.facts import GuardFacts
from ecom_agent.actions.gate import Guard
from ecom_agent.actions.guards._limits import Finding, count, section, strictest
from ecom_agent.actions.model import Action, Answer, Kind


def _judge(action: Action, facts: GuardFacts) -> Finding:
    if action.kind is not Kind.STOCK_SET or not isinstance(action.after, int):
        return Answer.ALLOW, "not stock"
    return strictest(_findings(action, action.after, facts), "an ordinary quantity")


def _findings(action: Action, to: int, facts: GuardFacts) -> Iterator[Finding]:
    most, jump = (count(section(facts, "stock_band"), name) for name in ("most_units", "jump_units"))
    if to < 0:
        yield Answer.DENY, f"{to} units are fewer than none"
    if not action.evidence.get("location"):
        yield Answer.DENY, "the wish names no location (evidence: location)"
    if facts.level is None:
        yield Answer.DENY, "the present stock at this location is not known"
        return
    if to > most:
        yield Answer.HOLD, f"{to} units; alone at most {most}"
    if abs(to - facts.level.fulfillable) > jump:
        yield Answer.HOLD, f"a jump from {facts.level.fulfillable} to {to} units; alone at most {jump}"


GUARD = Guard("stock_band", _judge)
