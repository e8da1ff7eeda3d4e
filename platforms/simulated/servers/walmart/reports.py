"""Reports on request: asked for, made in minutes, fetched by a signed link as packed CSV. Only BUYBOX is played."""

from __future__ import annotations

import csv
import io
import uuid
from datetime import datetime, timedelta
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from platforms.simulated.sellers import FIRST
from platforms.simulated.servers.base import Servers
from platforms.simulated.servers.spoil import gzipped
from platforms.simulated.servers.walmart.call import Call, Operation, WalmartRefused, invalid, missing
from platforms.simulated.state import WALMART
from platforms.simulated.wire import walmart_goods
from platforms.simulated.wire.text import read_moment, seconds

API: Final = "REPORT"
BUYBOX: Final = "BUYBOX"
RECEIVED_FOR: Final = timedelta(seconds=15)
TAKES: Final = timedelta(seconds=60)
LINK_LIVES: Final = timedelta(minutes=10)
KEPT_FOR: Final = timedelta(days=2)
"""The real one keeps them for a month; here a world would grow by them."""


def create(call: Call) -> Any:
    """The report shows the market of this moment. A stuck one (a fault) is taken and never done."""
    if call.query["reportType"] != BUYBOX:
        raise WalmartRefused(501, "NOT_IMPLEMENTED.GMP_REPORT_API", "only BUYBOX is simulated", "reportType", "SYSTEM")
    if call.query["reportVersion"] != "v1":
        raise invalid(API, "reportVersion: only v1 is supported", "reportVersion")
    number = call.forget("report/", KEPT_FOR)
    request_id = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{call.world.seed}/report/{call.now.isoformat()}/{number}"))
    items = call.channel.items.values()
    value = {
        "at": seconds(call.now),
        "stuck": call.servers.faults.strikes("stuck_report"),
        "rows": [walmart_goods.box_row(call.world, call.channel, one) for one in items if one.status == "active"],
    }
    call.do("channel_keep", key=f"report/{request_id}", value=value)
    return _told(request_id, value, call.now)


def every(call: Call) -> Any:
    """Newest first."""
    since = max(call.moment("requestSubmissionStartDate") or call.now - KEPT_FOR, call.now - KEPT_FOR)
    until = call.moment("requestSubmissionEndDate") or call.now
    kept = [(key.removeprefix("report/"), value) for key, value in _kept(call).items()]
    found = [_told(one, value, call.now) for one, value in kept if since <= read_moment(value["at"]) <= until]
    wanted = call.query.get("requestStatus")
    rows = [row for row in reversed(found) if wanted in (None, row["requestStatus"])]
    rows = rows if call.query["reportType"] == BUYBOX else []
    return {"page": 1, "totalCount": len(rows), "limit": 10, "requests": rows[:10]}


def one(call: Call) -> Any:
    return _told(call.path["requestId"], _found(call, call.path["requestId"]), call.now)


def link(call: Call) -> Any:
    request_id = call.query["requestId"]
    told = _told(request_id, _found(call, request_id), call.now)
    if told["requestStatus"] != "READY":
        raise missing(API, "The report is not ready", "requestId")
    until = call.now + LINK_LIVES
    url = f"{call.servers.base_url().rstrip('/')}/walmart/files/{request_id}.csv.gz?until={int(until.timestamp())}"
    url += "" if call.servers.seller == FIRST else f"&seller={call.servers.seller}"
    told.pop("payload", None)
    return {**told, "downloadURL": url, "downloadURLExpirationTime": seconds(until)}


def file_route(servers: Servers) -> Route:
    async def file(request: Request) -> Response:
        """No token: the link itself is the permission, for some minutes."""
        servers.sim.follow()
        kept = servers.channel(WALMART).kept.get(f"report/{request.path_params['name'].removesuffix('.csv.gz')}")
        until = request.query_params.get("until", "")
        if kept is None or not until.isdigit() or int(until) < servers.sim.now().timestamp():
            return Response("<Error><Code>AuthenticationFailed</Code></Error>", 403, media_type="application/xml")
        data = gzipped(servers.faults, _csv(kept["rows"]))
        return Response(data, media_type="application/gzip")

    return Route("/files/{name}", file, methods=["GET"])


def _csv(rows: list[dict[str, str]]) -> bytes:
    text = io.StringIO()
    names = list(rows[0]) if rows else ["SKU"]
    writer = csv.DictWriter(text, names)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def _kept(call: Call) -> dict[str, Any]:
    return {key: value for key, value in call.channel.kept.items() if key.startswith("report/")}


def _found(call: Call, request_id: str) -> dict[str, Any]:
    kept: dict[str, Any] | None = call.channel.kept.get(f"report/{request_id}")
    if kept is None:
        raise missing(API, f"No report request {request_id}", "requestId")
    return kept


def _told(request_id: str, kept: dict[str, Any], now: datetime) -> dict[str, Any]:
    asked_at = read_moment(kept["at"])
    age = now - asked_at
    ready = age >= TAKES and not kept["stuck"]
    told = {
        "requestId": request_id,
        "requestStatus": "READY" if ready else "RECEIVED" if age < RECEIVED_FOR else "INPROGRESS",
        "requestSubmissionDate": seconds(asked_at),
        "reportType": BUYBOX,
        "reportVersion": "v1",
    }
    return {**told, "reportGenerationDate": seconds(asked_at)} if ready else told


OPERATIONS: Final = (
    Operation("generateReport", "POST", "/v3/reports/reportRequests", API, 0.005, 10, create, writes=True),
    Operation("getRequestsStatus", "GET", "/v3/reports/reportRequests", API, 1, 20, every),
    Operation("getSingleRequestStatus", "GET", "/v3/reports/reportRequests/{requestId}", API, 1, 20, one),
    Operation("downloadReport", "GET", "/v3/reports/downloadReport", API, 1, 20, link),
)
