"""A strategy goes up one stage at a time and never without a person; down it goes at once."""

from __future__ import annotations

from ecom_agent.actions.facts import GuardFacts
from ecom_agent.actions.gate import Guard
from ecom_agent.actions.guards._limits import Finding
from ecom_agent.actions.model import HOUSE, Action, Answer, Kind
from ecom_agent.records.strategies import Stage


def _judge(action: Action, facts: GuardFacts) -> Finding:
    if action.kind is not Kind.STRATEGY_STAGE:
        return Answer.ALLOW, "not a strategy"
    now, to = facts.current, action.after
    if action.account != HOUSE or not isinstance(now, int):
        return Answer.DENY, f"no strategy {action.target} is known at {action.marketplace}"
    if to not in tuple(Stage) or to == now:
        return Answer.DENY, f"wanted another stage of {', '.join(s.name.lower() for s in Stage)}; found {to}"
    if isinstance(to, int) and to > now + 1:
        return Answer.DENY, f"from {Stage(now).name.lower()} only one stage up at a time"
    if isinstance(to, int) and to > now:
        return Answer.HOLD, "more prices would follow this strategy: a person signs that"
    return Answer.ALLOW, "a strategy gives up ground"


GUARD = Guard("stage", _judge)
