"""Simulated days of syncing through all faults and many crashes, and what it brought, against the market's books."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from ecom_agent.clock import FrozenClock
from ecom_agent.errors import EcomError
from ecom_agent.evaluate.sync.crashes import Crash, Cutter, killed
from ecom_agent.evaluate.sync.life import Life, Place, streams_of
from ecom_agent.store.policies import shipped_policies
from platforms.simulated.accounts import SimulatedAccount

WITHOUT_BOOKS: Final = ("fees", "offers", "silent_offers", "expected_prices")
"""Streams of what is true at a moment only: the market keeps no books of them to compare with."""
KILLED: Final = 0.1
"""Share of the crashes that are a kill -9 of a process; the others end ours at a moment that was drawn."""
_AT_ONCE: Final = 0.5
"""Share of the crashes after which the next life takes the same stream up at once; else it waits for its turn."""
_QUIET: Final = (timedelta(minutes=40), timedelta(minutes=70), timedelta(minutes=20))
"""Between the last rounds, in which nothing happens any more: longer than any lookback, lag or waiting for a report."""
Pull = tuple[SimulatedAccount, str]


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
    _due: dict[tuple[str, str], datetime] = field(default_factory=dict, init=False)
    _moments: dict[tuple[str, str], int] = field(default_factory=dict, init=False)
    _seconds: dict[tuple[str, str], float] = field(default_factory=dict, init=False)

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

    def _wanted(self) -> list[Pull]:
        """What is due now, account by account."""
        now, found = self.place.clock.now(), []
        for account in self.place.accounts:
            for stream, minutes in streams_of(account, self._policy, WITHOUT_BOOKS).items():
                key = account.name, stream
                if self._due.get(key, now) <= now:
                    self._due[key] = now + timedelta(minutes=minutes)
                    found.append((account, stream))
        return found

    def _cycle(self, wanted: Sequence[Pull], crashes: int) -> None:
        cut = set(self._dice.sample(range(len(wanted)), min(max(0, crashes), len(wanted))))
        for number, (account, stream) in enumerate(wanted):
            if number not in cut:
                self._pull(account, stream)
            elif self._dice.random() < KILLED:
                self._kill(account, stream)
            else:
                self._crash(account, stream)

    def _pull(self, account: SimulatedAccount, stream: str) -> None:
        """What the outside refuses is tried again when it is due next, as in a live system."""
        self.told.pulls += 1
        moments, began = self.cutter.moments, time.monotonic()
        try:
            self.told.quarantined += self._life.pull(account, stream).quarantined
        except EcomError as error:
            self.told.failed[f"{account.platform} {stream}: {type(error).__name__}"] += 1
        self._moments[account.name, stream] = self.cutter.moments - moments
        self._seconds[account.name, stream] = time.monotonic() - began

    def _crash(self, account: SimulatedAccount, stream: str) -> None:
        self.cutter.arm(self._dice.randint(1, self._moments.get((account.name, stream), 20) + 3))
        try:
            self._pull(account, stream)
        except Crash:
            self._next_life(account, stream)
        finally:
            self.cutter.disarm()

    def _kill(self, account: SimulatedAccount, stream: str) -> None:
        """The copy makes its own connections, so it takes a little longer than the last one here did."""

        def work() -> None:
            Life(self.place.copied()).pull(account, stream)

        if killed(work, self._dice.uniform(0.0, 1.2) * (0.05 + self._seconds.get((account.name, stream), 0.1))):
            self.told.kills += 1
            self.place.catch_up()
            self._next_life(account, stream)

    def _next_life(self, account: SimulatedAccount, stream: str) -> None:
        self.told.crashes += 1
        self._life.end()
        self._life = Life(self.place, self.cutter)
        if self._dice.random() < _AT_ONCE:
            self._pull(account, stream)


def settle(place: Place) -> Iterator[Life]:
    """After the faults: rounds in which nothing new happens, so that everything that is due can come."""
    policy = shipped_policies()["streams"]
    quiet = replace(place, clock=FrozenClock(place.clock.now(), on_move=place.market.skip))
    for pause in _QUIET:
        quiet.clock.sleep(pause.total_seconds())
        life = Life(quiet)
        for account in quiet.accounts:
            for stream in streams_of(account, policy, WITHOUT_BOOKS):
                life.pull(account, stream)
        yield life
        life.end()
