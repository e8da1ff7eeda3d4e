"""How long a five-minute cycle takes: everything that is due, for ten accounts with twenty thousand listings."""

from __future__ import annotations

import math
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from ecom_agent.clock import FrozenClock
from ecom_agent.evaluate.sync.life import Life, Place, streams_of
from ecom_agent.store.policies import shipped_policies

EVERY: Final = timedelta(minutes=5)
CYCLES: Final = 24
PRODUCTS: Final = 2_400
"""Of each of two sellers: most of them are listed everywhere, which makes 20,000 listings and some."""


@dataclass
class Pace:
    """Seconds of each cycle: our own work on all accounts, one after another, and the longest wait of one account.

    Accounts have quotas of their own and are pulled beside one another in a live system, so their waits overlap; our
    work is counted as if nothing did. `in_line` adds up all waits too.
    """

    seconds: list[float] = field(default_factory=list)
    in_line: list[float] = field(default_factory=list)
    slowest: str = ""


def p95(seconds: Sequence[float]) -> float:
    """The smallest that 95 of 100 are not above."""
    return sorted(seconds)[math.ceil(0.95 * len(seconds)) - 1]


class _Passing:
    """Lets the market live on, and notes how long that took: it is no work of ours."""

    def __init__(self, place: Place) -> None:
        self._market, self.seconds = place.market, 0.0

    def __call__(self, to: datetime) -> None:
        began = time.perf_counter()
        self._market.advance(to)
        self.seconds += time.perf_counter() - began


def measure(place: Place, cycles: int, progress: Callable[[str], None]) -> Pace:
    """The first round, which reads everything, is not counted."""
    passing = _Passing(place)
    clock = FrozenClock(place.clock.now(), on_move=passing)
    there = Place(place.market, place.database_url, clock, place.accounts)
    policy, life, pace = shipped_policies()["streams"], Life(there), Pace()
    slowest = 0.0
    for number in range(cycles + 1):
        progress(f"cycle {number} of {cycles}")
        begin, minutes = clock.now(), 5 * number
        waited: dict[str, float] = defaultdict(float)
        worked = 0.0
        for account in there.accounts:
            for stream, every in streams_of(account, policy).items():
                if minutes % every:
                    continue
                at, wall, outside = clock.now(), time.perf_counter(), passing.seconds
                life.pull(account, stream)
                worked += time.perf_counter() - wall - (passing.seconds - outside)
                waited[account.name] += (clock.now() - at).total_seconds()
        if number:
            pace.seconds.append(worked + max(waited.values()))
            pace.in_line.append(worked + sum(waited.values()))
            if pace.seconds[-1] > slowest:
                slowest = pace.seconds[-1]
                account_name = max(waited, key=lambda name: waited[name])
                pace.slowest = (
                    f"cycle {number}: {worked:.1f} s of work, {waited[account_name]:.1f} s of {account_name}'s waits"
                )
        clock.move_to(max(clock.now(), begin + EVERY))
    life.end()
    return pace
