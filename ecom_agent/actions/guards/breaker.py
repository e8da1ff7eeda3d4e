"""What has tripped, or would by now, stops here at once; the halt itself is opened by `actions/tripping.py`.

Without a policy for the breakers, or without counts, nothing is written.
"""

from __future__ import annotations

from collections.abc import Iterator

from ecom_agent.actions.breakers import all_trips
from ecom_agent.actions.counts import Counts
from ecom_agent.actions.facts import GuardFacts
from ecom_agent.actions.gate import Guard
from ecom_agent.actions.guards._limits import Finding, strictest
from ecom_agent.actions.halts import HaltLevel, lowers
from ecom_agent.actions.model import Action, Answer

NAME = "breaker"


def _judge(action: Action, facts: GuardFacts) -> Finding:
    counts = facts.counts
    if counts is None:
        # the policy is asked first, so that its gap is what is told
        all_trips(Counts(), facts.breakers)
        return Answer.DENY, "not known how writes fared lately"
    return strictest(_findings(action, facts, counts), "no breaker has tripped")


def _findings(action: Action, facts: GuardFacts, counts: Counts) -> Iterator[Finding]:
    # counts may be some seconds old, and have this Action among them; what else moves right now is known to it
    moved = max(counts.moved_minute - 1, facts.moved_minute or 0)
    for trip in all_trips(counts, facts.breakers, moved):
        if trip.listing not in (None, (action.marketplace, action.target)):
            continue
        if trip.level is HaltLevel.HALTED:
            yield Answer.DENY, trip.reason
        elif lowers(action, facts.current):
            yield Answer.DENY, f"raises only: {trip.reason}"


GUARD = Guard(NAME, _judge)
