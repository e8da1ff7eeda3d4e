"""Orders 2026-01-01: searchOrders and getOrder."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from platforms.simulated.servers.sp.call import Call, Operation, SpRefused, from_token, invalid, to_token
from platforms.simulated.state import AMAZON, Order
from platforms.simulated.wire import sp_orders
from platforms.simulated.wire.text import moment

TOKEN_LIVES = timedelta(hours=24)
YOUNGEST = timedelta(minutes=2)  # nothing younger is shown


def search(call: Call) -> Any:
    """Oldest first by the time asked for. The token holds the window, so that paging sees one set of orders."""
    now = call.sim.now()
    token = call.query.get("paginationToken")
    wanted = from_token(token, now, "paginationToken") if token else _window(call, now)
    by_update = wanted["by"] == "updated"
    low, high = datetime.fromisoformat(wanted["low"]), datetime.fromisoformat(wanted["high"])
    after = (datetime.fromisoformat(wanted["at"]), wanted["id"]) if "at" in wanted else None

    def key(order: Order) -> tuple[datetime, str]:
        return (order.updated_at if by_update else order.created_at, order.order_id)

    found = sorted(
        (
            order
            for order in call.world.ledger.orders.values()
            if order.channel == AMAZON
            and low <= key(order)[0] <= high
            and (after is None or key(order) > after)
            and _fits(order, wanted)
        ),
        key=key,
    )
    size = wanted["size"]
    page = found[:size]
    answer: dict[str, Any] = {"orders": [sp_orders.order(call.world, order, wanted["sections"]) for order in page]}
    if len(found) > size:
        last = key(page[-1])
        more = {**wanted, "at": last[0].isoformat(), "id": last[1]}
        answer["pagination"] = {"nextToken": to_token(more, now, TOKEN_LIVES)}
    answer["lastUpdatedBefore" if by_update else "createdBefore"] = moment(high)
    return answer


def _window(call: Call, now: datetime) -> dict[str, Any]:
    """What the words of the reference demand and its schema does not check."""
    call.here()
    created, updated = call.moment("createdAfter"), call.moment("lastUpdatedAfter")
    if (created is None) == (updated is None):
        raise invalid("Exactly one of createdAfter and lastUpdatedAfter must be provided.")
    by, other, low = ("lastUpdated", "created", updated) if updated else ("created", "lastUpdated", created)
    assert low is not None
    if call.query.get(f"{other}Before"):
        raise invalid(f"{other}Before cannot be used together with {by}After.")
    newest = now - YOUNGEST
    high = call.moment(f"{by}Before") or newest
    if high > newest and call.query.get(f"{by}Before"):
        raise invalid(f"{by}Before must be at least two minutes before the time of the request.")
    if high < low and call.query.get(f"{by}Before"):
        raise invalid(f"{by}Before must be equal to or after {by}After.")
    return {
        "by": "updated" if updated else "created",
        "low": low.isoformat(),
        "high": high.isoformat(),
        "size": call.whole("maxResultsPerPage", 100, 1, 100),
        "status": [status.lower() for status in call.many("fulfillmentStatuses")],
        "fulfilled_by": call.many("fulfilledBy"),
        "sections": _sections(call),
    }


def _sections(call: Call) -> list[str]:
    sections = call.many("includedData")
    strange = [section for section in sections if section not in sp_orders.SECTIONS]
    if strange:
        raise invalid(f"includedData has an unknown value: {strange[0]}")
    return sections


def _fits(order: Order, wanted: dict[str, Any]) -> bool:
    by = "AMAZON" if order.is_fba else "MERCHANT"
    return (not wanted["status"] or order.status in wanted["status"]) and (
        not wanted["fulfilled_by"] or by in wanted["fulfilled_by"]
    )


def get(call: Call) -> Any:
    found = call.world.ledger.orders.get(call.path["orderId"])
    if found is None or found.channel != AMAZON:
        raise SpRefused(404, "NotFound", f"Order {call.path['orderId']} was not found.")
    return {"order": sp_orders.order(call.world, found, _sections(call))}


OPERATIONS = (
    Operation("searchOrders", "GET", "/orders/2026-01-01/orders", 0.0056, 20, search),
    Operation("getOrder", "GET", "/orders/2026-01-01/orders/{orderId}", 0.5, 30, get),
)
