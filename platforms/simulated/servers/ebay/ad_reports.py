"""Report tasks of Promoted Listings: asked for, made after a while, fetched as packed lines of values between tabs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from platforms.simulated.ads import auction
from platforms.simulated.ads.constants import REPORT_TAKES
from platforms.simulated.ads.model import Report
from platforms.simulated.servers.ebay.call import Answer, Call, EbayRefused, Operation, error
from platforms.simulated.servers.ebay.marketing import BASE, DOMAIN, account
from platforms.simulated.servers.spoil import gzipped
from platforms.simulated.wire import ebay_ads as wire
from platforms.simulated.wire.ebay import MARKETPLACE
from platforms.simulated.wire.text import moment, read_moment

API: Final = "sell.marketing.report"
PER_DAY: Final = 200 * 24
KIND: Final = "KEYWORD_PERFORMANCE_REPORT"
LONGEST: Final = timedelta(days=7)
_NEEDED: Final = ("campaign_id", "ad_group_id", "seller_keyword_id", "keyword_match_type")
_TASKS: Final = f"{BASE}/ad_report_task"


def create(call: Call) -> Any:
    """A stuck one (a fault) is taken and never done. Where it is, is said in the header Location."""
    start, end = _span(call)
    columns = _columns(call.body)
    ads = account(call)
    number = str(7_000_000 + len(ads.reports))
    asked = {"from": auction.day_of(start), "to": auction.day_of(end), "columns": columns, "request": dict(call.body)}
    stuck = call.servers.faults.strikes("stuck_report")
    call.do("channel_ads_ask", report_id=number, asked=asked, stuck=stuck)
    return Answer(None, 202, {"Location": f"{call.servers.base_url()}/ebay{_TASKS}/{number}"})


def look(call: Call) -> Any:
    """What is ready is made when it is first looked for: its figures are of that moment."""
    report = _report(call, call.path["report_task_id"], 35140)
    if report.rows is None and not report.stuck and call.now - report.at >= REPORT_TAKES:
        call.do("channel_ads_make", report_id=report.report_id)
    told = {
        "reportTaskId": report.report_id,
        "reportType": KIND,
        "reportFormat": "TSV_GZIP",
        "reportTaskStatus": "PENDING" if report.made_at is None else "SUCCESS",
        "reportTaskCreationDate": moment(report.at),
        "marketplaceId": MARKETPLACE,
    }
    if report.made_at is None:
        return told
    href = f"{call.servers.base_url()}/ebay{BASE}/ad_report/{report.report_id}"
    return told | {
        "reportId": report.report_id, "reportHref": href, "reportTaskCompletionDate": moment(report.made_at),
    }  # fmt: skip


def file(call: Call) -> Any:
    report = _report(call, call.path["report_id"], 35110)
    if report.rows is None:
        raise EbayRefused(404, error(35110, DOMAIN, "The 'report_id' was not found."))
    content = wire.report(account(call), report.rows, report.asked["columns"])
    return Answer(gzipped(call.servers.faults, content), 200, {"Content-Type": "application/octet-stream"})


def _span(call: Call) -> tuple[Any, Any]:
    try:
        start, end = read_moment(str(call.body.get("dateFrom"))), read_moment(str(call.body.get("dateTo")))
    except ValueError:
        raise EbayRefused(400, error(35102, DOMAIN, "The dateFrom and dateTo dates are required.")) from None
    if end > call.now or end <= start:
        raise EbayRefused(400, error(35104, DOMAIN, "dateTo must be after dateFrom, and not in the future."))
    if end - start > LONGEST:
        said = f"dateFrom and dateTo span exceeds maximum allowed. Only up to {LONGEST.days} days are supported."
        raise EbayRefused(400, error(35090, DOMAIN, said))
    return start, end


def _columns(body: Mapping[str, Any]) -> list[str]:
    if body.get("reportType") != KIND or body.get("fundingModels") != ["COST_PER_CLICK"]:
        raise EbayRefused(501, error(2003, "ACCESS", "Not implemented", long=f"Only {KIND} by click is simulated."))
    asked = [str(one.get("dimensionKey")) for one in body.get("dimensions") or ()]
    metrics = list(body.get("metricKeys") or ())
    if not set(_NEEDED) <= set(asked) <= set(wire.DIMENSIONS):
        raise EbayRefused(400, error(35119, DOMAIN, f"The required dimensions are {', '.join(_NEEDED)}."))
    if not metrics or not set(metrics) <= set(wire.METRICS):
        raise EbayRefused(400, error(35115, DOMAIN, "The metricKeys are not supported for this report."))
    return [*asked, *metrics]


def _report(call: Call, number: str, code: int) -> Report:
    found = account(call).reports.get(number)
    if found is None:
        raise EbayRefused(404, error(code, DOMAIN, f"No report found for {number[:40]}."))
    return found


OPERATIONS: Final = (
    Operation("createReportTask", "POST", _TASKS, API, PER_DAY, create, writes=True),
    Operation("getReportTask", "GET", f"{_TASKS}/{{report_task_id}}", API, PER_DAY, look),
    Operation("getReport", "GET", f"{BASE}/ad_report/{{report_id}}", API, PER_DAY, file),
)
