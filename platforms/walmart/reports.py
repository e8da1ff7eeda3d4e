"""Reports on request: create → wait → download → unpack.

A report takes minutes to hours, and Walmart lets few be asked for. So nobody waits long: what was asked for before
is looked up first, one that is being made is waited for by the next sweep, one that is ready and young is used again,
and one that never gets ready is given up and asked for anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import orjson

from ecom_agent.errors import OutcomeUnknown, ParseFailed, TerminalError, TransientError
from platforms._shared import paging
from platforms._shared.payload import find, items, maybe_text, moment, text
from platforms.walmart import parse
from platforms.walmart.client import NAME, WalmartClient, path_of

CREATE: Final = "generateReport"
LIST: Final = "getRequestsStatus"
STATUS: Final = "getSingleRequestStatus"
LINK: Final = "downloadReport"
FILE: Final = "reportFile"
PATH: Final = "/v3/reports/reportRequests"
FRESH: Final = timedelta(minutes=30)
"""A report that was made within this is used again."""
GIVEN_UP: Final = timedelta(hours=4)
"""A report that is not ready after this never will be."""
LATE: Final = timedelta(hours=1)
"""A report that is not ready after this is worth an error."""
LOOKS: Final = 4
PAUSE_S: Final = 20.0
DOWNLOADS: Final = 2


@dataclass(frozen=True, slots=True)
class ReportFile:
    """`made_at`: as of when its figures are, by Walmart where it says so."""

    content: bytes
    made_at: datetime


@dataclass(frozen=True, slots=True)
class _Request:
    id: str
    status: str
    asked_at: datetime
    made_at: datetime | None


@dataclass(frozen=True, slots=True)
class UnderWay:
    """Asked for, and not ready yet. `raw` is what Walmart says of it."""

    raw: bytes


def fetch(client: WalmartClient, kind: str) -> ReportFile | UnderWay:
    """The unpacked file of a report of this kind, version v1; or that it is being made, for the next sweep to fetch.

    Raises TransientError where it is late or comes torn, TerminalError where Walmart could not make it.
    """
    request = _standing(client, kind) or _created(client, kind)
    for look in range(LOOKS):
        if request.status == "READY":
            return ReportFile(_content(client, request), request.made_at or request.asked_at)
        if request.status == "ERROR":
            raise TerminalError(NAME, STATUS, f"Walmart could not make the {kind} report {request.id}")
        if look + 1 < LOOKS:
            client.clock.sleep(PAUSE_S)
            found = client.answer("GET", path_of(PATH + "/{id}", id=request.id), operation=STATUS)
            request = _request(found.parsed, request.asked_at)
    if client.clock.now() - request.asked_at > LATE:
        raise TransientError(NAME, STATUS, f"the {kind} report {request.id} is {request.status} for over an hour")
    return UnderWay(orjson.dumps({"requestId": request.id, "requestStatus": request.status}))


def _standing(client: WalmartClient, kind: str) -> _Request | None:
    """The newest request of this kind that is worth waiting for or using again."""
    now = client.clock.now()
    query = {
        "reportType": kind,
        "reportVersion": "v1",
        "requestSubmissionStartDate": paging.stamp(now - GIVEN_UP),
    }
    answer = client.listed(PATH, operation=LIST, query=query)
    found = list(_requests(answer.parsed, now)) if answer is not None else []
    good = [r for r in found if _usable(r, now)]
    return max(good, key=lambda request: request.asked_at, default=None)


def _usable(request: _Request, now: datetime) -> bool:
    """What failed a moment ago is not asked for again at once: it is shown as it is."""
    if request.status in ("RECEIVED", "INPROGRESS"):
        return now - request.asked_at < GIVEN_UP
    return now - (request.made_at or request.asked_at) < FRESH


def _requests(body: Any, now: datetime) -> Iterator[_Request]:
    for raw in items(body, "requests"):
        if find(raw, "requestId") is not None and find(raw, "requestSubmissionDate") is not None:
            yield _request(raw, now)


def _created(client: WalmartClient, kind: str) -> _Request:
    """Asked for once: where no answer comes, the next sweep finds it among the standing ones, or asks again."""
    query = {"reportType": kind, "reportVersion": "v1"}
    try:
        answer = client.answer("POST", PATH, operation=CREATE, query=query, body={}, write=True)
    except OutcomeUnknown as error:
        raise TransientError(NAME, CREATE, f"{kind}: {error.message}") from None
    return _request(answer.parsed, client.clock.now())


def _request(raw: Any, asked_at: datetime) -> _Request:
    return _Request(
        id=text(raw, "requestId"),
        status=maybe_text(raw, "requestStatus") or "RECEIVED",
        asked_at=_told(raw, "requestSubmissionDate") or asked_at,
        made_at=_told(raw, "reportGenerationDate"),
    )


def _told(raw: Any, path: str) -> datetime | None:
    """None where it is missing or no time with its zone: the figures are then as of the asking."""
    try:
        return moment(raw, path)
    except ParseFailed:
        return None


def _content(client: WalmartClient, request: _Request) -> bytes:
    """A torn file is fetched once more, by a new link."""
    for _ in range(DOWNLOADS):
        link = client.answer("GET", "/v3/reports/downloadReport", operation=LINK, query={"requestId": request.id})
        file = client.http.download(text(link.parsed, "downloadURL"), operation=FILE)
        try:
            return parse.unpacked(file)
        except ParseFailed as error:
            why = error.reason
    raise TransientError(NAME, FILE, f"the file of report {request.id}: {why}")
