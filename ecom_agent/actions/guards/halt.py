"""Kill switch: everything, an account, a marketplace, an automation, one SKU; and paused accounts.

A halt that is only reducing lets raises of prices through, and no bid: what advertising costs stands still meanwhile.
"""

from __future__ import annotations

from ecom_agent.actions.facts import GuardFacts
from ecom_agent.actions.gate import Guard
from ecom_agent.actions.guards._limits import Finding
from ecom_agent.actions.halts import HaltLevel, lowers, scopes_of
from ecom_agent.actions.model import Action, Answer, Kind


def _judge(action: Action, facts: GuardFacts) -> Finding:
    if facts.paused is not None:
        return Answer.DENY, f"account {action.account} is paused: {facts.paused}"
    covering = scopes_of(action)
    down = action.kind is Kind.BID_SET or lowers(action, facts.current)
    for halt in facts.halts:
        if halt.scope not in covering:
            continue
        if halt.level is not HaltLevel.REDUCING:
            return Answer.DENY, f"halted ({halt.scope}) by {halt.by}: {halt.reason}"
        if down:
            return Answer.DENY, f"raises only ({halt.scope}) by {halt.by}: {halt.reason}"
    return Answer.ALLOW, "nothing is halted here"


GUARD = Guard("halt", _judge)
