"""No change on old facts: what the present value, the fees and the cost are must have been learnt lately."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from ecom_agent.actions.facts import GuardFacts
from ecom_agent.actions.gate import Guard
from ecom_agent.actions.guards._limits import Finding, age, section, span, strictest
from ecom_agent.actions.model import Action, Answer, Kind
from ecom_agent.economics.fees import basis
from ecom_agent.economics.fx import NoRate, convert


def _judge(action: Action, facts: GuardFacts) -> Finding:
    part = section(facts, "freshness")
    return strictest((*_wish(action, facts, part), *_facts(action, facts, part)), "all facts are fresh")


def _wish(action: Action, facts: GuardFacts, part: Mapping[str, Any]) -> Iterator[Finding]:
    if action.slot - facts.now > span(part, "clock_skew_s"):
        yield Answer.DENY, f"wished at {action.slot.isoformat()}, which is still to come"
    elif facts.now - action.slot > span(part, "wish_max_age_h"):
        yield Answer.DENY, f"wished at {action.slot.isoformat()}, too long ago"
    if action.before is not None and facts.current is not None and action.before != facts.current:
        yield Answer.DENY, f"decided when it was {action.before}, meanwhile it is {facts.current}"


def _facts(action: Action, facts: GuardFacts, part: Mapping[str, Any]) -> Iterator[Finding]:
    for name, at, limit in _dated(action, facts):
        if (old := age(at, facts.now)) is None:
            yield Answer.DENY, f"not known when {name} was learnt"
        elif old > span(part, limit):
            yield Answer.DENY, f"{name} was learnt {old} ago; at most {span(part, limit)}"


def _dated(action: Action, facts: GuardFacts) -> Iterator[tuple[str, datetime | None, str]]:
    """(what, when learnt, name of its limit) of the facts this kind of change rests on."""
    if action.kind in (Kind.STRATEGY_STAGE, Kind.MESSAGE_SEND):
        return
    if action.kind is Kind.BID_SET:
        yield "the bid", facts.current_at, "bid_max_age_h"
        return
    if action.kind is not Kind.PRICE_SET:
        yield "the stock", facts.level.seen_at if facts.level else None, "stock_max_age_h"
        return
    yield "the price", facts.current_at, "price_max_age_h"
    limits = facts.limits
    if limits is None or (limits.unit_cost is None and limits.foreign_cost is None):
        return
    yield "the unit cost", limits.costs_at, "cost_max_age_days"
    used = basis(limits, facts.fees, facts.sheets, facts.now)
    if used is not None and used.from_table:
        yield f"the {used.source}", used.at, "fee_table_max_age_days"
    elif facts.fees_expected or facts.fees is not None:
        yield "the fee quote", facts.fees.quoted_at if facts.fees else None, "fees_max_age_h"
    if limits.foreign_cost is not None:
        rate = convert(limits.foreign_cost, limits.currency, facts.sheets, None)
        yield "the exchange rate", None if isinstance(rate, NoRate) else rate.at, "fx_max_age_days"


GUARD = Guard("freshness", _judge)
