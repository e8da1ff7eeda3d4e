"""Returns and refunds: search by update or creation time."""

from __future__ import annotations

from typing import Any

from platforms.simulated.channels.model import Return
from platforms.simulated.servers.tiktok.call import Call, Operation
from platforms.simulated.wire import tiktok


def _search(call: Call) -> dict[str, Any]:
    changed, created = call.window("update_time", call.body), call.window("create_time", call.body)
    by_update = call.query.get("sort_field", "create_time") == "update_time"

    def key(one: Return) -> tuple[int, int]:
        return tiktok.unix(one.updated_at if by_update else one.requested_at), one.number

    found = [
        one
        for one in call.channel.returns.values()
        if changed(tiktok.unix(one.updated_at)) and created(tiktok.unix(one.requested_at))
    ]
    rows, token = call.page(sorted(found, key=key, reverse=call.newest_first()), most=50)
    shown = [tiktok.returned(call.world, call.channel, one) for one in rows]
    return {**({"return_orders": shown} if shown else {}), "total_count": len(found), **token}


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "searchReturns",
        "POST",
        "/return_refund/202602/returns/search",
        _search,
        records=("return_orders", "update_time"),
        status=("return_status",),
    ),
)
