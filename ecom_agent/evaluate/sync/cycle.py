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
AGE: Final = timedelta(hours=1)
"""So old is the market at first: the overlap of what changed must not reach back to when all of it was made."""
PRODUCTS: Final = 2_400
"""Of each of two sellers: most of them are listed everywhere, which makes 20,000 listings and some."""


@dataclass
class Pace:
    """Seconds of each cycle: our own work on all accounts, one after another, and the longest wait of one account.

    Accounts have quotas of their own and are pulled beside one another in a live system, so their waits overlap; our
    work is counted as if nothing did. `in_line` adds up all waits too. `first` is the round that reads everything: it
    is none of the cycles.
    """

    seconds: list[float] = field(default_factory=list)
    in_line: list[float] = field(default_factory=list)
    first: float = 0.0
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
    """One round that reads everything, then `cycles` of what is due."""
    passing = _Passing(place)
    clock = FrozenClock(place.clock.now(), on_move=passing)
    clock.move_to(clock.now() + AGE)
    there = Place(place.market, place.database_url, clock, place.accounts)
    policy, life, pace = shipped_policies()["streams"], Life(there), Pace()
    slowest = 0.0
    for number in range(cycles + 1):
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
        longest = max(waited, key=lambda name: waited[name])
        took = worked + waited[longest]
        told = f"{worked:.1f} s of work, {waited[longest]:.1f} s of {longest}'s waits"
        progress(f"{number} of {cycles}: a five-minute cycle, {told}")
        if not number:
            pace.first = took
        else:
            pace.seconds.append(took)
            pace.in_line.append(worked + sum(waited.values()))
            if took > slowest:
                slowest, pace.slowest = took, f"cycle {number}: {told}"
        clock.move_to(max(clock.now(), begin + EVERY))
    life.end()
    return pace
