"""Figures and search terms day by day, out of reports, and which days the next report is to tell.

Orders are credited to the day of their click for one or two weeks, and clicks are found invalid for days: so a round
tells the last 31 days again, every few hours. The first round, or one after a long pause, goes back as far as it must,
31 days a report, and Amazon keeps 95 days.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from ecom_agent.connector import Page
from platforms._shared import rounds
from platforms._shared.read import Read
from platforms.amazon_ads import parse, reports
from platforms.amazon_ads.client import AmazonAdsClient
from platforms.amazon_ads.parse.profiles import Where

EVERY: Final = timedelta(hours=4)
"""Between two rounds: events reach the figures within twelve hours."""
SPAN: Final = timedelta(days=30)
"""From the first to the last day of a report (31 days), and how far back each round goes."""
KEPT: Final = timedelta(days=94)
"""From the oldest day that can be asked for until today (95 days)."""
PACE: Final = rounds.Pace(every=EVERY, span=SPAN, back=SPAN, kept=KEPT, rest=reports.REST)
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


class _Reports:
    """Reports of one kind, for `rounds.pull`."""

    pace = PACE
    asking, looking, fetching = reports.CREATE, reports.LOOK, reports.FILE

    def __init__(self, client: AmazonAdsClient, kind: Kind) -> None:
        self._client, self._kind = client, kind

    def now(self) -> datetime:
        return self._client.clock.now()

    def today(self) -> date:
        return self.now().astimezone(self._client.profile.zone).date()

    def ask(self, first: date, last: date) -> tuple[str, bytes]:
        return reports.create(self._client, _request(self._client, self._kind, first, last))

    def wait(self, report: str, asked: datetime) -> rounds.ReportFile | rounds.UnderWay | rounds.Lost:
        return reports.look(self._client, report, asked)

    def read(self, file: rounds.ReportFile) -> tuple[Sequence[Any], Read[Any]]:
        rows = parse.report_rows(file.content)
        return rows, self._kind.read(rows, Where(self._client.account, self._client.profile), file.made_at)


def pull(client: AmazonAdsClient, kind: Kind, cursor: str | None) -> Iterator[Page[Any]]:
    return rounds.pull(_Reports(client, kind), cursor)


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
