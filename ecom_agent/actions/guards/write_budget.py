"""How often one listing may be written a day, whatever is written: platforms count it and refuse beyond their number.

What is over the budget waits for the next day; a newer wish takes its place meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping

from ecom_agent.actions.facts import GuardFacts
from ecom_agent.actions.gate import Guard, PolicyGap
from ecom_agent.actions.guards._limits import Finding, count
from ecom_agent.actions.model import Action, Answer


def _judge(_action: Action, facts: GuardFacts) -> Finding:
    part = facts.sending.get("write_budget")
    if not isinstance(part, Mapping):
        raise PolicyGap("write_budget")
    named = part.get("platforms")
    if not isinstance(named, Mapping):
        raise PolicyGap("write_budget.platforms")
    platform = facts.platform or ""
    most = count(named, platform) if platform in named else count(part, "per_listing")
    if facts.writes_today is None:
        return Answer.DENY, "not known how often this listing was written today"
    if facts.writes_today >= most:
        return Answer.LATER, f"{facts.writes_today} writes today; at most {most} a listing"
    return Answer.ALLOW, f"{facts.writes_today} of {most} writes today"


GUARD = Guard("write_budget", _judge)
