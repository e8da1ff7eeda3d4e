"""How far and how often a price moves: per step, per day, per SKU, and how much of the catalogue at once.

Wider than allowed is held for a person, also where only a price for companies moves so far, or where those are taken
away. Too often, too soon or too many at once waits, and is judged again by itself. A person who takes back one of our
own changes is not slowed down.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from ecom_agent.actions.actors import proposed_by_person
from ecom_agent.actions.business import says_any, widest_share
from ecom_agent.actions.facts import GuardFacts
from ecom_agent.actions.gate import Guard
from ecom_agent.actions.guards._limits import Finding, count, ratio, section, span, strictest
from ecom_agent.actions.model import Action, Answer, Kind
from ecom_agent.errors import ParseFailed
from ecom_agent.money import Money


def _judge(action: Action, facts: GuardFacts) -> Finding:
    if action.kind is not Kind.PRICE_SET or not isinstance(action.after, Money):
        return Answer.ALLOW, "not a price"
    part = section(facts, "change_rate")
    findings = (
        *_size(action.after, facts, part),
        *_of_companies(action, facts, part),
        *_pace(facts, part),
        *_breadth(facts, part),
    )
    if action.undoes is not None and proposed_by_person(action.proposed_by):
        return Answer.ALLOW, "a person takes back our own change"
    return strictest(findings, "an ordinary step")


def _size(to: Money, facts: GuardFacts, part: Mapping[str, Any]) -> Iterator[Finding]:
    step, day = ratio(part, "step_share"), ratio(part, "day_share")
    now, start = facts.price, facts.day_start
    if now is None or not isinstance(start, Money):
        yield Answer.DENY, "the present price is not known, so neither is the size of the step"
        return
    for since, most, name in ((now, step, "step"), (start, day, "change within a day")):
        if since.currency != to.currency or since.minor <= 0:
            yield Answer.DENY, f"{to} cannot be compared with {since}"
        elif (moved := _share(since, to)) > most:
            yield Answer.HOLD, f"a {name} of {moved:.1%} from {since} to {to}; alone at most {most:.1%}"


def _of_companies(action: Action, facts: GuardFacts, part: Mapping[str, Any]) -> Iterator[Finding]:
    """Each from its own former price or from today's price for everybody."""
    if not says_any(action):
        return
    most = ratio(part, "step_share")
    try:
        widest = widest_share(action, facts.price)
    except ParseFailed as e:
        yield Answer.DENY, f"prices for companies: {e}"
        return
    if widest > most:
        yield Answer.HOLD, f"a step of {widest:.1%} for companies; alone at most {most:.1%}"


def _pace(facts: GuardFacts, part: Mapping[str, Any]) -> Iterator[Finding]:
    cooldown, most = span(part, "cooldown_s"), count(part, "changes_per_day")
    if facts.changes_today is None:
        yield Answer.DENY, "not known how often it changed today"
    elif facts.changes_today >= most:
        yield Answer.LATER, f"{facts.changes_today} changes within a day already; at most {most}"
    if facts.last_change_at is not None and facts.now - facts.last_change_at < cooldown:
        waited = max(timedelta(0), facts.now - facts.last_change_at)
        yield Answer.LATER, f"changed {int(waited.total_seconds())} s ago; at least {int(cooldown.total_seconds())} s"


def _breadth(facts: GuardFacts, part: Mapping[str, Any]) -> Iterator[Finding]:
    free = count(part, "catalogue_free")
    for moved, most, name in (
        (facts.moved_minute, ratio(part, "catalogue_minute_share"), "minute"),
        (facts.moved_hour, ratio(part, "catalogue_hour_share"), "hour"),
    ):
        if moved is None or facts.catalogue is None:
            yield Answer.DENY, f"not known how much of the catalogue moved within the {name}"
        elif moved + 1 > max(Decimal(free), most * facts.catalogue):
            yield (
                Answer.LATER,
                f"{moved} of {facts.catalogue} listings moved within the {name}; alone at most {most:.0%}",
            )


def _share(since: Money, to: Money) -> Decimal:
    return Decimal(abs(to.minor - since.minor)) / since.minor


GUARD = Guard("change_rate", _judge)
