"""What is due when: an order that moves on, a shipment that arrives. Ties keep the order in which they were added."""

from __future__ import annotations

import heapq
from datetime import datetime, timedelta


class Agenda:
    """A heap of (due, number, kind, what, units)."""

    def __init__(self) -> None:
        self._heap: list[tuple[datetime, int, str, str, int]] = []
        self._count = 0

    def add(self, due: datetime, kind: str, what: str, units: int = 0) -> None:
        self._count += 1
        heapq.heappush(self._heap, (due, self._count, kind, what, units))

    def pop(self, now: datetime) -> tuple[str, str, int] | None:
        """The next thing that is due, None if nothing is."""
        if not self._heap or self._heap[0][0] > now:
            return None
        _, _, kind, what, units = heapq.heappop(self._heap)
        return kind, what, units

    def shift(self, by: timedelta) -> None:
        self._heap = [(due + by, no, kind, what, units) for due, no, kind, what, units in self._heap]
