"""Reporting v3: asked for, made after a while, fetched by a signed link as packed JSON; one twin is refused (425)."""

from __future__ import annotations

import hashlib
import uuid
from datetime import date, timedelta
from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from platforms.simulated.ads import auction
from platforms.simulated.ads import constants as k
from platforms.simulated.ads import reports as cut
from platforms.simulated.ads.model import Report
from platforms.simulated.sellers import FIRST
from platforms.simulated.servers.ads.call import AdsRefused, Call, Operation, invalid
from platforms.simulated.servers.base import Servers
from platforms.simulated.servers.spoil import gzipped
from platforms.simulated.wire.text import moment

LINK_LIVES: Final = timedelta(hours=1)
_ASKED: Final = "application/vnd.createasyncreportrequest.v3+json"
_CREATED: Final = "application/vnd.createasyncreportresponse.v3+json"
_FOUND: Final = "application/vnd.getasyncreportresponse.v3+json"


def create(call: Call) -> Any:
    """A stuck one (a fault) is taken and never done."""
    asked = {name: call.body[name] for name in ("name", "startDate", "endDate", "configuration") if name in call.body}
    _check(call, asked)
    ads = call.ads
    for old in [one.report_id for one in ads.reports.values() if call.now - one.at > k.REPORT_KEPT]:
        call.do("ads_report_forget", report_id=old)
    running = next((one for one in ads.reports.values() if one.rows is None and _same(one.asked, asked)), None)
    if running is not None:
        raise AdsRefused(425, "TOO_EARLY", f"The Request is a duplicate of : {running.report_id}")
    digest = hashlib.blake2b(orjson.dumps(asked), digest_size=16).hexdigest()
    report_id = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{call.servers.sim.world.seed}/{call.now.isoformat()}/{digest}"))
    call.do("ads_report_ask", report_id=report_id, asked=asked, stuck=call.servers.faults.strikes("stuck_report"))
    return _told(call, ads.reports[report_id])


def _same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """The name is no matter."""
    return all(one[part] == other[part] for part in ("startDate", "endDate", "configuration"))


def _check(call: Call, asked: dict[str, Any]) -> None:
    """Raises AdsRefused: for a span too long or too far back, another type than is played, columns that it has not."""
    try:
        first, last = date.fromisoformat(asked["startDate"]), date.fromisoformat(asked["endDate"])
    except ValueError:
        raise invalid("startDate and endDate: wanted days as 2026-11-03") from None
    today = date.fromisoformat(auction.day_of(call.now))
    if last < first:
        raise invalid("endDate is before startDate")
    if (last - first).days >= k.LONGEST_REPORT_DAYS:
        raise invalid(f"The report's span is longer than {k.LONGEST_REPORT_DAYS} days")
    if (today - first).days >= k.OLDEST_REPORT_DAYS:
        raise invalid(f"startDate lies more than {k.OLDEST_REPORT_DAYS} days back")
    wanted = asked["configuration"]
    kind = wanted["reportTypeId"]
    if kind not in cut.TYPES:
        raise AdsRefused(501, "NOT_IMPLEMENTED", f"{kind} is not simulated.")
    if wanted["groupBy"] != [cut.TYPES[kind]]:
        raise invalid(f"configuration groupBy must be [{cut.TYPES[kind]}] for {kind}")
    unknown = cut.unknown_columns(kind, wanted["timeUnit"], wanted["columns"])
    if unknown:
        raise invalid(f"configuration columns include invalid values: {', '.join(unknown)}")


def look(call: Call) -> Any:
    """What is ready is made when it is first looked for: its figures are of that moment, and said so."""
    report = call.ads.reports.get(call.path["reportId"])
    if report is None:
        raise AdsRefused(404, "NOT_FOUND", "Not Found")
    if report.rows is None and not report.stuck and call.now - report.at >= k.REPORT_TAKES:
        call.do("ads_report_make", report_id=report.report_id)
    return _told(call, report)


def _told(call: Call, report: Report) -> dict[str, Any]:
    told = {
        "reportId": report.report_id,
        **report.asked,
        "status": "PENDING" if call.now == report.at else "PROCESSING",
        "createdAt": moment(report.at),
        "updatedAt": moment(report.made_at or report.at),
    }
    if report.made_at is None:
        return told
    until = call.now + LINK_LIVES
    url = f"{call.servers.base_url().rstrip('/')}/ads/files/{report.report_id}.json.gz?until={int(until.timestamp())}"
    url += "" if call.servers.seller == FIRST else f"&seller={call.servers.seller}"
    made = {"status": "COMPLETED", "generatedAt": moment(report.made_at), "url": url, "urlExpiresAt": moment(until)}
    return told | made | {"fileSize": len(orjson.dumps(report.rows))}


def file_route(servers: Servers) -> Route:
    async def file(request: Request) -> Response:
        """No token: the link itself is the permission, for an hour."""
        servers.sim.follow()
        report = servers.ads().reports.get(request.path_params["name"].removesuffix(".json.gz"))
        until = request.query_params.get("until", "")
        expired = not until.isdigit() or int(until) < servers.sim.now().timestamp()
        if report is None or report.rows is None or expired:
            return Response("<Error><Code>AccessDenied</Code></Error>", 403, media_type="application/xml")
        return Response(gzipped(servers.faults, orjson.dumps(report.rows)), media_type="application/gzip")

    return Route("/files/{name}", file, methods=["GET"])


OPERATIONS: Final = (
    Operation("createAsyncReport", "POST", "/reporting/reports", 0.5, 10, create, _ASKED, _CREATED, True),
    Operation("getAsyncReport", "GET", "/reporting/reports/{reportId}", 1, 20, look, None, _FOUND),
)
