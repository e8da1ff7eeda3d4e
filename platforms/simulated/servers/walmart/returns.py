"""getReturns: newest first, paged by place."""

from __future__ import annotations

from typing import Any, Final

from platforms.simulated.servers.spoil import spoil_page
from platforms.simulated.servers.walmart.call import POSITION, Call, Operation, cursor_of
from platforms.simulated.wire import walmart_care

API: Final = "RETURNS"
_STATUS_PATH: Final = ("returnOrderLines", "status")


def search(call: Call) -> Any:
    """The last page's cursor is an empty text: the contract wants the field."""
    size, start = call.whole("limit", 10, 1, 200), call.whole("offset", 0, 0, 1_000_000)
    after, before = call.moment("returnLastModifiedStartDate"), call.moment("returnLastModifiedEndDate")
    opened, closed = call.moment("returnCreationStartDate"), call.moment("returnCreationEndDate")
    wfs = call.query.get("isWFSEnabled") == "Y"
    found = [
        one
        for one in call.channel.returns.values()
        if not wfs
        and (after is None or one.updated_at >= after)
        and (before is None or one.updated_at <= before)
        and (opened is None or one.requested_at >= opened)
        and (closed is None or one.requested_at <= closed)
    ]
    found.sort(key=lambda one: (one.requested_at, one.number), reverse=True)
    rows = [walmart_care.returned(call.world, call.channel, one) for one in found[start : start + size]]
    spoil_page(call.servers.faults, rows, heart="returnOrderLines", status=_STATUS_PATH)
    more = start + size < len(found)
    cursor = cursor_of(call.query, sellerId="8", limit=str(size), offset=str(start + size)) if more else ""
    return {"meta": {"totalCount": len(found), "limit": size, "nextCursor": cursor}, "returnOrders": rows}


OPERATIONS: Final = (Operation("getReturns", "GET", "/v3/returns", API, 10, 50, search, cursor=POSITION),)
