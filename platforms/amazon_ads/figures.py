"""Figures and search terms day by day, out of reports, and which days the next report is to tell.

Orders are credited to the day of their click for one or two weeks, and clicks are found invalid for days: so a round
tells the last 31 days again, every few hours. The first round, or one after a long pause, goes back as far as it must,
31 days a report, and Amazon keeps 95 days.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final, TypeVar

import orjson

from ecom_agent.connector import Page
from ecom_agent.errors import ParseFailed
from ecom_agent.records.advertising import AdPerformance, SearchTerm
from platforms._shared import paging
from platforms._shared.read import Read
from platforms.amazon_ads import parse, reports
from platforms.amazon_ads.client import AmazonAdsClient
from platforms.amazon_ads.parse.profiles import Where

R = TypeVar("R", AdPerformance, SearchTerm)

EVERY: Final = timedelta(hours=4)
"""Between two rounds: events reach the figures within twelve hours."""
SPAN: Final = timedelta(days=30)
"""From the first to the last day of a report (31 days), and how far back each round goes."""
KEPT: Final = timedelta(days=94)
"""From the oldest day that can be asked for until today (95 days)."""
ROWS: Final = 2000
"""Rows of the report in one page of records."""
_FIGURES: Final = ("date", "campaignId", "adGroupId", "keywordId", "impressions", "clicks", "cost")


@dataclass(frozen=True, slots=True)
class Kind:
    """A report type, its grouping, the columns beside the figures, and who reads its rows."""

    type_id: str
    group: str
    columns: tuple[str, ...]
    read: Callable[[Sequence[Any], Where, datetime], Read[Any]]


TARGETING: Final = Kind("spTargeting", "targeting", ("keywordType",), parse.targeting)
SEARCH_TERMS: Final = Kind("spSearchTerm", "searchTerm", ("searchTerm",), parse.search_terms)


@dataclass(frozen=True, slots=True)
class Round:
    """Where a stream stands: the cursor. `report` is being made for the days from `first` to `last`.

    `next` is the first day that this round has still to tell, None = no round is under way. `through` is the last day
    that was ever told, `told` when the last round began. `rest` = nothing is asked for before that.
    """

    report: str | None = None
    first: date | None = None
    last: date | None = None
    asked: datetime | None = None
    next: date | None = None
    through: date | None = None
    told: datetime | None = None
    rest: datetime | None = None

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
        )

    def cursor(self) -> str:
        days = {name: getattr(self, name) for name in ("first", "last", "next", "through")}
        return paging.encode(
            report=self.report,
            asked=self.asked,
            told=self.told,
            rest=self.rest,
            **{name: None if day is None else day.isoformat() for name, day in days.items()},
        )

    def window(self, now: datetime, today: date) -> tuple[date, date] | None:
        """The days of the next report; None = nothing is due yet."""
        if self.rest is not None and now < self.rest:
            return None
        oldest = today - KEPT
        if self.next is not None:
            first = max(oldest, self.next)
        elif self.told is not None and now - self.told < EVERY:
            return None
        else:
            first = oldest if self.through is None else max(oldest, self.through - SPAN)
        first = min(first, today)
        return first, min(first + SPAN, today)

    def asking(self, report: str, window: tuple[date, date], now: datetime) -> Round:
        return replace(self, report=report, first=window[0], last=window[1], asked=now, rest=None)

    def landed(self, today: date) -> Round:
        """This report's days were told: the round goes on with the next ones, or is over."""
        if self.last is None:
            raise ParseFailed("cursor", "a report without its days; delete the cursor to start anew")
        done = Round(through=self.last, told=self.told)
        return replace(done, told=self.asked) if self.last >= today else replace(done, next=self.last + timedelta(1))

    def without_report(self, *, rest: datetime | None) -> Round:
        """The report is given up; the round stands where it was, and rests."""
        return Round(next=self.next, through=self.through, told=self.told, rest=rest)


def pull(client: AmazonAdsClient, kind: Kind, cursor: str | None) -> Iterator[Page[Any]]:
    """Ask, look, land: as far as it goes in one run. The report's id is in the cursor before it is looked for, so a
    run that breaks off never asks for it again.

    Raises TransientError where a report is late or comes torn, TerminalError where Amazon could not make it; the next
    run goes on from there.
    """
    state = Round.read(cursor)
    while True:
        zone = client.profile.zone
        if state.report is None:
            now = client.clock.now()
            window = state.window(now, now.astimezone(zone).date())
            if window is None:
                yield Page((), None, False, reports.LOOK, b"{}")
                return
            report, raw = reports.create(client, _request(client, kind, *window))
            state = state.asking(report, window, now)
            yield Page((), state.cursor(), True, reports.CREATE, raw)
        seen = reports.wait(client, state.report or "", state.asked or client.clock.now())
        if isinstance(seen, reports.UnderWay):
            yield Page((), None, False, reports.LOOK, seen.raw)
            return
        if isinstance(seen, reports.Lost):
            state = state.without_report(rest=seen.rest)
            yield Page((), state.cursor(), False, reports.LOOK, seen.raw)
            raise seen.error
        try:
            rows = parse.report_rows(seen.content)
        except ParseFailed:
            state = state.without_report(rest=client.clock.now() + reports.REST)
            yield Page((), state.cursor(), False, reports.FILE, b"{}")
            raise
        state = state.landed(client.clock.now().astimezone(zone).date())
        yield from _landing(client, kind, rows, seen.made_at, state)
        if state.next is None:
            return


def _landing(
    client: AmazonAdsClient, kind: Kind, rows: Sequence[Any], made_at: datetime, after: Round
) -> Iterator[Page[Any]]:
    """Its pages; the last of them moves the cursor."""
    read = kind.read(rows, Where(client.account, client.profile), made_at)
    parts = list(paging.chunks(read.records, ROWS)) or [()]
    for number, part in enumerate(parts, start=1):
        last = number == len(parts)
        raw = orjson.dumps(list(rows[(number - 1) * ROWS : None if last else number * ROWS]))
        yield Page(
            tuple(part),
            after.cursor() if last else None,
            not last or after.next is not None,
            reports.FILE,
            raw,
            read.poison if last else (),
            read.unknown_fields if last else (),
        )


def _request(client: AmazonAdsClient, kind: Kind, first: date, last: date) -> Mapping[str, Any]:
    days = client.profile.attribution_days
    credited = (f"sales{days}d", f"purchases{days}d", f"unitsSoldClicks{days}d", "campaignBudgetCurrencyCode")
    return {
        "name": f"{kind.type_id} {first} {last}",
        "startDate": first.isoformat(),
        "endDate": last.isoformat(),
        "configuration": {
            "adProduct": "SPONSORED_PRODUCTS",
            "groupBy": [kind.group],
            "columns": [*_FIGURES, *credited, *kind.columns],
            "reportTypeId": kind.type_id,
            "timeUnit": "DAILY",
            "format": "GZIP_JSON",
        },
    }


def _day_of(parts: Mapping[str, str], name: str) -> date | None:
    try:
        return date.fromisoformat(parts[name]) if name in parts else None
    except ValueError:
        raise ParseFailed("cursor", f"{name} is not a day: {parts[name][:40]!r}; delete it to start anew") from None
