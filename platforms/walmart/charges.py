"""Pulling what Walmart booked: the reconciliation reports, day by day of their making, line by line."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from ecom_agent.connector import Page
from ecom_agent.errors import TransientError
from ecom_agent.records.finance import Charge
from platforms._shared import paging
from platforms._shared.payload import find, items
from platforms.walmart import parse
from platforms.walmart.client import NAME, WalmartClient

DATES: Final = "getAvailableV1ReconReportDates"
ROWS: Final = "getAvailableV1ReconReportAsJson"
LOOK_BACK: Final = 3
"""So many of the newest reports are read when there is no cursor: half-monthly ones of six weeks."""
_PAGE: Final = 1000
_NONE: Final = b'{"availableApReportDates":[]}'


def pull(client: WalmartClient, cursor: str | None) -> Iterator[Page[Charge]]:
    """Reports that came after the one `cursor` names, oldest first. A report that is out does not change."""
    now = client.clock.now()
    parts = paging.decode(cursor) if cursor else {}
    path = "/v3/report/reconreport/availableReconFiles"
    answer = client.listed(path, operation=DATES, query={"reportVersion": "v1"})
    days = {} if answer is None else parse.report_days(answer.parsed)
    known, until = paging.time_of(parts, "day"), paging.time_of(parts, "until")
    if known is None:
        new = list(days)[-LOOK_BACK:]
    else:
        new = [date for date, day in days.items() if day > known and (until is None or day < until)]
    raw = _NONE if answer is None else answer.raw
    yield Page((), None if new else paging.encode(day=known, looked=now, until=until), bool(new), DATES, raw)
    for number, date in enumerate(new, start=1):
        following = paging.encode(day=days[date], looked=now, until=until)
        yield from _report(client, date, following, last=number == len(new))


def span(start: datetime, end: datetime) -> str:
    """A cursor for the reports that were made in [start, end)."""
    return paging.encode(day=start - timedelta(seconds=1), until=end)


def _report(client: WalmartClient, date: str, following: str, *, last: bool) -> Iterator[Page[Charge]]:
    """`offset` counts bytes of the file: the next one is Walmart's to tell. It ends where no lines or no step come."""
    rows = parse.ReportRows(date, account=client.account, marketplace=client.marketplace)
    offset = 0
    while True:
        query = {"reportDate": date, "offset": str(offset), "noOfRecords": str(_PAGE)}
        answer = client.listed("/v3/report/reconreport/reconFileJson", operation=ROWS, query=query)
        if answer is None:
            raise TransientError(NAME, ROWS, f"the report of {date} is listed, and not there")
        read, step = rows.page(answer.parsed), find(answer.parsed, "nextOffset")
        more = bool(items(answer.parsed, "reportData")) and isinstance(step, int) and step > offset
        yield Page(
            read.records,
            None if more else following,
            more or not last,
            ROWS,
            answer.raw,
            read.poison,
            read.unknown_fields,
        )
        if not more:
            return
        offset = step
