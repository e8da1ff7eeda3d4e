"""Reconciliation reports: the days there are, and one day's lines, by place in the file."""

from __future__ import annotations

from itertools import accumulate
from typing import Any, Final

import orjson

from platforms.simulated.servers.spoil import spoil_page
from platforms.simulated.servers.walmart.call import Call, Operation, invalid
from platforms.simulated.wire import walmart_money

API: Final = "REPORT"


def days(call: Call) -> Any:
    """Newest first, as the real list comes."""
    names = [walmart_money.name(charge) for charge in call.channel.charges if charge.kind == "payout"]
    return {"availableApReportDates": names[::-1]}


def lines(call: Call) -> Any:
    """`offset` counts bytes: it must be one that an answer before gave, or zero."""
    wanted = call.query["reportDate"]
    payouts = [c for c in call.channel.charges if c.kind == "payout" and walmart_money.name(c) == wanted]
    if not payouts:
        raise invalid(API, f"No report of {wanted}", "reportDate")
    rows = [row for payout in payouts for row in walmart_money.rows(call.world, call.channel, payout)]
    starts = [0, *accumulate(len(orjson.dumps(row)) for row in rows)]
    offset, size = call.whole("offset", 0, 0, starts[-1]), call.whole("noOfRecords", 1000, 1, 1000)
    if offset not in starts:
        raise invalid(API, "offset is no beginning of a line", "offset")
    first = starts.index(offset)
    page = rows[first : first + size]
    following = starts[first + len(page)]
    spoil_page(call.servers.faults, page, heart="Amount Type")
    return {
        "reportData": page,
        "nextOffset": following,
        "totalRecords": len(page),
        "description": f"Number of Lines in file {len(rows)}",
    }


OPERATIONS: Final = (
    Operation("getAvailableV1ReconReportDates", "GET", "/v3/report/reconreport/availableReconFiles", API, 1, 20, days),
    Operation("getAvailableV1ReconReportAsJson", "GET", "/v3/report/reconreport/reconFileJson", API, 1, 20, lines),
)
