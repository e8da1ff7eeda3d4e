"""What the guards allow is still only done alone as far as the automation is trusted; a person's own wish is."""

from __future__ import annotations

from ecom_agent.actions import autonomy
from ecom_agent.actions.actors import proposed_by_person
from ecom_agent.actions.facts import GuardFacts
from ecom_agent.actions.gate import Guard
from ecom_agent.actions.guards._limits import Finding
from ecom_agent.actions.model import Action, Answer, Kind


def _judge(action: Action, facts: GuardFacts) -> Finding:
    if proposed_by_person(action.proposed_by):
        return Answer.ALLOW, "asked for by a person"
    if _gives_up_ground(action):
        return Answer.ALLOW, "a strategy only gives up ground: that waits for nobody"
    return autonomy.answer(facts.autonomy, action, facts.autonomy_policy)


def _gives_up_ground(action: Action) -> bool:
    if action.kind is not Kind.STRATEGY_STAGE:
        return False
    return isinstance(action.before, int) and isinstance(action.after, int) and action.after < action.before


GUARD = Guard("autonomy", _judge)
