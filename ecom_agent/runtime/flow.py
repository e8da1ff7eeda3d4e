"""One account's event lane kept going: receiving, deciding, sending, keeping and acknowledging overlap.

    receivers (several, long poll) → inbox → decide (one thread, the caller's) → sender (one) → settler (one), learning
                                               └→ keeper (one) → acknowledge (one)

A batch is whatever arrived while the one before it was decided, so it grows with the backlog: one by one in quiet
hours, thousands when a queue is drained. What may leave at once is taken in hand in the commit that approves it; what
may not waits in the database, ranked, and the sender comes back for it as tokens come. What was seen and decided is
kept some moments later, for several batches at once, and only then acknowledged: if we die before, the events come
again, and what they wish for is known by its key. Keeping, acknowledging and settling wait for a lull: begun in the
middle of a batch they would hold it up.
Threads: the engine has one writer, and most of each stage is waiting for a socket or a disk. Keeping is not, so live it
is a process of its own that the keeper's thread speaks with (`beside.py`).
"""

from __future__ import annotations

import gc
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from ecom_agent.actions.door import Claim
from ecom_agent.actions.execute import Answered, Answers, Executor
from ecom_agent.actions.model import State
from ecom_agent.actions.pipeline import Pipeline
from ecom_agent.actions.record import ActionRecord
from ecom_agent.clock import Clock
from ecom_agent.errors import AuthFailed, EcomError
from ecom_agent.ports.reads import RawEvent
from ecom_agent.runtime.batch import Batch
from ecom_agent.runtime.lane import EventLane, Handled
from ecom_agent.runtime.passing import Inbox, Lull, Queue, Tokens
from ecom_agent.telemetry import log

