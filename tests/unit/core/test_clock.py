"""A frozen clock moves only forward, and tells whoever must move with it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ecom_agent.clock import FrozenClock, SystemClock

START = datetime(2026, 1, 5, 8, tzinfo=UTC)


def test_sleeping_moves_time_and_tells_the_follower() -> None:
    told: list[datetime] = []
    clock = FrozenClock(START, on_move=told.append)
    clock.sleep(90)
    clock.sleep(0)
    assert clock.now() == START + timedelta(seconds=90)
    assert told == [START + timedelta(seconds=90)]


def test_time_does_not_run_backwards() -> None:
    with pytest.raises(ValueError, match="backwards"):
        FrozenClock(START).move_to(START - timedelta(seconds=1))


def test_a_moment_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        FrozenClock(START.replace(tzinfo=None))


def test_the_system_clock_speaks_utc() -> None:
    assert SystemClock().now().tzinfo is UTC
