"""What a click may cost: a cap by currency, a width of steps, so many changes a day, only for a target that takes bids.

Wider than allowed, or from a bid that nobody knows, is held for a person; nothing lifts the cap. The marketplace's own
bounds are the connector's to keep.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from ecom_agent.actions.actors import proposed_by_person
from ecom_agent.actions.facts import GuardFacts
from ecom_agent.actions.gate import Guard, PolicyGap
from ecom_agent.actions.guards._limits import Finding, count, decimal, ratio, section, strictest
from ecom_agent.actions.model import Action, Answer, Kind
from ecom_agent.money import Money
from ecom_agent.records.advertising import AdState, Target

_READ_BACK_BY: Final = ("target_kind", "campaign")
_LIVE: Final = (AdState.ENABLED, AdState.PAUSED, AdState.SCHEDULED)


def _judge(action: Action, facts: GuardFacts) -> Finding:
    bid = action.after
    if action.kind is not Kind.BID_SET or not isinstance(bid, Money):
        return Answer.ALLOW, "not a bid"
    part = section(facts, "bid_band")
    refusal = _refusal(action, bid, facts.ad_target, part)
    if refusal is not None:
        return Answer.DENY, refusal
    findings = (*_width(bid, facts, part), *_pace(facts, part))
    if action.undoes is not None and proposed_by_person(action.proposed_by):
        return Answer.ALLOW, "a person takes back our own change"
    return strictest(findings, "an ordinary bid")


def _refusal(action: Action, bid: Money, target: Target | None, part: Mapping[str, Any]) -> str | None:
    if bid.minor <= 0:
        return f"{bid} is not a bid"
    if target is None or (target.account, target.target_id) != (action.account, action.target):
        return f"no target {action.target} is known on {action.account}"
    if target.negative or target.state not in _LIVE:
        return f"target {action.target} {'refuses searches' if target.negative else f'is {target.state_raw}'}"
    missing = [name for name in _READ_BACK_BY if not action.evidence.get(name)]
    if missing:
        return f"the wish does not say by what it is read back (evidence: {', '.join(missing)})"
    if target.bid is not None and target.bid.currency != bid.currency:
        return f"{bid} is in {bid.currency}, the target's bid in {target.bid.currency}"
    most = _cap(bid.currency, part)
    return f"{bid} is above the cap of {most} {bid.currency} a click" if bid.major > most else None


def _cap(currency: str, part: Mapping[str, Any]) -> Decimal:
    """A currency that is not named takes no bid."""
    caps = part.get("most")
    if not isinstance(caps, Mapping) or currency not in caps:
        raise PolicyGap(f"bid_band.most names no cap in {currency}")
    return decimal(caps, currency)


def _width(to: Money, facts: GuardFacts, part: Mapping[str, Any]) -> Iterator[Finding]:
    for since, name in ((facts.current, "step_share"), (facts.day_start, "day_share")):
        most, what = ratio(part, name), "step" if name == "step_share" else "change within a day"
        if not isinstance(since, Money):
            yield Answer.HOLD, f"it has no bid of its own that is known, so the size of the {what} is not"
        elif since.currency != to.currency or since.minor <= 0:
            yield Answer.DENY, f"{to} cannot be compared with {since}"
        elif (moved := Decimal(abs(to.minor - since.minor)) / since.minor) > most:
            yield Answer.HOLD, f"a {what} of {moved:.1%} from {since} to {to}; alone at most {most:.1%}"


def _pace(facts: GuardFacts, part: Mapping[str, Any]) -> Iterator[Finding]:
    most = count(part, "changes_per_day")
    if facts.changes_today is None:
        yield Answer.DENY, "not known how often it changed today"
    elif facts.changes_today >= most:
        yield Answer.LATER, f"{facts.changes_today} changes within a day already; at most {most}"


GUARD = Guard("bid_band", _judge)
