"""The event lane of one account: receive → decide → Actions → what was seen and decided is kept → acknowledge.

A message is acknowledged only after all that it changed and told is committed; one that comes again is known by its
id, and what it wishes by its key. One that cannot be handled is set aside with its reason: at once where it is itself
at fault, else after some tries. `round` does it once, in one commit, for whoever steps through time. `runtime/flow.py`
keeps it going: there what may leave is committed first (`decide`), and the rest a moment later (`keep`).
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Final

import psycopg
from sqlalchemy.exc import DataError

from ecom_agent.actions.door import Claim
from ecom_agent.actions.execute import Executor
from ecom_agent.actions.facts import GuardFacts
from ecom_agent.actions.ledger import Subject
from ecom_agent.actions.model import Action, Mode, State
from ecom_agent.actions.pipeline import Judged, Pipeline
from ecom_agent.actions.record import ActionRecord
from ecom_agent.clock import Clock
from ecom_agent.connector import Poison
from ecom_agent.errors import AuthFailed, EcomError, ParseFailed, StoreError, TerminalError
from ecom_agent.ids import AccountId, MarketplaceId
from ecom_agent.ingest.land import refusal
from ecom_agent.ingest.story import Ours, PageKey
from ecom_agent.ports.reads import RawEvent
from ecom_agent.runtime.batch import Batch, Heard, Wished, joined
from ecom_agent.runtime.engine_room import EngineRoom, Policy
from ecom_agent.runtime.other_news import STREAM, OtherNews, Source, set_aside
from ecom_agent.runtime.traces import Keeper, TraceKeeper, Traces
from ecom_agent.store.db import Database
from ecom_agent.store.events import EventStore
from ecom_agent.store.ledger import PgLedger
from ecom_agent.telemetry import DEAD_LETTERS, DECISIONS, EVENTS_IN, log
from native_pricer import Kind as Outcome
from pricing.repricing.pages import SOURCE as PAGE_EVENT

OUTCOMES: Final = tuple(kind.value for kind in Outcome)
# What an event itself can be at fault for: values that no database takes, an order that its platform does not know.
MOST_TRIES: Final = 5
_log = log(__name__)
_AT_FAULT: Final = (DataError, psycopg.DataError, ParseFailed, TerminalError)


@dataclass(slots=True)
class Handled:
    """What became of some messages. `left` are to come again; `claims` are in hand, committed and not yet sent."""

    counts: Counter[str] = field(default_factory=Counter)
    claims: list[Claim] = field(default_factory=list)
    left: list[RawEvent] = field(default_factory=list)
    batch: Batch | None = None
    """What was decided and is still to be kept."""
    waiting: int = 0
    """Approved Actions that were not taken in hand."""


@dataclass
class EventLane:
    """`policy` gives the repricing policy in force and its version. One thread at a time, but for `keep`."""

    account: AccountId
    platform: str
    marketplaces: tuple[MarketplaceId, ...]
    source: Source
    database: Database
    ledger: PgLedger
    pipeline: Pipeline
    clock: Clock
    mode: Mode
    policy: Policy
    engine_room: EngineRoom = field(init=False)
    keeper: Keeper = field(init=False)
    """Who keeps what `decide` gave and acknowledges it: this process itself, unless another is put in its place."""
    _here: TraceKeeper = field(init=False, repr=False)
    _other_news: OtherNews = field(init=False, repr=False)
    _put_off: dict[Subject, Wished] = field(default_factory=dict, init=False, repr=False)
    _keeping: threading.RLock = field(default_factory=threading.RLock, init=False, repr=False)
    """Who hands the engine's journal to the database, from taking it to the commit."""
    decided: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self.engine_room = EngineRoom(
            self.account, self.source.seller_id, self.marketplaces, self.database, self.clock, self.mode, self.policy
        )
        self.keeper = self._here = TraceKeeper(
            self.account, self.source, self.mode, self.database, self.ledger, self.pipeline
        )
        self._other_news = OtherNews(self.account, self.platform, self.source, self.database, self.clock)

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
        self.engine_room.learn_writes()
        done = self.handle(events)
        left = set(map(id, done.left))
        self.source.acknowledge([event for event in events if id(event) not in left])
        return dict(done.counts)

    def prepare(self) -> None:
        """Bring the engine up to the facts now rather than with the first event, and keep where its journal begins:
        thousands of listings would hold up the first events. Raises StoreError."""
        self.engine_room.refresh()
        with self._keeping:
            beginning = self._traces(Batch(()), self.clock.now())
            self._here.keep(beginning)
            self.engine_room.journal_kept(beginning.recorded)

    def handle(self, events: Sequence[RawEvent]) -> Handled:
        """Decide on these and keep all that follows, in one commit.

        Raises StoreError and AuthFailed; then none of them may be acknowledged.
        """
        done, offers = self._sorted_out(events)
        if offers:
            with self._keeping:
                self._together(offers, done)
        return done

    def decide(
        self, events: Sequence[RawEvent], executor: Executor, room: Callable[[int], int], *, put_off: bool = False
    ) -> Handled:
        """Decide on these; what they wish for goes to the gate, what may leave at once is taken in hand: one commit.

        `room` tells how many of so many may leave. `put_off`: more is known to come, which may overtake these; then
        the newest wish of each listing waits in memory for `catch_up` (should we die, the next sweep finds it by the
        pages that were kept). What is in the answer's `batch` is to be kept by `keep` before its events are
        acknowledged; all others are done with, but for those that are `left`.
        Raises StoreError and AuthFailed; then none of them may be acknowledged.
        """
        done, offers = self._sorted_out(events)
        if not offers:
            return done
        with self.engine_room.turn:
            batch = self._decided(offers)
        wishes = self._overtake(batch)
        if put_off:
            self._put_off |= wishes
        elif wishes:
            try:
                self._put_to_gate(list(wishes.values()), executor, room, done)
            except Exception as error:
                self._forget(batch)
                if isinstance(error, StoreError):
                    raise
                with self._keeping:
                    for heard in offers:
                        self._together([heard], done)
                return done
        done.batch = batch
        return done

    @property
    def behind(self) -> bool:
        """Whether wishes were put off."""
        return bool(self._put_off)

    def catch_up(self, executor: Executor, room: Callable[[int], int], most: int = 200) -> Handled:
        """Put to the gate what was put off, at most so many. Raises StoreError; then it is put off still.

        A wish that cannot be put to the gate holds up no other: it is left to the next sweep, and counted.
        """
        done, some = Handled(), dict(islice(self._put_off.items(), most))
        try:
            self._put_to_gate(list(some.values()), executor, room, done)
        except StoreError:
            raise
        except Exception:  # noqa: BLE001 - one of them is at fault: found by asking for each alone
            for wish in some.values():
                self._put_alone(wish, executor, done)
        for subject in some:
            del self._put_off[subject]
        return done

    def _put_alone(self, wish: Wished, executor: Executor, done: Handled) -> None:
        """One wish by itself; what may leave waits for the sender."""
        try:
            self._put_to_gate([wish], executor, lambda _wishes: 0, done)
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001 - a poison wish stops nothing but itself
            done.counts["left_to_sweep"] += 1
            _log.error("a wish cannot be put to the gate", account=self.account, error=type(error).__name__)

    def _overtake(self, batch: Batch) -> dict[Subject, Wished]:
        """The newest wish of each listing; what was put off and is older than these decisions is forgotten."""
        wishes = batch.wishes(self.account, self.mode)
        if self._put_off:
            for subject in (*wishes, *batch.settled(self.account, self.mode)):
                self._put_off.pop(subject, None)
        return wishes

    def keep(self, batches: Sequence[Batch]) -> Handled:
        """Keep what was decided before, in one commit: then its events may be acknowledged, but for those `left`.

        From any thread. Raises StoreError and AuthFailed; then none of them may be acknowledged, and their pages count
        as unseen.
        """
        with self._keeping:
            return self._keep(joined(batches))

    def _keep(self, batch: Batch) -> Handled:
        done = Handled()
        at = max(heard.at for heard, _ in batch)
        try:
            traces = self._traces(batch, at)
            found = self.keeper.keep(traces)
        except Exception as error:
            if isinstance(error, StoreError) or len(batch) == 1:
                self._forget(batch)
            if isinstance(error, StoreError):
                raise
            if len(batch) == 1:
                self._failed(batch.events[0], error, done)
                return done
            for pair in batch:
                alone = self._keep(Batch([pair]))
                done.counts += alone.counts
                done.left += alone.left
            return done
        self.engine_room.journal_kept(traces.recorded)
        self._count(found, done)
        return done

    def _traces(self, batch: Batch, at: datetime) -> Traces:
        ours, found = self.engine_room.ours, dict[PageKey, Sequence[Ours]]()
        for _, result in batch:
            if (read := result.read) is not None and (page := (read.marketplace, read.asin, read.condition)) in ours:
                found[page] = ours[page]
        return Traces(batch, found, self.engine_room.recorded(at))

    def _sorted_out(self, events: Sequence[RawEvent]) -> tuple[Handled, list[Heard]]:
        """Messages about offers, and what became of all others."""
        self.engine_room.refresh()
        done, offers = Handled(), []
        done.counts["received"] = len(events)
        for event in events:
            known = self.source.offers_event(event)
            if known is not None:
                offers.append(Heard(event, known, self.clock.now()))
                continue
            try:
                self._other_news.take(event, done.counts)
            except Exception as error:  # noqa: BLE001 - a poison event stops nothing but itself; what is not its own is raised
                self._failed(event, error, done)
        EVENTS_IN.labels(self.platform, PAGE_EVENT).inc(len(offers))
        return done, offers

    def _decided(self, offers: Sequence[Heard]) -> Batch:
        lane = self.engine_room.lane
        return Batch([(heard, lane.on_event(heard.event.body, heard.at)) for heard in offers])

    def _together(self, offers: Sequence[Heard], done: Handled) -> None:
        """Decide on each page and keep all that follows in one commit; a batch that cannot be kept goes one by one.

        `_keeping` is ours.
        """
        at, batch = offers[-1].at, Batch(())
        try:
            with self.database.unit() as unit, self.ledger.within(unit) as book:
                new = EventStore(unit.session).take(
                    [x.id for x in offers], account=self.account, type=PAGE_EVENT, at=at
                )
                first = {heard.id: heard for heard in reversed(offers) if heard.id in new}
                with self.engine_room.turn:
                    batch = self._decided([heard for heard in offers if first.get(heard.id) is heard])
                judged = self.pipeline.propose_all_in(
                    book, self._actions(batch.wishes(self.account, self.mode).values())
                )
                traces = self._traces(batch, at)
                found = self._here.leave(unit, book, traces, new)
        except Exception as error:
            self._forget(batch)
            if isinstance(error, StoreError):
                raise
            if len(offers) > 1:
                for heard in offers:
                    self._together([heard], done)
            else:
                self._failed(offers[0].event, error, done)
            return
        self.engine_room.journal_kept(traces.recorded)
        found["duplicate"] += len(offers) - len(batch)
        self._count(found, done)
        self._count_judged(judged, batch.moves, done)

    def _put_to_gate(
        self, wishes: Sequence[Wished], executor: Executor, room: Callable[[int], int], done: Handled
    ) -> None:
        """Wish for what is to move, and take in hand what may leave at once."""
        actions = self._actions(wishes)
        take, claims = room(len(actions)), list[Claim]()
        with self.ledger.unit() as book:
            judged = self.pipeline.propose_all_in(book, actions)
            if take:
                claims = executor.claim_in(book, best(judged)[:take])
        done.claims += claims
        done.waiting += sum(record.state is State.APPROVED for record, _ in judged) - len(claims)
        self._count_judged(judged, len(actions), done)

    def _actions(self, wishes: Iterable[Wished]) -> list[Action]:
        lane = self.engine_room.lane
        return [action for result, d in wishes if (action := lane.action(result, d)) is not None]

    def _forget(self, batch: Batch) -> None:
        """These could not be kept: their pages count as unseen when they come again."""
        with self.engine_room.turn:
            lane = self.engine_room.lane
            for _, result in batch:
                lane.forget(result)

    def _count(self, found: Counter[str], done: Handled) -> None:
        done.counts.update({name: count for name, count in found.items() if count})
        for outcome in OUTCOMES:
            DECISIONS.labels(outcome).inc(found[outcome])
            self.decided += found[outcome]

    def _count_judged(self, judged: Sequence[Judged], wishes: int, done: Handled) -> None:
        done.counts.update(f"action_{record.state}" for record, _ in judged)
        if wishes > len(judged):
            done.counts["overtaken"] += wishes - len(judged)

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
            set_aside(unit, self.account, event.body, STREAM, Poison(None, why, None), self.clock.now())
        done.counts["unreadable"] += 1


def best(judged: Sequence[Judged]) -> list[tuple[ActionRecord, GuardFacts]]:
    """Those approved just now, with the facts they were judged on, those worth most first."""
    fresh = [(record, facts) for record, facts in judged if facts is not None and record.state is State.APPROVED]
    return sorted(fresh, key=lambda pair: -pair[0].worth)


def _at_fault(error: Exception) -> bool:
    """Whether the event itself is the reason, so that it would fail every time it comes."""
    return isinstance(error, _AT_FAULT) and not isinstance(error, AuthFailed)
