"""The event lane of one account: receive → decide → Actions, page and price story in one commit → acknowledge.

A message is acknowledged only after what it changed is committed; one that comes again is known by its id. One that
cannot be handled is set aside with its reason: at once where it is itself at fault, else after some tries.
`round` does it once, for whoever steps through time; `runtime/flow.py` keeps it going.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Protocol

import psycopg
from sqlalchemy.exc import DataError

from ecom_agent.actions.execute import Claim, Executor
from ecom_agent.actions.facts import GuardFacts
from ecom_agent.actions.halts import Halt, HaltLevel
from ecom_agent.actions.ledger import Book, Subject
from ecom_agent.actions.model import Kind, Mode, State
from ecom_agent.actions.pipeline import Judged, Pipeline
from ecom_agent.actions.record import ActionRecord
from ecom_agent.clock import Clock
from ecom_agent.connector import Page, Poison
from ecom_agent.errors import AuthFailed, EcomError, ParseFailed, StoreError, TerminalError
from ecom_agent.ids import AccountId, MarketplaceId, OrderId
from ecom_agent.ingest.land import land, land_page, refusal
from ecom_agent.ingest.story import PageKey, by_page, tell_story
from ecom_agent.money import Money
from ecom_agent.ports.reads import RawEvent
from ecom_agent.records.catalog import Listing
from ecom_agent.records.events import Notification, OrderChange
from ecom_agent.records.offers import OfferSnapshot
from ecom_agent.records.orders import Order
from ecom_agent.store.db import Database, Unit
from ecom_agent.store.events import EventStore
from ecom_agent.store.facts import FactStore
from ecom_agent.store.halts import HaltStore
from ecom_agent.store.heard import HeardStore
from ecom_agent.store.kept_events import EventKeeper
from ecom_agent.store.ledger import PgLedger
from ecom_agent.store.offers import OfferStore
from ecom_agent.store.sent import sent_prices
from ecom_agent.telemetry import DEAD_LETTERS, DECISIONS, EVENTS_IN, log
from native_pricer import Code
from native_pricer import Kind as Outcome
from pricing.repricing.inputs import NAME as REPRICING
from pricing.repricing.inputs import RepricePolicy
from pricing.repricing.lane import Lane, LaneResult
from pricing.repricing.pages import SOURCE as PAGE_EVENT
from pricing.repricing.pages import moment

STREAM: Final = "events"
OUTCOMES: Final = tuple(kind.value for kind in Outcome)
# Limits, halts and fees as the engine knows them are at most this old; the gate asks for the newest before sending.
REFRESH: Final = timedelta(seconds=30)
LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)
# Writes are asked for once more than needed: another process may commit one a moment after it was dated.
OVERLAP: Final = timedelta(minutes=2)
# What an event itself can be at fault for: values that no database takes, an order that its platform does not know.
MOST_TRIES: Final = 5
# Holds that are about the moment or the event, not about the price that the newest page asks for.
_SAYS_NOTHING: Final = frozenset(
    {Code.MALFORMED, Code.FUTURE, Code.DUPLICATE, Code.SUPERSEDED, Code.STALE, Code.COOLDOWN, Code.HALTED, Code.GUARD}
)
_log = log(__name__)
_AT_FAULT: Final = (DataError, psycopg.DataError, ParseFailed, TerminalError)


@dataclass(frozen=True, slots=True)
class _Heard:
    """One message about offers on a page, as received, and when."""

    event: RawEvent = field(repr=False)
    id: str
    at: datetime

    @property
    def raw(self) -> bytes:
        return self.event.body


@dataclass(slots=True)
class Handled:
    """What became of some messages. `left` are to come again; `claims` are in hand, committed and not yet sent."""

    counts: Counter[str] = field(default_factory=Counter)
    claims: list[Claim] = field(default_factory=list)
    left: list[RawEvent] = field(default_factory=list)
    waiting: int = 0
    """Approved Actions that were not taken in hand."""


class Source(Protocol):
    """What the lane needs of a connector."""

    @property
    def seller_id(self) -> str: ...
    def subscribe(self) -> tuple[str, ...]: ...
    def receive(self, *, wait_s: int, most: int) -> Any: ...
    def acknowledge(self, events: Any) -> None: ...
    def offers_event(self, event: RawEvent) -> str | None: ...
    def read_event(self, event: RawEvent) -> Notification: ...
    def get_order(self, order_id: OrderId) -> Order: ...


@dataclass
class EventLane:
    """`policy` gives the repricing policy in force and its version. One thread at a time.

    `claimed_by`: the name under which this process sends; whoever calls `sent` for what it sent itself says so, and
    then only the writes of others are asked for.
    """

    account: AccountId
    platform: str
    marketplaces: tuple[MarketplaceId, ...]
    source: Source
    database: Database
    ledger: PgLedger
    pipeline: Pipeline
    clock: Clock
    mode: Mode
    policy: Callable[[Unit], tuple[int, Mapping[str, Any]]]
    _lane: Lane | None = None
    _loaded_at: datetime | None = field(default=None, repr=False)
    _told_until: datetime | None = None
    _ours: Mapping[PageKey, Sequence[Listing]] = field(default_factory=dict, repr=False)
    _facts_as_of: Any = field(default=None, repr=False)
    decided: int = field(default=0, init=False)

    def subscribe(self) -> tuple[str, ...]:
        """Set up queue and subscriptions; idempotent."""
        return self.source.subscribe()

    def round(self, *, wait_s: int, most: int) -> dict[str, int]:
        """Receive once and handle what came. Gives counts: received, duplicate, orders, moves, holds, …

        Raises what the platform raises; messages that were not handled come again.
        """
        events = self.source.receive(wait_s=wait_s, most=most)
        if not events:
            return {}
        self.learn_writes()
        done = self.handle(events)
        left = set(map(id, done.left))
        self.source.acknowledge([event for event in events if id(event) not in left])
        return dict(done.counts)

    def prepare(self) -> None:
        """Load the engine now rather than with the first event."""
        self._refresh()

    def handle(self, events: Sequence[RawEvent], executor: Executor | None = None, take: int = 0) -> Handled:
        """Decide on these and keep what follows. Up to `take` changes are taken in hand for `executor` at once.

        Raises StoreError and AuthFailed; then none of them may be acknowledged.
        """
        self._refresh()
        done = Handled()
        done.counts["received"] = len(events)
        offers: list[_Heard] = []
        for event in events:
            known = self.source.offers_event(event)
            if known is not None:
                EVENTS_IN.labels(self.platform, PAGE_EVENT).inc()
                offers.append(_Heard(event, known, self.clock.now()))
                continue
            try:
                self._other(event, done.counts)
            except Exception as error:  # noqa: BLE001 - a poison event stops nothing but itself; what is not its own is raised
                self._failed(event, error, done)
        if offers:
            self._reprice(offers, done, executor, take)
        return done

    def _other(self, event: RawEvent, counts: Counter[str]) -> None:
        """A message that is not about offers: an order is pulled, anything else is kept as received."""
        now = self.clock.now()
        try:
            told = self.source.read_event(event)
        except ParseFailed:
            EVENTS_IN.labels(self.platform, "unreadable").inc()
            raise
        EVENTS_IN.labels(self.platform, told.type).inc()
        if isinstance(told.content, OrderChange):
            self._order(event.body, told, told.content.order_id, counts)
            return
        with self.database.unit() as unit:
            if self._seen(unit, told, now):
                counts["duplicate"] += 1
                return
            page: Page[Any] = Page((), None, False, told.type, event.body)
            land_page(unit.session, self.account, STREAM, page, at=now)
            counts["other"] += 1

    def _reprice(self, batch: Sequence[_Heard], done: Handled, executor: Executor | None, take: int) -> None:
        """Decide on each page and keep all that follows in one commit; a batch that cannot be kept goes one by one."""
        lane = self._loaded()
        results: list[LaneResult] = []
        found, claims, waiting = Counter[str](), [], 0
        try:
            with self.database.unit() as unit, self.ledger.within(unit) as book:
                ids = [heard.id for heard in batch]
                new = EventStore(unit.session).take(ids, account=self.account, type=PAGE_EVENT, at=batch[0].at)
                for heard in batch:
                    if heard.id not in new:
                        found["duplicate"] += 1
                        continue
                    new.discard(heard.id)
                    result = lane.on_event(heard.raw, heard.at)
                    results.append(result)
                    if result.page is None:
                        poison = Poison(heard.id, result.problem or "cannot be read", None)
                        self._set_aside(unit, heard.raw, PAGE_EVENT, poison, heard.at)
                        found["unreadable"] += 1
                    found.update(result.outcomes())
                judged = self._propose(book, results, found)
                if executor is not None and take:
                    claims = executor.claim_in(book, best(judged)[:take])
                waiting = sum(record.state is State.APPROVED for record, _ in judged) - len(claims)
                self._remember(unit, [r.page for r in results if r.page is not None])
                journal = EventKeeper(unit.session)
                kept = journal.keep(self.account, lane.engine, at=batch[-1].at, days=lane.policy.keep_days)
        except Exception as error:
            for result in results:
                lane.forget(result)
            if isinstance(error, StoreError):
                raise
            if len(batch) > 1:
                for heard in batch:
                    self._reprice([heard], done, executor, take)
            else:
                self._failed(batch[0].event, error, done)
            return
        lane.engine.kept(kept)
        done.counts.update({name: count for name, count in found.items() if count})
        done.claims += claims
        done.waiting += waiting
        for outcome in OUTCOMES:
            DECISIONS.labels(outcome).inc(found[outcome])
            self.decided += found[outcome]

    def _propose(self, book: Book, results: Sequence[LaneResult], found: Counter[str]) -> list[Judged]:
        """Wish for what is to move; take back what waits where the newest page says that nothing is to."""
        wishes = [action for result in results for action in result.actions]
        judged = self.pipeline.propose_all_in(book, wishes)
        found.update(f"action_{record.state}" for record, _ in judged)
        found["overtaken"] += len(wishes) - len(judged)
        settled: dict[Subject, datetime] = {}
        for result in results:
            for d in result.decisions:
                if d.kind is Outcome.HOLD and d.code not in _SAYS_NOTHING and d.sku and d.changed_at_us is not None:
                    at = (self.mode.value, Kind.PRICE_SET.value, self.account, d.marketplace or "", d.sku)
                    settled[at] = max(moment(d.changed_at_us), settled.get(at, LONG_AGO))
        found["withdrawn"] += self.pipeline.withdraw_in(book, settled, REPRICING, "newer offers want no change")
        return judged

    def _remember(self, unit: Unit, pages: Sequence[OfferSnapshot]) -> None:
        """The newest page of each, its moment in the charts, and that it was heard of."""
        OfferStore(unit.session).upsert(pages)
        tell_story(unit.session, self.account, self.source.seller_id, pages, self._ours)
        HeardStore(unit.session).told(pages, self.source.seller_id)

    def _failed(self, event: RawEvent, error: Exception, done: Handled) -> None:
        """Set aside what can never be handled, at once or after some tries; anything else comes again."""
        if isinstance(error, StoreError | AuthFailed):
            raise error
        if not _at_fault(error):
            if event.tries < MOST_TRIES:
                done.left.append(event)
                done.counts["left"] += 1
                _log.warning("an event will be tried again", account=self.account, tries=event.tries, error=str(error))
                return
            done.counts["dead"] += 1
            DEAD_LETTERS.labels(self.platform).inc()
        why = str(error) if isinstance(error, EcomError) else refusal(error)
        if not _at_fault(error):
            why = f"given up after {event.tries} tries: {type(error).__name__}: {why}"
        with self.database.unit() as unit:
            self._set_aside(unit, event.body, STREAM, Poison(None, why, None), self.clock.now())
        done.counts["unreadable"] += 1

    def _order(self, raw: bytes, told: Notification, order_id: OrderId, counts: Counter[str]) -> None:
        with self.database.unit() as unit:
            if EventStore(unit.session).known(told.id):
                counts["duplicate"] += 1
                return
        order = self.source.get_order(order_id)
        with self.database.unit() as unit:
            now = self.clock.now()
            land(unit.session, self.account, "orders", [order], operation=told.type, raw=raw, at=now)
            self._seen(unit, told, now)
        counts["orders"] += 1

    def _seen(self, unit: Unit, told: Notification, at: datetime) -> bool:
        return EventStore(unit.session).seen(told.id, account=self.account, type=told.type, at=at)

    def _set_aside(self, unit: Unit, raw: bytes, operation: str, poison: Poison, at: datetime) -> None:
        page: Page[Any] = Page((), None, False, operation, raw, (poison,))
        land_page(unit.session, self.account, STREAM, page, at=at)

    def _loaded(self) -> Lane:
        if self._lane is None:
            self._refresh()
        assert self._lane is not None
        return self._lane

    def learn_writes(self, without: str | None = None) -> None:
        """Whoever sent a price (another process, or this one), the engine decides the next step from it.

        `without` leaves out what this process sent itself under that name: `sent` was told of it.
        """
        lane, now = self._loaded(), self.clock.now()
        since = lane.sent_matter_since(now) if self._told_until is None else self._told_until
        with self.database.unit() as unit:
            sent = sent_prices(unit.session, self.account, self.mode, since, without)
        for was in sent:
            lane.applied(was.marketplace, was.sku, was.price, was.at, was.before)
        self._told_until = now - OVERLAP

    def sent(self, records: Sequence[ActionRecord]) -> None:
        """These were sent by this process a moment ago."""
        lane = self._loaded()
        for record in records:
            action = record.action
            taken = record.state in (State.APPLIED, State.VERIFIED) and record.sent_at is not None
            if taken and isinstance(action.after, Money) and record.sent_at is not None:
                before = action.before if isinstance(action.before, Money) else None
                lane.applied(action.marketplace, action.target, action.after, record.sent_at, before)

    def _refresh(self) -> None:
        """Bring the engine up to the store's facts, unless it was a moment ago or nothing has changed."""
        now = self.clock.now()
        if self._loaded_at is not None and now - self._loaded_at < REFRESH:
            return
        with self.database.unit() as unit:
            version, body = self.policy(unit)
            facts = FactStore(unit.session)
            as_of = (version, body, facts.as_of(self.account, now))
            if self._lane is None or as_of != self._facts_as_of:
                self._load(facts, version, RepricePolicy.read(body), now)
            self._set_halts(HaltStore(unit.session).active())
        self._loaded_at, self._facts_as_of = now, as_of

    def _load(self, facts: FactStore, version: int, policy: RepricePolicy, now: datetime) -> None:
        if self._lane is None:
            self._lane = Lane(self.account, self.source.seller_id, self.mode, policy, version)
        self._lane.policy, self._lane.policy_version = policy, version
        self._lane.load(facts, self.marketplaces, now)
        self._ours = by_page([x for place in self.marketplaces for x in facts.listings(self.account, place)])

    def _set_halts(self, active: Sequence[Halt]) -> None:
        lane = self._loaded()
        scopes: dict[HaltLevel, list[str]] = {HaltLevel.HALTED: [], HaltLevel.REDUCING: []}
        for halt in active:
            scopes[halt.level].append(halt.scope)
        lane.set_halts(scopes[HaltLevel.HALTED], scopes[HaltLevel.REDUCING])


def best(judged: Sequence[Judged]) -> list[tuple[ActionRecord, GuardFacts]]:
    """Those approved just now, with the facts they were judged on, those worth most first."""
    fresh = [(record, facts) for record, facts in judged if facts is not None and record.state is State.APPROVED]
    return sorted(fresh, key=lambda pair: -pair[0].worth)


def _at_fault(error: Exception) -> bool:
    """Whether the event itself is the reason, so that it would fail every time it comes."""
    return isinstance(error, _AT_FAULT) and not isinstance(error, AuthFailed)
