"""Walking through changes: whatever moves while pages are read, nothing is lost and nothing is behind the cursor."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecom_agent.errors import ParseFailed
from platforms._shared import paging
from platforms._shared.http import Answer
from platforms.tiktok_shop.updates import OVERLAP, pages, seconds, walk

NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)
START = NOW - timedelta(hours=1)


def answer(body: Any) -> Answer:
    return Answer(200, httpx.Headers(), orjson.dumps(body), body)


class Shop:
    """Rows with an update time, paged by the number of rows to skip; some move each time a page is asked for."""

    def __init__(self, times: list[int], moves: list[int], size: int) -> None:
        self.rows = dict(enumerate(times))
        self.moves, self.size, self.asked, self.now = list(moves), size, 0, NOW

    def ask(self, after: datetime, before: datetime, token: str | None) -> Answer:
        self.asked += 1
        if self.moves and self.rows and self.asked > 1:
            self.rows[self.moves.pop() % len(self.rows)] = seconds(self.now) + self.asked  # after the pull began
        low, high = seconds(after), seconds(before)
        found = sorted((at, row) for row, at in self.rows.items() if low <= at < high)
        start = int(base64.b64decode(token)) if token else 0
        shown, end = found[start : start + self.size], start + self.size
        following = base64.b64encode(str(end).encode()).decode() if end < len(found) else ""
        rows = [{"id": str(row), "update_time": at} for at, row in shown]
        return answer({"code": 0, "data": {"rows": rows, "next_page_token": following, "total_count": len(found)}})


offsets = st.lists(st.integers(0, 3599), max_size=25)


@settings(max_examples=60)
@given(offsets, st.lists(st.integers(0, 99), max_size=8), st.integers(1, 6))
def test_every_row_that_did_not_change_meanwhile_is_seen_as_it_is(
    times: list[int], moves: list[int], size: int
) -> None:
    shop = Shop([seconds(START) + offset // 60 * 60 for offset in times], moves, size)  # many of the same second
    cursor: str | None = paging.encode(after=START)
    seen: set[tuple[str, int]] = set()
    for _ in range(len(moves) + 2):  # one pull an hour
        for step in walk(shop.ask, cursor, now=shop.now, rows="data.rows"):
            seen |= {(row["id"], row["update_time"]) for row in step.answer.parsed["data"]["rows"]}
            cursor = step.cursor
        assert paging.time_of(paging.decode(cursor or ""), "after") == shop.now - OVERLAP
        moved = {row for row, at in shop.rows.items() if at >= seconds(shop.now)}
        assert {(str(row), at) for row, at in shop.rows.items() if row not in moved} <= seen
        shop.now += timedelta(hours=1)


def test_taken_up_at_any_page_nothing_is_lost() -> None:
    times = [seconds(START) + 10 * n for n in range(20)]
    steps = list(walk(Shop(times, [], 3).ask, paging.encode(after=START), now=NOW, rows="data.rows"))
    for stop, step in enumerate(steps):
        before = {row["id"] for one in steps[: stop + 1] for row in one.answer.parsed["data"]["rows"]}
        rest = walk(Shop(times, [], 3).ask, step.cursor, now=NOW, rows="data.rows")
        after = {row["id"] for one in rest for row in one.answer.parsed["data"]["rows"]}
        assert before | after == {str(n) for n in range(20)}


def test_a_page_that_does_not_end_is_a_clear_error() -> None:
    stuck = answer({"code": 0, "data": {"rows": [{"update_time": "no time"}], "next_page_token": "again"}})
    with pytest.raises(ParseFailed, match="would not end"):
        list(walk(lambda *_: stuck, None, now=NOW, rows="data.rows"))
    with pytest.raises(ParseFailed, match="would not end"):
        list(pages(lambda _: stuck))
