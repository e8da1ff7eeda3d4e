"""Figures day by day out of reports on request: ask → look → land, and which days the next report is to tell.

Orders are credited to the day of their click for days or weeks, and clicks are found invalid for days: so each round
tells past days again. The first round, or one after a long pause, goes back as far as it must, a report's span at a
time. A report's id is in the cursor before it is looked for, so a run that breaks off never asks for it again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final, Protocol

import orjson

from ecom_agent.connector import Page
from ecom_agent.errors import ParseFailed, PlatformError
from platforms._shared import paging
from platforms._shared.read import Read

ROWS: Final = 2000
"""Rows of a report in one page of records."""


@dataclass(frozen=True, slots=True)
class Pace:
    """`every`: between two rounds. `span`: from the first to the last day of a report. `back`: how far a round tells
    again. `kept`: from the oldest day that can be asked for until today. `rest`: after a file that cannot be read."""

    every: timedelta
    span: timedelta
    back: timedelta
    kept: timedelta
    rest: timedelta


@dataclass(frozen=True, slots=True)
class ReportFile:
    """Unpacked. `made_at`: as of when its figures are."""

    content: bytes
    made_at: datetime


@dataclass(frozen=True, slots=True)
class UnderWay:
    """Asked for, and not ready yet. `raw` is what the platform says of it."""

    raw: bytes


@dataclass(frozen=True, slots=True)
class Lost:
    """It will not come: `error` says why. Nothing is asked for before `rest`."""

    raw: bytes
    error: PlatformError
    rest: datetime


class Maker(Protocol):
    """One kind of report of one account: how it is asked for, looked for and read."""

    pace: Pace
    asking: str
    looking: str
    fetching: str
    """Names of the vendor's operations."""

    def now(self) -> datetime: ...
    def today(self) -> date:
        """In the platform's own time zone."""
        ...

    def ask(self, first: date, last: date) -> tuple[str, bytes]:
        """The report's id, and the answer as received."""
        ...

    def wait(self, report: str, asked: datetime) -> ReportFile | UnderWay | Lost:
        """Raises TransientError where the file comes torn."""
        ...

    def read(self, file: ReportFile) -> tuple[Sequence[Any], Read[Any]]:
        """Its rows, and what they say. Raises ParseFailed where it is no such report at all."""
        ...


@dataclass(frozen=True, slots=True)
class Round:
    """Where a stream stands: the cursor. `report` is being made for the days from `first` to `last`.

    `next` is the first day that this round has still to tell, None = no round is under way. `through` is the last day
    that was ever told, `told` when the last round began. `rest` = nothing is asked for before that. `until` = a span of
    its own: this round alone, up to and with that day.
    """

    report: str | None = None
    first: date | None = None
    last: date | None = None
    asked: datetime | None = None
    next: date | None = None
    through: date | None = None
    told: datetime | None = None
    rest: datetime | None = None
    until: date | None = None

    @classmethod
    def read(cls, cursor: str | None) -> Round:
        parts = paging.decode(cursor) if cursor else {}
        return cls(
            report=parts.get("report"),
            first=_day_of(parts, "first"),
            last=_day_of(parts, "last"),
            asked=paging.time_of(parts, "asked"),
            next=_day_of(parts, "next"),
            through=_day_of(parts, "through"),
            told=paging.time_of(parts, "told"),
            rest=paging.time_of(parts, "rest"),
            until=_day_of(parts, "until"),
        )

    def cursor(self) -> str:
        days = {name: getattr(self, name) for name in ("first", "last", "next", "through", "until")}
        return paging.encode(
            report=self.report,
            asked=self.asked,
            told=self.told,
            rest=self.rest,
            **{name: None if day is None else day.isoformat() for name, day in days.items()},
        )

    def window(self, now: datetime, today: date, pace: Pace) -> tuple[date, date] | None:
        """The days of the next report; None = nothing is due yet."""
        if self.rest is not None and now < self.rest:
            return None
        oldest, today = today - pace.kept, self.end(today)
        if self.until is not None and (self.next is None or today < oldest):
            return None
        if self.next is not None:
            first = max(oldest, self.next)
        elif self.told is not None and now - self.told < pace.every:
            return None
        else:
            first = oldest if self.through is None else max(oldest, self.through - pace.back)
        first = min(first, today)
        last = min(first + pace.span, today)
        if self.rest is not None:
            # The last one was lost. Asked for again as it was, it would be told to be in the making already: that one.
            last = max(first, last - timedelta(days=1))
        return first, last

    def end(self, today: date) -> date:
        """The last day that this round tells."""
        return today if self.until is None else min(today, self.until)

    def asking(self, report: str, window: tuple[date, date], now: datetime) -> Round:
        return replace(self, report=report, first=window[0], last=window[1], asked=now, rest=None)

    def landed(self, today: date) -> Round:
        """This report's days were told: the round goes on with the next ones, or is over."""
        if self.last is None:
            raise ParseFailed("cursor", "a report without its days; delete the cursor to start anew")
        done = Round(through=self.last, told=self.told, until=self.until)
        return (
            replace(done, told=self.asked)
            if self.last >= self.end(today)
            else replace(done, next=self.last + timedelta(1))
        )

    def without_report(self, *, rest: datetime | None) -> Round:
        """The report is given up; the round stands where it was, and rests."""
        return Round(next=self.next, through=self.through, told=self.told, rest=rest, until=self.until)