RECEIVERS: Final = 3
BATCH: Final = 2_000
"""Most events that are decided together: of several for one listing only the newest goes to the gate."""
IN_HAND: Final = 10_000
"""Most events received and not yet acknowledged: they come again if we die."""
POLL_S: Final = 20
MOST_AT_ONCE: Final = 10
DEEP: Final = 100
"""So many events that came while the former batch was decided, and faster than `FAST_PER_S`: we are behind, and more
may overtake them. After a mere pause (a slow commit) as many wait, but they came no faster."""
FAST_PER_S: Final = 800.0
MOST_BEHIND_S: Final = 60.0
GATHER_S: Final = 0.2
"""How long events of a backlog are gathered to be decided together."""
KEEP_EVERY_S: Final = 0.03
"""How long what was decided waits to be kept together with what comes after it: little enough for a lull."""
AT_LATEST_S: Final = 0.2
"""How long keeping, acknowledging and settling wait for a lull."""
MOST_SETTLED: Final = 50
"""Most answers of the platform that are written down together."""
SETTLE_EVERY_S: Final = 0.1
"""How long an answer waits to be written down together with those after it."""
LOOK_EVERY_S: Final = 0.2
PAUSE_S: Final = 0.05
"""After an empty answer, in case the queue does not wait as asked."""
QUIET_S: Final = 2.0
AFTER_FAILURE_S: Final = 5.0
GARBAGE: Final = 5_000
"""So many objects are made before Python looks for circles among them: its own 700 are a dozen events, and at ten times
as many as these a look takes 30 ms, for which all wait."""
# A thread that waits for its turn gets it within this; Python's own 5 ms would be a fifth of an event's whole time.
SWITCH_S: Final = 0.0005
_log = log(__name__)


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
        self._claims, self._told = Queue[Claim](), Queue[Batch]()
        self._answers, self._sent = Queue[Answered](), Queue[ActionRecord]()
        self._acks = Queue[RawEvent]()
        self._tokens = Tokens(self.executor, self.lane.account)
        self._lull = Lull(lambda: not self._claims)
        self._decided, self._knocked, self._kept = threading.Event(), threading.Event(), threading.Event()
        self._backlog, self._slack = threading.Event(), threading.Event()
        self._more_wait = False
        self._behind_until: float | None = None
        self._learned_at: float | None = None
        self._taken_at = time.monotonic()
        self._counting = threading.Lock()

    def run(self) -> None:
        """Raises nothing for what the outside refuses: it is logged, and tried again."""
        sys.setswitchinterval(min(sys.getswitchinterval(), SWITCH_S))
        self._attempt("the engine cannot be loaded", self.lane.prepare)
        gc.collect()
        gc.freeze()  # a catalogue in memory is no garbage: looking through it would hold up everything
        gc.set_threshold(GARBAGE, *gc.get_threshold()[1:])
        receivers = [self._start(self._receive, f"receive-{n}") for n in range(self.receivers)]
        stages = {
            "send": self._send, "settle": self._settle, "keep": self._keep, "acknowledge": self._acknowledge
        }  # fmt: skip
        others = [self._start(work, name) for name, work in stages.items()]
        self._backlog.set()
        try:
            while not self.stop.is_set() or any(t.is_alive() for t in receivers):
                if self._behind_until is not None:  # each batch has its price, and none of these is in a hurry
                    self.stop.wait(GATHER_S)
                at_once = self.lane.behind and self._behind_until is None
                self._decide(self._inbox.take(BATCH, 0.0 if at_once else LOOK_EVERY_S))
            while left := self._inbox.take(BATCH, 0.0):
                self._decide(left)
            while self.lane.behind and self._promised("what was put off is left to the sweep", self.lane.catch_up):
                pass
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
                if len(events) < MOST_AT_ONCE:
                    self._slack.set()
                if not events:
                    self.stop.wait(PAUSE_S)
            except EcomError as error:
                self._trouble("events cannot be had", error)
            finally:
                self._inbox.put(events, MOST_AT_ONCE)
                _after_you()

    def _decide(self, events: list[RawEvent]) -> None:
        """One batch: learn what was sent, decide, commit what may leave, pass on.

        While a backlog is drained, wishes are put off: of each listing's events only the newest will matter.
        """
        self.lane.engine_room.sent(self._sent.take(0.0))
        put_off = self._is_behind(len(events))
        if self.lane.behind and not put_off:
            self._promised("what was put off waits on", self.lane.catch_up)
        if not events:
            return
        with self._lull.over():
            done = self._promised(
                "a batch could not be decided",
                lambda executor, room: self.lane.decide(events, executor, room, put_off=put_off),
            )
        if done is None:  # the queue brings them again
            self._inbox.finished(len(events))
            return
        if done.batch is not None:
            self._told.put([done.batch])
        held = {*map(id, done.left), *(map(id, done.batch.events) if done.batch is not None else ())}
        self._acks.put([event for event in events if id(event) not in held])
        self._inbox.finished(len(done.left))

    def _is_behind(self, waiting: int) -> bool:
        """Whether a backlog is being drained: from a deep batch until the queue gives less than asked, or slowly.

        Never for longer than a minute: what is wished by then goes to the gate.
        """
        now, before = time.monotonic(), self._taken_at
        self._taken_at = now
        slow = waiting < FAST_PER_S * (now - before)
        if self._behind_until is None and waiting >= DEEP and not slow:
            self._slack.clear()
            self._behind_until = now + MOST_BEHIND_S
        elif self._behind_until is not None:
            quiet = not waiting and self._inbox.has_room(MOST_AT_ONCE)  # asked for, and nothing came
            full = not self._inbox.has_room(MOST_AT_ONCE)  # slow because there was no room for more
            if quiet or self._slack.is_set() or now > self._behind_until or (slow and not full):
                self._behind_until = None
        return self._behind_until is not None

    def _promised(self, trouble: str, decide: Callable[[Executor, Callable[[int], int]], Handled]) -> Handled | None:
        """Decide something, with tokens for what may leave at once; None where it could not be."""
        promised = 0

        def room(wishes: int) -> int:
            nonlocal promised
            promised = self._room(wishes)
            return promised

        try:
            if self._learned_at is None:
                self._learn()
            done = decide(self.executor, room)
        except EcomError as error:
            self._tokens.unused(promised)
            self._trouble(trouble, error)
            return None
        self._tokens.unused(promised - len(done.claims))
        self._claims.put(done.claims)
        _after_you()
        if done.waiting:
            self._backlog.set()
        self._count(done.counts)
        return done

    def _room(self, wishes: int) -> int:
        """How many of so many wishes may leave at once; none while others wait, which may be worth more."""
        if self._backlog.is_set():
            return 0
        try:
            return self._tokens.promise(wishes)
        except EcomError as error:
            _log.warning("no tokens can be had", account=self.lane.account, error=str(error))
            return 0

    def _keep(self) -> None:
        """What was decided is kept, as much as came within a moment in one commit."""
        try:
            while not (self._decided.is_set() and not self._told):
                batches = self._told.take(LOOK_EVERY_S)
                if not batches:
                    continue
                self._decided.wait(KEEP_EVERY_S)
                with self._lull.used(AT_LATEST_S):
                    self._keep_all([*batches, *self._told.take(0.0)])
        finally:
            self._kept.set()

    def _keep_all(self, batches: Sequence[Batch]) -> None:
        events = [event for batch in batches for event in batch.events]
        try:
            done = self.lane.keep(batches)
        except EcomError as error:  # the queue brings them again
            self._inbox.finished(len(events))
            self._trouble("events could not be kept", error)
            return
        left = set(map(id, done.left))
        self._acks.put([event for event in events if id(event) not in left])
        self._inbox.finished(len(left))
        self._count(done.counts + Counter(kept=len(events) - len(left)))

    def _learn(self) -> None:
        """What other processes sent, every other second: known before the first decision, and then beside the others.

        A decision from an older price does no harm: the gate knows the newest, and denies it. What moves in a whole
        catalogue is counted here too, before a decision would have to.
        """
        now = self.clock.now().timestamp()
        if self._learned_at is None or now - self._learned_at >= QUIET_S:
            self.lane.engine_room.learn_writes(self.claimed_by)
            self.lane.ledger.count_ahead(self.clock.now())
            self._learned_at = now

    def _send(self) -> None:
        """What is in hand first; then what waits, as tokens come."""
        try:
            while not (self._decided.is_set() and not self._claims):
                claims = self._claims.take(0.0 if self._more_wait else LOOK_EVERY_S)
                if claims:
                    self._knock(claims)
                    if not self._claims:
                        self._attempt("tokens could not be had", self._tokens.ahead)
                elif not self._decided.is_set():
                    self._tokens.give_back()
                    self._attempt("what waits could not be sent", self._send_waiting)
            self._attempt("tokens could not be given back", self._tokens.give_back)
        finally:
            self._knocked.set()

    def _knock(self, claims: Sequence[Claim]) -> None:
        answers: Answers = []
        try:
            with self._lull.over():
                self.executor.knock(claims, answers)
        finally:
            self._answers.put(answers)

    def _settle(self) -> None:
        """Answers are written down some together, while the next leave. What cannot be, recovery reads back.

        What others sent is learnt here too: it takes a while, which events would wait for in the thread that decides.
        """
        while not (self._knocked.is_set() and not self._answers):
            if self._learned_at is not None:
                self._attempt("what others sent could not be learnt", self._learn)
            answers = self._answers.take(LOOK_EVERY_S)
            if not answers:
                continue
            self._knocked.wait(SETTLE_EVERY_S)
            with self._lull.used(AT_LATEST_S):
                answers += self._answers.take(0.0)
                for at in range(0, len(answers), MOST_SETTLED):
                    some = answers[at : at + MOST_SETTLED]
                    self._attempt("what was sent could not be written down", partial(self._settle_all, some))

    def _settle_all(self, answers: Answers) -> None:
        records = self.executor.settle(answers)
        self._sent.put(records)
        self._count(Counter(str(record.state) for record in records))

    def _send_waiting(self) -> None:
        self._more_wait = False
        self.pipeline.judge_again()
        self._backlog.clear()  # before looking: what is approved from now on sets it again
        done = self.executor.run_once(MOST_AT_ONCE, [self.lane.account], self._sent.put)
        if done:
            self._backlog.set()
        # As many as were asked for left, and nobody let us rest: the next may follow.
        self._more_wait = done.get(str(State.APPLIED), 0) == MOST_AT_ONCE
        self._count(Counter(done))

    def _acknowledge(self) -> None:
        while not (self._kept.is_set() and not self._acks):
            events = self._acks.take(LOOK_EVERY_S)
            if not events:
                continue
            try:
                with self._lull.used(AT_LATEST_S):
                    self.lane.keeper.acknowledge(events)
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


def _after_you() -> None:
    """Let the thread that was just handed something have the interpreter, which it else waits for."""
    time.sleep(0)
