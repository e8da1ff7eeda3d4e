"""What one stage of the lane hands to the next, from thread to thread: events, work, and tokens to write with."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final, Generic, Protocol, TypeVar

from ecom_agent.ids import AccountId
from ecom_agent.ports.reads import RawEvent

T = TypeVar("T")
TOKENS_AHEAD: Final = 20
"""Taken from the quota beyond what a batch needs, so that not each has to ask; given back when it is quiet."""


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

    def has_room(self, many: int) -> bool:
        with self._changed:
            return self._left >= many

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


class Queue(Generic[T]):
    """Work from one thread to another. `take` gives all that is there."""

    def __init__(self) -> None:
        self._items: deque[T] = deque()
        self._changed = threading.Condition()

    def put(self, items: Sequence[T]) -> None:
        with self._changed:
            self._items.extend(items)
            self._changed.notify_all()

    def take(self, timeout_s: float) -> list[T]:
        with self._changed:
            self._changed.wait_for(lambda: self._items, timeout_s)
            found = list(self._items)
            self._items.clear()
            return found

    def __len__(self) -> int:
        return len(self._items)


class Lull:
    """Moments in which no event is decided and no change leaves: what can wait is done then, one after the other."""

    def __init__(self, nothing_waits: Callable[[], bool]) -> None:
        self._nothing_waits, self._busy = nothing_waits, 0
        self._changed, self._turn = threading.Condition(), threading.Lock()

    @contextmanager
    def over(self) -> Iterator[None]:
        """While somebody works at what cannot wait."""
        with self._changed:
            self._busy += 1
        try:
            yield
        finally:
            with self._changed:
                self._busy -= 1
                self._changed.notify_all()

    @contextmanager
    def used(self, at_latest_s: float) -> Iterator[None]:
        """From the next such moment on, or without one where none came in time; it may last longer than the moment."""
        until = time.monotonic() + at_latest_s
        alone = self._turn.acquire(timeout=at_latest_s)
        try:
            with self._changed:
                self._changed.wait_for(
                    lambda: self._nothing_waits() and not self._busy, max(0.0, until - time.monotonic())
                )
            yield
        finally:
            if alone:
                self._turn.release()


class Room(Protocol):
    """What an executor tells of the quota it writes with."""

    def room_now(self, account: AccountId, most: int) -> int: ...

    def done_with(self, account: AccountId) -> None: ...


class Tokens:
    """Tokens of the writes' quota that are ours and not yet promised to a change."""

    def __init__(self, executor: Room, account: AccountId) -> None:
        self._executor, self._account, self._left = executor, account, 0
        self._lock = threading.Lock()

    def promise(self, most: int) -> int:
        """How many of so many may leave now. Raises EcomError where the quota cannot be asked."""
        with self._lock:
            if self._left < most:
                self._left += self._executor.room_now(self._account, most - self._left + TOKENS_AHEAD)
            found = min(most, self._left)
            self._left -= found
            return found

    def ahead(self) -> None:
        """Take what the next batches will want, where little is left: none of them should have to wait for it.

        Raises EcomError where the quota cannot be asked.
        """
        with self._lock:
            lacking = TOKENS_AHEAD - self._left
        if lacking > TOKENS_AHEAD // 2:
            self.unused(self._executor.room_now(self._account, lacking))

    def unused(self, many: int) -> None:
        with self._lock:
            self._left += many

    def give_back(self) -> None:
        """All that is left, for whoever else writes there."""
        with self._lock:
            self._left = 0
            self._executor.done_with(self._account)
