"""Deciding again over recorded events: as it was, to show that it comes out the same; or under other rules.

An engine is led through the calls that the live one was led through (`native_pricer.journal`). With `change` it gets
other rules while prices, events and halts stay as they were: what each decision would have been, one by one, not what
a whole other history would have led to (for that: `ecom evaluate backtest`). Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from ecom_agent.records.replays import DecisionPair, ReplayReport
from native_pricer import Clause, Decision, Engine, ListingConfig
from native_pricer.journal import EVENTS, Call, again, moment
from pricing.repricing import pages

Change = Callable[[ListingConfig], ListingConfig]
FIRST: Final = 20


def rerun(
    calls: Iterable[Call], since: datetime, until: datetime, change: Change | None = None
) -> Iterator[tuple[DecisionPair, ...]]:
    """For each event of these hours its decisions, then and now.

    `calls` begin with an empty engine. A listing that was decided on then and is not now (or the other way) gives a
    pair with the code "none" on that side.
    """
    engine = Engine()
    for call in calls:
        made = call
        if change is not None and call.name == "configure":
            made = call._replace(given=(change(call.given[0]),))
        now = again(made, engine)
        at = moment(call)
        if call.name not in EVENTS or at is None:
            continue
        when = pages.moment(at)
        if since <= when < until:
            yield tuple(pair(when, *both) for both in _matched(call.decisions, now))


def pair(when: datetime, then: Decision | None, now: Decision | None) -> DecisionPair:
    """The two beside each other, with every field that differs."""
    told = then or now
    assert told is not None
    differs = {}
    if then is None or now is None:
        differs["decision"] = ("none" if then is None else then.code.value, "none" if now is None else now.code.value)
    elif then != now:
        fields = zip(Decision._fields, then, now, strict=True)
        differs = {name: (_word(a), _word(b)) for name, a, b in fields if a != b}
    return DecisionPair(
        at=when,
        marketplace=told.marketplace,
        sku=told.sku,
        event_id=told.event_id,
        before_minor=told.before_minor,
        then_code="none" if then is None else then.code.value,
        then_minor=None if then is None else then.to_minor,
        now_code="none" if now is None else now.code.value,
        now_minor=None if now is None else now.to_minor,
        differs=differs,
    )


def report(
    account: str,
    since: datetime,
    until: datetime,
    stretches: Iterable[tuple[str, Iterable[Call]]],
    change: Change | None = None,
    sku: str | None = None,
) -> ReplayReport:
    """All decisions of these hours, run by run. With `change` only outcome and price are compared, not the reason."""
    runs: set[str] = set()
    first: list[DecisionPair] = []
    events = decisions = different = then_moves = now_moves = 0
    for run, calls in stretches:
        runs.add(run)
        for pairs in rerun(calls, since, until, change):
            events += 1
            for found in pairs:
                if sku is not None and found.sku != sku:
                    continue
                decisions += 1
                then_moves += found.then_minor is not None
                now_moves += found.now_minor is not None
                same = found.then_minor == found.now_minor if change is not None else not found.differs
                if not same:
                    different += 1
                    first += [found] if len(first) < FIRST else []
    return ReplayReport(
        account, since, until, len(runs), events, decisions, decisions - different, different, then_moves, now_moves,
        tuple(first),
    )  # fmt: skip


def preview(
    clauses: Sequence[Clause], calls: Iterable[Call], since: datetime, until: datetime, sku: str | None = None
) -> list[DecisionPair]:
    """What these clauses would have decided on recorded events, beside what was decided: for the rules' editor."""
    found = rerun(calls, since, until, with_clauses(clauses, sku))
    return [p for pairs in found for p in pairs if sku is None or p.sku == sku]


def with_clauses(clauses: Sequence[Clause], sku: str | None = None) -> Change:
    """A change to these clauses, of one SKU or of all."""
    return lambda cfg: replace(cfg, clauses=tuple(clauses)) if sku in (None, cfg.sku) else cfg


def _matched(then: Sequence[Decision], now: Sequence[Decision]) -> Iterator[tuple[Decision | None, Decision | None]]:
    """By listing, in the order of then."""
    left = {(d.marketplace, d.sku): d for d in now}
    for d in then:
        yield d, left.pop((d.marketplace, d.sku), None)
    for d in left.values():
        yield None, d


def _word(value: object) -> str:
    return "none" if value is None else str(value)
