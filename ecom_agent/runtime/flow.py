"""One account's event lane kept going: receiving, deciding, sending and acknowledging overlap.

    receivers (several, long poll) → inbox → decide and commit (one thread, the caller's) → sender (one) → receipts
                                                                └→ acknowledge (one)

A batch is whatever arrived while the one before it was decided, so it grows with the backlog: one by one in quiet
hours, hundreds when a queue is drained, each batch one commit. What may leave at once is taken in hand in that same
commit; what may not waits in the database, ranked, and the sender comes back for it as tokens come.
Threads, not processes: the engine has one writer, and most of each stage is waiting for a socket or a disk.
"""

from __future__ import annotations

import gc
import sys
import threading
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from ecom_agent.actions.execute import Claim, Executor
from ecom_agent.actions.pipeline import Pipeline
from ecom_agent.actions.record import ActionRecord
from ecom_agent.clock import Clock
from ecom_agent.errors import AuthFailed, EcomError
from ecom_agent.ports.reads import RawEvent
from ecom_agent.runtime.lane import EventLane
from ecom_agent.telemetry import log

RECEIVERS: Final = 3
BATCH: Final = 400
"""Most events of one commit."""
IN_HAND: Final = 800
"""Most events received and not yet acknowledged: they come again if we die."""
POLL_S: Final = 20
MOST_AT_ONCE: Final = 10
PAUSE_S: Final = 0.05
"""After an empty answer, in case the queue does not wait as asked."""
QUIET_S: Final = 2.0
AFTER_FAILURE_S: Final = 5.0
# A thread that waits for its turn gets it within this; Python's own 5 ms would be a fifth of an event's whole time.
SWITCH_S: Final = 0.0005
_log = log(__name__)


