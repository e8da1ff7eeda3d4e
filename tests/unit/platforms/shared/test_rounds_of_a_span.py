"""A span of figures out of reports: each is asked for once however often we look, and every day is told once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from ecom_agent.connector import Page
from ecom_agent.ingest.spans import pages_of_span
from platforms._shared import rounds
from platforms._shared.read import Read

START = datetime(2026, 9, 1, tzinfo=UTC)
NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
DAY = timedelta(days=1)


class Reports:
    """A platform whose reports take `looks` looks."""

    asking, looking, fetching = "ask", "look", "fetch"

    def __init__(self, looks: int = 3, kept_days: int = 94) -> None:
        self.looks, self.asked, self.seen = looks, list[tuple[date, date]](), dict[str, int]()
        month, rest = timedelta(days=30), timedelta(minutes=30)
        self.pace = rounds.Pace(timedelta(hours=4), month, month, timedelta(days=kept_days), rest)

    def now(self) -> datetime:
        return NOW

    def today(self) -> date:
        return NOW.date()

    def ask(self, first: date, last: date) -> tuple[str, bytes]:
        self.asked.append((first, last))
        return f"{first}/{last}", b"{}"

    def wait(self, report: str, asked: datetime) -> rounds.ReportFile | rounds.UnderWay | rounds.Lost:
        self.seen[report] = self.seen.get(report, 0) + 1
        if self.seen[report] < self.looks:
            return rounds.UnderWay(b"{}")
        return rounds.ReportFile(report.encode(), NOW)

    def read(self, file: rounds.ReportFile) -> tuple[Sequence[Any], Read[Any]]:
        first, last = (date.fromisoformat(part) for part in file.content.decode().split("/"))
        days = [(first + n * DAY).isoformat() for n in range((last - first).days + 1)]
        return days, Read(tuple(days), (), ())

    def pull_ad_figures(self, cursor: str | None) -> Iterator[Page[Any]]:
        return rounds.pull(self, cursor)

    def span_cursor(self, stream: str, start: datetime, end: datetime) -> str | None:
        return rounds.span(start, end)


def turns(maker: Reports, start: datetime, end: datetime) -> list[str]:
    """As a worker does it: one run after the other, from the saved cursor, until all was read."""
    days, cursor, done = list[str](), None, list[bool]()
    for _ in range(40):
        opened = pages_of_span("ad_figures", maker, start, end, bulk=True, through=lambda: done.append(True))
        for page in opened(cursor):
            days += page.records
            cursor = page.next_cursor or cursor
        if done:
            return days
    raise AssertionError("it never ended")


@pytest.mark.parametrize("looks", [1, 4])
def test_every_day_once_and_each_report_asked_for_once(looks: int) -> None:
    maker, end = Reports(looks), START + 70 * DAY
    days = turns(maker, START, end)
    assert days == [(START.date() + n * DAY).isoformat() for n in range(70)]
    assert len(maker.asked) == 3
    assert all((last - first).days <= 30 for first, last in maker.asked)


def test_what_is_kept_no_more_is_not_asked_for() -> None:
    maker = Reports(1, kept_days=20)
    days = turns(maker, START, NOW)
    assert days[0] == (NOW.date() - 20 * DAY).isoformat()
    assert days[-1] == NOW.date().isoformat()


def test_the_ordinary_round_is_as_it_was() -> None:
    maker = Reports(1)
    pages = list(maker.pull_ad_figures(None))
    told = [day for page in pages for day in page.records]
    assert (told[0], told[-1]) == ((NOW.date() - 94 * DAY).isoformat(), NOW.date().isoformat())
    (nothing,) = maker.pull_ad_figures(pages[-1].next_cursor)
    assert (nothing.records, nothing.waits) == ((), False)
