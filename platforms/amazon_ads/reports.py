"""Reports on request: create → look → download → unpack. Nobody waits: the next run looks again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import orjson

from ecom_agent.errors import OutcomeUnknown, ParseFailed, PlatformError, TerminalError, TransientError
from platforms._shared.packed import unpacked
from platforms._shared.payload import text
from platforms._shared.rounds import Lost, ReportFile, UnderWay
from platforms.amazon_ads.client import NAME, AmazonAdsClient
from platforms.amazon_ads.parse.reports import Made, duplicate_of, made

CREATE: Final = "createAsyncReport"
LOOK: Final = "getAsyncReport"
FILE: Final = "reportFile"
PATH: Final = "/reporting/reports"
REQUEST: Final = "application/vnd.createasyncreportrequest.v3+json"
CREATED: Final = "application/vnd.createasyncreportresponse.v3+json"
FOUND: Final = "application/vnd.getasyncreportresponse.v3+json"
DUPLICATE: Final = 425
DOWNLOADS: Final = 2
GIVEN_UP: Final = timedelta(hours=4)
"""A report that is not ready after this never will be: the next run asks anew. Most take less than 15 minutes."""
REST: Final = timedelta(minutes=30)
"""Before a report that failed or was given up is asked for again."""


def create(client: AmazonAdsClient, request: Mapping[str, Any]) -> tuple[str, bytes]:
    """Ask for a report: its id, and the answer. One that is being made already is taken as it is.

    A request without an answer is no harm: the next run's is refused as a duplicate, and names this one.
    """
    try:
        answer = client.answer("POST", PATH, operation=CREATE, body=request, media=REQUEST, accept=CREATED, write=True)
    except OutcomeUnknown as error:
        raise TransientError(NAME, CREATE, error.message) from None
    except TerminalError as error:
        running = duplicate_of(error.issues) if error.status == DUPLICATE else None
        if running is None:
            raise
        return running, orjson.dumps({"duplicateOf": running})
    return text(answer.parsed, "reportId"), answer.raw


def look(client: AmazonAdsClient, report: str, asked: datetime) -> ReportFile | UnderWay | Lost:
    """The file, or that it is being made, or that it is lost. Raises TransientError where it comes torn.

    One look: a report takes minutes, and whoever sleeps until it is there holds up the account's other streams.
    """
    try:
        found = made(client.answer("GET", f"{PATH}/{report}", operation=LOOK, accept=FOUND).parsed)
    except TerminalError as error:
        if error.status == 404:
            gone = TransientError(NAME, LOOK, f"report {report} is gone; the next run asks for a new one")
            return _lost(client, report, "gone", gone)
        raise
    if found.status == "COMPLETED":
        return ReportFile(_content(client, found), found.at or asked)
    if found.status == "FAILED":
        why = f"Amazon could not make report {report}: {found.failure or 'it does not say why'}"
        return _lost(client, report, found.status, TerminalError(NAME, LOOK, why))
    if client.clock.now() - asked > GIVEN_UP:
        hours = int(GIVEN_UP.total_seconds() // 3600)
        why = f"report {report} is {found.status} for over {hours} h; it is given up, the next run asks for a new one"
        return _lost(client, report, found.status, TransientError(NAME, LOOK, why))
    return UnderWay(orjson.dumps({"reportId": report, "status": found.status}))


def _lost(client: AmazonAdsClient, report: str, status: str, error: PlatformError) -> Lost:
    return Lost(orjson.dumps({"reportId": report, "status": status}), error, client.clock.now() + REST)


def _content(client: AmazonAdsClient, found: Made) -> bytes:
    """A torn file is fetched once more; a dead link is a new one with the next look."""
    if found.url is None:
        raise TransientError(NAME, LOOK, f"report {found.report_id} is completed, and its address is missing")
    why = ""
    for _ in range(DOWNLOADS):
        try:
            return unpacked(client.http.download(found.url, operation=FILE))
        except ParseFailed as error:
            why = error.reason
        except TerminalError as error:
            raise TransientError(NAME, FILE, f"the file of report {found.report_id}: {error.message}") from None
    raise TransientError(NAME, FILE, f"the file of report {found.report_id}: {why}")
