"""The only reader of the time. Everything else is handed a Clock, or a moment."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """The time now, in UTC, and a way to let it pass."""

    def now(self) -> datetime: ...
    def sleep(self, seconds: float) -> None: ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        time.sleep(max(0.0, seconds))


class FrozenClock:
    """Stands still until told to move; sleeping moves it.

    `on_move` is told each new moment: the headless demo moves the simulated market with it.
    """

    def __init__(self, at: datetime, on_move: Callable[[datetime], None] | None = None) -> None:
        if at.tzinfo is None:
            raise ValueError("a moment needs a time zone: use UTC")
        self._now = at.astimezone(UTC)
        self._on_move = on_move

    def now(self) -> datetime:
        return self._now

    def sleep(self, seconds: float) -> None:
        self.move_to(self._now + timedelta(seconds=max(0.0, seconds)))

    def move_to(self, at: datetime) -> None:
        """Move forward to `at`; a moment in the past is an error."""
        if at < self._now:
            raise ValueError(f"time does not run backwards: {at} is before {self._now}")
        if at == self._now:
            return
        self._now = at
        if self._on_move is not None:
            self._on_move(at)