class Inbox:
    """Events received and not yet finished, with room for so many."""

    def __init__(self, room: int) -> None:
        self._room, self._left = room, room
        self._events: deque[RawEvent] = deque()
        self._changed = threading.Condition()

    def wait_for_room(self, many: int, timeout_s: float) -> bool:
        """Keep room for `many`; False where there was none in time."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._left >= many, timeout_s):
                return False
            self._left -= many
            return True

    def put(self, events: Sequence[RawEvent], kept: int) -> None:
        """These came in the place of `kept` that room was kept for."""
        with self._changed:
            self._left += kept - len(events)
            self._events.extend(events)
            self._changed.notify_all()

    def take(self, most: int, timeout_s: float) -> list[RawEvent]:
        """What is there, at most `most`; waits for the first."""
        with self._changed:
            self._changed.wait_for(lambda: self._events, timeout_s)
            return [self._events.popleft() for _ in range(min(most, len(self._events)))]

    def finished(self, many: int) -> None:
        with self._changed:
            self._left += many
            self._changed.notify_all()


class Queue:
    """Work from one thread to another. `take` gives all that is there."""

    def __init__(self) -> None:
        self._items: deque[object] = deque()
        self._changed = threading.Condition()
        self._busy = 0

    def put(self, items: Sequence[object]) -> None:
        with self._changed:
            self._items.extend(items)
            self._changed.notify_all()

    def take(self, timeout_s: float) -> list[object]:
        with self._changed:
            self._changed.wait_for(lambda: self._items, timeout_s)
            found = list(self._items)
            self._items.clear()
            return found

    def __len__(self) -> int:
        return len(self._items)


@dataclass
class Flow:
    """`run` works until `stop` is set, then finishes what is in hand. `report` is told when the account is refused."""

    lane: EventLane
    pipeline: Pipeline
    executor: Executor
    clock: Clock
    claimed_by: str
    report: Callable[[str], None] = lambda _why: None
    receivers: int = RECEIVERS
    stop: threading.Event = field(default_factory=threading.Event)
    counts: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._inbox = Inbox(IN_HAND)
        self._claims, self._acks, self._sent = Queue(), Queue(), Queue()
        self._decided = threading.Event()
        self._backlog = threading.Event()
        self._counting = threading.Lock()

    def run(self) -> None:
        """Raises nothing for what the outside refuses: it is logged, and tried again."""
        sys.setswitchinterval(min(sys.getswitchinterval(), SWITCH_S))
        self._attempt("the engine cannot be loaded", self.lane.prepare)
        gc.collect()
        gc.freeze()  # a catalogue in memory is no garbage: looking through it would hold up everything
        receivers = [self._start(self._receive, f"receive-{n}") for n in range(self.receivers)]
        others = [self._start(self._send, "send"), self._start(self._acknowledge, "acknowledge")]
        self._backlog.set()
        try:
            while not self.stop.is_set() or any(t.is_alive() for t in receivers):
                self._decide(self._inbox.take(BATCH, 0.2))
            while left := self._inbox.take(BATCH, 0.0):
                self._decide(left)
        finally:
            self.stop.set()
            self._decided.set()
            for thread in (*receivers, *others):
                thread.join()

    def _start(self, work: Callable[[], None], name: str) -> threading.Thread:
        thread = threading.Thread(target=work, name=f"{self.lane.account}-{name}", daemon=True)
        thread.start()
        return thread

    def _receive(self) -> None:
        while not self.stop.is_set():
            if not self._inbox.wait_for_room(MOST_AT_ONCE, 0.5):
                continue
            events: Sequence[RawEvent] = ()
            try:
                events = self.lane.source.receive(wait_s=POLL_S, most=MOST_AT_ONCE)
                if not events:
                    self.stop.wait(PAUSE_S)
            except EcomError as error:
                self._trouble("events cannot be had", error)
            finally:
                self._inbox.put(events, MOST_AT_ONCE)

    def _decide(self, events: list[RawEvent]) -> None:
        """One batch: learn what was sent, decide, keep it in one commit, pass on."""
        account = self.lane.account
        self.lane.sent([record for record in self._sent.take(0.0) if isinstance(record, ActionRecord)])
        if not events:
            return
        express = 0 if self._backlog.is_set() else self._room(len(events))
        try:
            self._learn()
            done = self.lane.handle(events, self.executor, express)
        except EcomError as error:  # the queue brings them again
            if express:
                self.executor.done_with(account)
            self._inbox.finished(len(events))
            self._trouble("a batch could not be kept", error)
            return
        self._claims.put(done.claims)
        if express and not done.claims:
            self.executor.done_with(account)
        if done.waiting:
            self._backlog.set()
        left = set(map(id, done.left))
        self._acks.put([event for event in events if id(event) not in left])
        self._inbox.finished(len(left))
        self._count(done.counts)

    def _room(self, most: int) -> int:
        try:
            return self.executor.room_now(self.lane.account, most)
        except EcomError as error:
            _log.warning("no tokens can be had", account=self.lane.account, error=str(error))
            return 0

    def _learn(self) -> None:
        """What other processes sent, every other second."""
        now = self.clock.now().timestamp()
        if now - getattr(self, "_learned_at", 0.0) >= QUIET_S:
            self.lane.learn_writes(self.claimed_by)
            self._learned_at = now

    def _send(self) -> None:
        """What is in hand first; then what waits, as tokens come."""
        while not (self._decided.is_set() and not self._claims):
            claims = [claim for claim in self._claims.take(0.2) if isinstance(claim, Claim)]
            try:
                if claims:
                    self._send_claims(claims)
                elif not self._decided.is_set():
                    self._send_waiting()
            except EcomError as error:
                self._trouble("what was sent could not be written down", error)

    def _send_claims(self, claims: Sequence[Claim]) -> None:
        records, _rests = self.executor.send(claims)
        self.executor.done_with(self.lane.account)
        self._sent.put(records)
        self._count(Counter(str(record.state) for record in records))

    def _send_waiting(self) -> None:
        self.pipeline.judge_again()
        self._backlog.clear()  # before looking: what is approved from now on sets it again
        done = self.executor.run_once(MOST_AT_ONCE, [self.lane.account], self._sent.put)
        if done:
            self._backlog.set()
        self._count(Counter(done))

    def _acknowledge(self) -> None:
        while not (self._decided.is_set() and not self._acks):
            events = self._acks.take(0.2)
            if not events:
                continue
            try:
                self.lane.source.acknowledge(events)
            except EcomError as error:  # they come again and are known by their ids
                self._trouble("events could not be acknowledged", error)
            self._inbox.finished(len(events))

    def _count(self, counts: Counter[str]) -> None:
        with self._counting:
            self.counts.update(counts)

    def _attempt(self, what: str, verb: Callable[[], None]) -> None:
        try:
            verb()
        except EcomError as error:
            self._trouble(what, error)

    def _trouble(self, what: str, error: EcomError) -> None:
        if isinstance(error, AuthFailed):
            self.report(str(error))
        _log.warning(what, account=self.lane.account, error=str(error))
        if not self.stop.is_set():
            self.stop.wait(AFTER_FAILURE_S)
