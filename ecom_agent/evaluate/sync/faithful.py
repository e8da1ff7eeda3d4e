"""Simulated days of syncing through all faults and many crashes, and what it brought, against the market's books."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from ecom_agent.clock import FrozenClock
from ecom_agent.errors import EcomError, TransientError
from ecom_agent.evaluate.sync.crashes import Crash, Cutter, killed
from ecom_agent.evaluate.sync.life import LONGEST, Life, Place, streams_of
from ecom_agent.evaluate.sync.turns import Key, StreamTurn, Turn, turns_of_events
from ecom_agent.ingest.streams import look_back_days, look_back_hour
from ecom_agent.store.policies import shipped_policies

KILLED: Final = 0.1
"""Share of the crashes that are a kill -9 of a process; the others end ours at a moment that was drawn."""
_AT_ONCE: Final = 0.5
"""Share of the crashes after which the next life takes the same stream up at once; else it waits for its turn."""
_QUIET: Final = (timedelta(minutes=40), timedelta(minutes=70), timedelta(hours=16))
"""Before each of the last rounds, in which nothing happens: longer than any lag; with the looks for reports, a day."""
_TURNS: Final = 60
_REPORTED: Final = ("ad_figures", "search_terms")
_LOOKS, _LOOK_EVERY = 54, timedelta(minutes=10)
"""Ad reports are asked for every four hours, and reach back some weeks in parts: so often are they looked for."""


@dataclass
class Told:
    """What happened on the way."""

    crashes: int = 0
    kills: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    pulls: int = 0
    quarantined: int = 0


@dataclass
class Faithful:
    """All streams of all accounts when they are due, in cycles of `every`."""

    place: Place
    until: datetime
    every: timedelta
    crashes: int
    cutter: Cutter
    progress: Callable[[str], None]
    after_cycle: Callable[[int], None] = lambda _number: None
    told: Told = field(default_factory=Told, init=False)
    _due: dict[Key, datetime] = field(default_factory=dict, init=False)
    _last: dict[Key, tuple[int, float]] = field(default_factory=dict, init=False)
    """Moments and seconds that each turn took last."""

    def __post_init__(self) -> None:
        self._dice: random.Random = self.cutter.dice
        self._policy = shipped_policies()["streams"]
        self._life = Life(self.place, self.cutter)

    def run(self) -> None:
        began, clock = self.place.clock.now(), self.place.clock
        number = 0
        while clock.now() < self.until:
            clock.move_to(max(clock.now(), began + self.every * (number + 1)))
            number += 1
            done = min(1.0, (clock.now() - began) / (self.until - began))
            self._cycle(self._wanted(), round(self.crashes * done) - self.told.crashes)
            self.after_cycle(number)
            if number % 20 == 0:
                self.progress(f"{done:.0%}: day {(clock.now() - began).days + 1}, {self.told.crashes} crashes")
        self._life.end()

    def _wanted(self) -> list[Turn]:
        """Events, and what is due now, account by account; the nightly look-backs in the hour that the policy names."""
        now, found = self.place.clock.now(), turns_of_events(self.place.accounts)
        night = now.hour == look_back_hour(self._policy)
        for account in self.place.accounts:
            for stream, minutes in streams_of(account, self._policy).items():
                turns = [(StreamTurn(account, stream), timedelta(minutes=minutes))]
                days = look_back_days(self._policy, stream)
                if night and days and self._life.looks_back(account, stream):
                    turns.append((StreamTurn(account, stream, days), timedelta(hours=23)))
                for turn, pause in turns:
                    if self._due.get(turn.key, now) <= now:
                        self._due[turn.key] = now + pause
                        found.append(turn)
        return found

    def _cycle(self, wanted: Sequence[Turn], crashes: int) -> None:
        cut = set(self._dice.sample(range(len(wanted)), min(max(0, crashes), len(wanted))))
        for number, turn in enumerate(wanted):
            if number not in cut:
                self._take(turn)
            elif self._dice.random() < KILLED:
                self._kill(turn)
            else:
                self._crash(turn)

    def _take(self, turn: Turn) -> None:
        """What the outside refuses is tried again when it is due next, as in a live system."""
        self.told.pulls += 1
        moments, began = self.cutter.moments, time.monotonic()
        try:
            self.told.quarantined += turn.take(self._life)
        except EcomError as error:
            self.told.failed[f"{turn.name}: {type(error).__name__}"] += 1
        self._last[turn.key] = self.cutter.moments - moments, time.monotonic() - began

    def _crash(self, turn: Turn) -> None:
        self.cutter.arm(self._dice.randint(1, self._last.get(turn.key, (20, 0.0))[0] + 3))
        try:
            self._take(turn)
        except Crash:
            self._next_life(turn)
        finally:
            self.cutter.disarm()

    def _kill(self, turn: Turn) -> None:
        """The copy makes its own connections, so it takes a little longer than the last one here did."""

        def work() -> None:
            turn.take(Life(self.place.copied()))

        in_the_act = killed(work, self._dice.uniform(0.0, 1.2) * (0.05 + self._last.get(turn.key, (0, 0.1))[1]))
        self.place.catch_up()
        if in_the_act:
            self.told.kills += 1
            self._next_life(turn)

    def _next_life(self, turn: Turn) -> None:
        self.told.crashes += 1
        self._life.end()
        self._life = Life(self.place, self.cutter)
        if self._dice.random() < _AT_ONCE:
            self._take(turn)


def settle(place: Place, events_came: Callable[[], object]) -> list[str]:
    """After the faults, while nothing happens: turns of all streams, a night's look-back, a round of ad reports.

    `events_came` waits for the webhooks that are on their way; what came is worked on before and after each round.

    Gives the turns that never came through, with the last reason.
    """
    policy = shipped_policies()["streams"]
    quiet = replace(place, clock=FrozenClock(place.clock.now(), on_move=place.market.skip))
    life, failed = Life(quiet), list[str]()
    turns = [StreamTurn(account, stream) for account in quiet.accounts for stream in streams_of(account, policy)]
    for number, pause in enumerate(_QUIET):
        quiet.clock.sleep(pause.total_seconds())
        if number == len(_QUIET) - 1:
            _look_for_reports(turns, life, failed)
        _hear(events_came, life, failed)
        for turn in turns:
            days = look_back_days(policy, turn.stream) if number == 0 else 0
            if days and life.looks_back(turn.account, turn.stream):
                _through(replace(turn, days=days), life, failed)
            _through(turn, life, failed)
        _hear(events_came, life, failed)
    life.end()
    return failed


def _hear(events_came: Callable[[], object], life: Life, failed: list[str]) -> None:
    events_came()
    for turn in turns_of_events(life.place.accounts):
        _through(turn, life, failed)


def _look_for_reports(turns: Sequence[StreamTurn], life: Life, failed: list[str]) -> None:
    for _ in range(_LOOKS):
        life.place.clock.sleep(_LOOK_EVERY.total_seconds())
        for turn in turns:
            if turn.stream in _REPORTED:
                _through(turn, life, failed)


def _through(turn: Turn, life: Life, failed: list[str]) -> None:
    """Till it is through: what a quota puts off, or a report that a fault left stuck, goes on after a pause."""
    why = ""
    for _ in range(_TURNS):
        try:
            turn.take(life)
            return
        except TransientError as error:
            why = str(error)
            life.place.clock.sleep(LONGEST.total_seconds())
        except EcomError as error:
            why = str(error)
            break
    failed.append(f"{' '.join(str(part) for part in turn.key if part)}: {why}")
