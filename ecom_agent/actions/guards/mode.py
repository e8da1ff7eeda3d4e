"""An Action keeps the mode it was born in; it is never judged, and so never sent, in another."""

from __future__ import annotations

from ecom_agent.actions.facts import GuardFacts
from ecom_agent.actions.gate import Guard
from ecom_agent.actions.guards._limits import Finding
from ecom_agent.actions.model import Action, Answer


def _judge(action: Action, facts: GuardFacts) -> Finding:
    if action.mode is not facts.mode:
        return Answer.DENY, f"wished in mode {action.mode}, this process runs {facts.mode}"
    return Answer.ALLOW, f"mode {facts.mode}"


GUARD = Guard("mode", _judge)
