"""Orders: search by update or creation time, and one by its id."""

from __future__ import annotations

from typing import Any

from platforms.simulated.channels.ids import read_id
from platforms.simulated.channels.model import Sale
from platforms.simulated.servers.tiktok.call import Call, Operation, invalid
from platforms.simulated.state import TIKTOK
from platforms.simulated.wire import tiktok

MOST_IDS = 50


def _search(call: Call) -> dict[str, Any]:
    changed, created = call.window("update_time", call.body), call.window("create_time", call.body)
    by_update = call.query.get("sort_field", "create_time") == "update_time"
    status = call.body.get("order_status")

    def key(sale: Sale) -> tuple[int, int]:
        return tiktok.unix(sale.updated_at if by_update else sale.created_at), sale.number

    found = [
        sale
        for sale in call.channel.sales.values()
        if changed(tiktok.unix(sale.updated_at))
        and created(tiktok.unix(sale.created_at))
        and status in (None, tiktok.STATUS[sale.status])
    ]
    rows, token = call.page(sorted(found, key=key, reverse=call.newest_first()))
    return {"orders": [tiktok.order(call.world, sale) for sale in rows], "total_count": len(found), **token}


def _detail(call: Call) -> dict[str, Any]:
    """Ids that are of nothing are passed over, as TikTok does."""
    ids = [part for part in call.query.get("ids", "").split(",") if part]
    if not 1 <= len(ids) <= MOST_IDS:
        raise invalid(f"ids: 1 to {MOST_IDS} order ids")
    numbers = [read_id(TIKTOK, "sale", text) for text in ids]
    found = [call.channel.sales[number] for number in numbers if number in call.channel.sales]
    return {"orders": [tiktok.order(call.world, sale) for sale in found]}


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "getOrderList",
        "POST",
        "/order/202309/orders/search",
        _search,
        records=("orders", "line_items"),
        status=("status",),
    ),
    Operation("getOrderDetail", "GET", "/order/202507/orders", _detail),
)
