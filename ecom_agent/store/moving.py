"""How much of each catalogue moves, between two counts of it."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import event
from sqlmodel import Session

from ecom_agent.actions.model import Action
from ecom_agent.store.guard_question import Place, place_of

_CHEAP: Final = 2_000
_STAYS_S: Final = 10.0
_CATALOGUE_STAYS_S: Final = 60.0
"""Listings come and go by pulls, which are minutes apart."""


class _Count(NamedTuple):
    """`until`: how long it stays good, of the machine's own time."""

    until: float
    counts: dict[str, int]


class _Catalogue(NamedTuple):
    until: float
    listings: int


class Moving:
    """As last counted, and with what this process has approved since: rather one too many than one too few.

    Counting thousands takes tens of milliseconds, and judging is done fifty times a second: where there is much to
    count, a count stays good for some seconds of the machine's own time. Below, it is always counted anew. Safe between
    threads: one may count anew (`ageing`, `renew`) beside the one that judges, which then need not.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._counted: dict[Place, _Count] = {}
        self._catalogues: dict[Place, _Catalogue] = {}
        self._asked_for: set[Place] = set()
        self._approved: deque[tuple[float, Place]] = deque()
        self._known_since = clock()
        """What was approved earlier may be forgotten."""
        self._under_way: dict[int, float] = {}
        """Units of work that have approved something and are not over, each since when."""
        self._lock = threading.Lock()

    def lately(self, place: Place) -> dict[str, int] | None:
        with self._lock:
            found = self._counted.get(place)
            if found is None or self._clock() >= found.until:
                return None
            self._asked_for.add(place)
            return dict(found.counts)

    def catalogue(self, place: Place) -> int | None:
        """How many listings were active when they were last counted; None where that is too long ago."""
        with self._lock:
            found = self._catalogues.get(place)
            return None if found is None or self._clock() >= found.until else found.listings

    def ageing(self) -> list[Place]:
        """Whose count was asked for since it was taken and is not good for long any more."""
        soon = self._clock() + _STAYS_S / 2
        with self._lock:
            return [place for place in self._asked_for if self._counted[place].until <= soon]

    def unseen_since(self, session: Session | None = None) -> float:
        """A count that begins now may not see what was approved from this moment on: what is not committed is seen by
        nobody but its own `session`."""
        with self._lock:
            others = (since for unit, since in self._under_way.items() if unit != id(session))
            return min(others, default=self._clock())

    def renew(self, place: Place, unseen_since: float, *, hour: int, minute: int, catalogue: int) -> None:
        """As counted just now; what was approved from that moment on is added. Not kept where that is known no more."""
        with self._lock:
            self._asked_for.discard(place)
            if max(hour, catalogue) < _CHEAP or unseen_since < self._known_since:
                return
            missed = sum(at >= unseen_since and where == place for at, where in self._approved)
            counts = {"moved_hour": hour + missed, "moved_minute": minute + missed, "catalogue": catalogue}
            now = self._clock()
            self._counted[place] = _Count(now + _STAYS_S, counts)
            if place not in self._catalogues or now >= self._catalogues[place].until:
                self._catalogues[place] = _Catalogue(now + _CATALOGUE_STAYS_S, catalogue)

    def approved(self, session: Session, actions: Sequence[Action]) -> None:
        """These move too once their unit of work is committed, or are about to."""
        if not actions:
            return
        with self._lock:
            now = self._clock()
            if id(session) not in self._under_way:
                self._under_way[id(session)] = now
                event.listen(session, "after_transaction_end", self._over)
            self._known_since = max(self._known_since, min(*self._under_way.values(), now - _STAYS_S))
            while self._approved and self._approved[0][0] < self._known_since:
                self._approved.popleft()
            for action in actions:
                place = place_of(action)
                self._approved.append((now, place))
                if (found := self._counted.get(place)) is not None:
                    found.counts["moved_hour"] += 1
                    found.counts["moved_minute"] += 1

    def _over(self, session: Session, transaction: Any) -> None:
        if transaction.parent is None:  # else a part of the unit of work
            with self._lock:
                self._under_way.pop(id(session), None)
