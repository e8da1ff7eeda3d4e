"""Figures of keywords day by day, for campaigns that pay by click, out of report tasks.

What ads that pay by sale cost is on the account statement, booked with each sale; eBay tells no figures of theirs by
day and ad. A marketplace without a campaign that pays by click is not asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import orjson

from ecom_agent.connector import Page
from ecom_agent.errors import OutcomeUnknown, ParseFailed, TerminalError, TransientError
from ecom_agent.ids import MarketplaceId
from ecom_agent.records.advertising import AdPerformance
from platforms._shared import paging, rounds
from platforms._shared.packed import unpacked
from platforms._shared.payload import maybe_moment, maybe_text, text
from platforms._shared.read import Read
from platforms.ebay import campaigns, parse, rates
from platforms.ebay.client import NAME, EbayClient, Operation
from platforms.ebay.windows import millis

_TASKS: Final = "/sell/marketing/v1/ad_report_task"
ASK: Final = Operation("createReportTask", "POST", _TASKS, rates.AD_REPORTS)
LOOK: Final = Operation("getReportTask", "GET", f"{_TASKS}/{{task_id}}", rates.AD_REPORTS)
FETCH: Final = Operation("getReport", "GET", "/sell/marketing/v1/ad_report/{report_id}", rates.AD_REPORTS)
PACE: Final = rounds.Pace(
    every=timedelta(hours=6),
    span=timedelta(days=5),
    back=timedelta(days=30),
    kept=timedelta(days=89),
    rest=timedelta(minutes=30),
)
"""A task takes seven days at most: six whole days, and what lies between two zones. Sales are credited for 30 days."""
GIVEN_UP: Final = timedelta(hours=4)
"""A report that is not ready after this never will be: the next run asks anew."""
_ZONE: Final = ZoneInfo("America/Los_Angeles")
_LAG: Final = timedelta(minutes=5)
"""eBay refuses an end that its clock has not reached."""
_DAY_BEGINS: Final = timedelta(hours=1)
"""A day is asked for when an hour of it is over."""
_DONE: Final = "SUCCESS"
_FAILED: Final = "FAILED"


def pull(client: EbayClient, cursor: str | None) -> Iterator[Page[AdPerformance]]:
    """Marketplace by marketplace, each with a cursor of its own."""
    known = dict(paging.decode(cursor)) if cursor else {}
    by_click = campaigns.by_click(client)
    places = [place for place in client.settings.marketplaces if place in by_click]
    if not places:
        yield Page((), None, False, campaigns.GET_CAMPAIGNS.name, b"{}")
    waits = False
    for number, place in enumerate(places, start=1):
        for page in rounds.pull(_Reports(client, MarketplaceId(place)), known.get(place)):
            waits = waits or page.waits
            if page.next_cursor is not None:
                known[place] = page.next_cursor
            following = None if page.next_cursor is None else paging.encode(**known)
            yield replace(page, next_cursor=following, more=page.more or number < len(places), waits=waits)


def span(client: EbayClient, start: datetime, end: datetime) -> str:
    """A cursor for the figures of the days of [start, end), of every marketplace."""
    return paging.encode(**dict.fromkeys(client.settings.marketplaces, rounds.span(start, end)))


class _Reports:
    """Report tasks of one marketplace, for `rounds.pull`."""

    pace = PACE
    asking, looking, fetching = ASK.name, LOOK.name, FETCH.name

    def __init__(self, client: EbayClient, marketplace: MarketplaceId) -> None:
        self._client, self._marketplace = client, marketplace

    def now(self) -> datetime:
        return self._client.clock.now()

    def today(self) -> date:
        return (self.now() - _DAY_BEGINS).astimezone(_ZONE).date()

    def ask(self, first: date, last: date) -> tuple[str, bytes]:
        """A request without an answer is no harm: the next run's makes another report."""
        end = min(datetime.combine(last + timedelta(days=1), time(), _ZONE), self.now() - _LAG)
        wanted = _request(self._marketplace, datetime.combine(first, time(), _ZONE), end)
        try:
            answer = self._client.call(ASK, body=wanted, write=True, for_ads=True)
        except OutcomeUnknown as error:
            raise TransientError(NAME, ASK.name, error.message) from None
        task = answer.headers.get("location", "").rstrip("/").rpartition("/")[2]
        if not task:
            raise TerminalError(NAME, ASK.name, "an answer without the task's address in its header Location")
        return task, orjson.dumps({"reportTaskId": task})

    def wait(self, report: str, asked: datetime) -> rounds.ReportFile | rounds.UnderWay | rounds.Lost:
        """One look a run: eBay allows 200 calls an hour for reports."""
        try:
            found = self._client.call(LOOK, path={"task_id": report}, for_ads=True)
        except TerminalError as error:
            if error.status == 404:
                return self._lost(report, "gone", TransientError(NAME, LOOK.name, f"task {report} is gone"))
            raise
        status = text(found.parsed, "reportTaskStatus")
        if status == _DONE:
            made_at = maybe_moment(found.parsed, "reportTaskCompletionDate") or asked
            return rounds.ReportFile(self._content(text(found.parsed, "reportId")), made_at)
        if status == _FAILED:
            why = maybe_text(found.parsed, "reportTaskStatusMessage") or "it does not say why"
            return self._lost(report, status, TerminalError(NAME, LOOK.name, f"eBay could not make {report}: {why}"))
        if self.now() - asked > GIVEN_UP:
            late = TransientError(NAME, LOOK.name, f"task {report} is {status} for hours: given up")
            return self._lost(report, status, late)
        return rounds.UnderWay(orjson.dumps({"reportTaskId": report, "reportTaskStatus": status}))

    def read(self, file: rounds.ReportFile) -> tuple[Sequence[Any], Read[Any]]:
        rows = parse.report_rows(file.content)
        return rows, parse.keyword_figures(
            rows, account=self._client.account, marketplace=self._marketplace, told_at=file.made_at
        )

    def _content(self, report: str) -> bytes:
        packed = self._client.call(FETCH, path={"report_id": report}, for_ads=True, is_file=True)
        try:
            return unpacked(packed.raw)
        except ParseFailed as error:
            raise TransientError(NAME, FETCH.name, f"report {report}: {error.reason}") from None

    def _lost(self, report: str, status: str, error: TerminalError | TransientError) -> rounds.Lost:
        raw = orjson.dumps({"reportTaskId": report, "reportTaskStatus": status})
        return rounds.Lost(raw, error, self.now() + PACE.rest)


def _request(marketplace: str, start: datetime, end: datetime) -> Mapping[str, Any]:
    return {
        "reportType": "KEYWORD_PERFORMANCE_REPORT",
        "reportFormat": "TSV_GZIP",
        "marketplaceId": marketplace,
        "fundingModels": ["COST_PER_CLICK"],
        "dateFrom": millis(start.astimezone(UTC)),
        "dateTo": millis(end.astimezone(UTC)),
        "dimensions": [{"dimensionKey": name} for name in parse.DIMENSIONS],
        "metricKeys": list(parse.METRICS),
    }
