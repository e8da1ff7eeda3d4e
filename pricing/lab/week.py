"""One week of the lab: play, cull, breed. What is at work is never culled; the seeds are new every week."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from native_pricer.strategies import Strategy
from pricing.lab.lines import checked
from pricing.lab.pool import Member, breed, survivors
from pricing.lab.tournament import RESERVED, Score, play

_WHOLE: Final = {"pool": (4, 200), "children": (1, 100), "markets": (8, 2_000), "days": (1, 90)}


@dataclass(frozen=True, slots=True)
class WeekPolicy:
    """`pool`: how many stay after culling; `children`: how many are bred; `markets` and `days`: how long they play."""

    pool: int = 24
    children: int = 12
    markets: int = 60
    days: int = 14
    confidence: float = 0.95

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> WeekPolicy:
        """From policy data. Raises BadInput naming the key."""
        return checked(cls, body, _WHOLE)


@dataclass(frozen=True, slots=True)
class Week:
    """What came of it: scores best first, who leaves the pool, who joins it."""

    scores: tuple[Score, ...]
    culled: tuple[str, ...]
    born: tuple[Member, ...]


def run_week(
    members: Sequence[Member],
    incumbent: Strategy,
    protected: Collection[str],
    number: int,
    at: datetime,
    policy: WeekPolicy,
    tell: Callable[[str], None] = lambda _line: None,
) -> Week:
    """The `number`-th week (from 1) of this incumbent: the same pool, number and policy give the same week."""
    scores = play(
        members, incumbent, seeds_of(number, policy.markets), policy.days,
        confidence=policy.confidence, look=number, tell=tell,
    )  # fmt: skip
    by_id = {m.id: m for m in members}
    ranked = [by_id[s.member] for s in scores]
    stay = survivors(ranked, policy.pool, protected)
    left = {m.id for m in ranked} - {m.id for m in stay}
    born = breed(stay, policy.children, random.Random(number), at)
    return Week(tuple(scores), tuple(m.id for m in ranked if m.id in left), born)


def seeds_of(number: int, markets: int) -> range:
    """This week's markets: none that was played in another week, and none that the evaluation reports on."""
    first = RESERVED.stop + (number - 1) * _WHOLE["markets"][1]
    return range(first, first + markets)