def span(start: datetime, end: datetime) -> str:
    """A cursor for one round over the days of [start, end), asked for once."""
    return Round(next=start.date(), until=(end - timedelta(microseconds=1)).date()).cursor()


def pull(maker: Maker, cursor: str | None) -> Iterator[Page[Any]]:
    """Ask, look, land: as far as it goes in one run.

    Raises TransientError where a report is late or comes torn, TerminalError where the platform could not make it; the
    next run goes on from there.
    """
    state = Round.read(cursor)
    while True:
        if state.report is None:
            now = maker.now()
            window = state.window(now, maker.today(), maker.pace)
            if window is None:
                resting = state.rest is not None and now < state.rest
                yield Page((), None, False, maker.looking, b"{}", waits=resting)
                return
            report, raw = maker.ask(*window)
            state = state.asking(report, window, now)
            yield Page((), state.cursor(), True, maker.asking, raw)
        seen = maker.wait(state.report or "", state.asked or maker.now())
        if isinstance(seen, UnderWay):
            yield Page((), None, False, maker.looking, seen.raw, waits=True)
            return
        if isinstance(seen, Lost):
            state = state.without_report(rest=seen.rest)
            yield Page((), state.cursor(), False, maker.looking, seen.raw)
            raise seen.error
        try:
            rows, read = maker.read(seen)
        except ParseFailed:
            state = state.without_report(rest=maker.now() + maker.pace.rest)
            yield Page((), state.cursor(), False, maker.fetching, b"{}")
            raise
        state = state.landed(maker.today())
        yield from _landing(maker, rows, read, state)
        if state.next is None:
            return


def _landing(maker: Maker, rows: Sequence[Any], read: Read[Any], after: Round) -> Iterator[Page[Any]]:
    """Its pages; the last of them moves the cursor."""
    parts = list(paging.chunks(read.records, ROWS)) or [()]
    for number, part in enumerate(parts, start=1):
        last = number == len(parts)
        raw = orjson.dumps(list(rows[(number - 1) * ROWS : None if last else number * ROWS]))
        yield Page(
            tuple(part),
            after.cursor() if last else None,
            not last or after.next is not None,
            maker.fetching,
            raw,
            read.poison if last else (),
            read.unknown_fields if last else (),
        )


def _day_of(parts: Mapping[str, str], name: str) -> date | None:
    try:
        return date.fromisoformat(parts[name]) if name in parts else None
    except ValueError:
        raise ParseFailed("cursor", f"{name} is not a day: {parts[name][:40]!r}; delete it to start anew") from None
