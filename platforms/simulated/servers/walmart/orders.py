"""getAllOrders and getAnOrder, with the real one's habits: hidden unless asked for, paged by place, 10,000 at most.

A purchase order begins to exist when its payment is sure.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from platforms.simulated.channels import reads
from platforms.simulated.channels.ids import print_id, read_id
from platforms.simulated.channels.model import Sale
from platforms.simulated.servers.spoil import spoil_page
from platforms.simulated.servers.walmart.call import POSITION, Call, Operation, cursor_of, invalid, missing
from platforms.simulated.servers.walmart.credentials import SHIP_NODE
from platforms.simulated.state import WALMART
from platforms.simulated.wire import walmart

API: Final = "ORDER"
NODES: Final = ("SellerFulfilled", "WFSFulfilled", "3PLFulfilled")
SHOWN_WITHOUT_ASKING: Final = timedelta(days=7)
ELDEST: Final = timedelta(days=180)
MOST: Final = 10_000
_STATUS_PATH: Final = ("orderLines", "orderLine", "orderLineStatuses", "orderLineStatus", "status")


def search(call: Call) -> Any:
    """Newest first. The place in the list is all that a cursor knows: what comes or goes moves the others."""
    size = call.whole("limit", 100, 1, 200)
    start = call.whole("poIndex", 0, 0, MOST)
    found = _found(call)
    if len(found) > MOST:
        raise invalid(API, f"More than {MOST} orders: narrow the search")
    rows = [walmart.order(call.world, sale, node=SHIP_NODE) for sale in found[start : start + size]]
    spoil_page(call.servers.faults, rows, heart="orderLines", status=_STATUS_PATH)
    meta: dict[str, Any] = {"totalCount": len(found), "limit": size}
    if start + size < len(found):
        place = {"hasMoreElements": "true", "soIndex": str(len(found)), "poIndex": str(start + size)}
        meta["nextCursor"] = cursor_of(call.query, **place, partnerId=call.channel.seller_id, sellerId="8")
    return {"list": {"meta": meta, "elements": {"order": rows}}}


def _found(call: Call) -> list[Sale]:
    node = call.query.get("shipNodeType", NODES[0])
    if node not in NODES:
        raise invalid(API, f"shipNodeType must be one of {', '.join(NODES)}", "shipNodeType")
    if node != NODES[0]:
        return []
    created = max(call.moment("createdStartDate") or call.now - SHOWN_WITHOUT_ASKING, call.now - ELDEST)
    created_end = call.moment("createdEndDate")
    changed, changed_end = call.moment("lastModifiedStartDate"), call.moment("lastModifiedEndDate")
    sales = reads.changed(call.channel, changed, changed_end) if changed else reads.created(call.channel, created)
    kept = [sale for sale in sales if sale.status != "pending" and created <= sale.created_at]
    kept = [sale for sale in kept if _before(sale.created_at, created_end) and _before(sale.updated_at, changed_end)]
    return sorted((s for s in kept if _asked(s, call)), key=lambda s: (s.created_at, s.number), reverse=True)


def _before(at: datetime, end: datetime | None) -> bool:
    return end is None or at < end


def _asked(sale: Sale, call: Call) -> bool:
    wanted = {
        "purchaseOrderId": {print_id(WALMART, "sale", sale.number)},
        "customerOrderId": {print_id(WALMART, "customer_order", sale.number)},
        "sku": {line.sku for line in sale.lines},
    }
    return all(call.query[name] in having for name, having in wanted.items() if call.query.get(name))


def get(call: Call) -> Any:
    number = read_id(WALMART, "sale", call.path["purchaseOrderId"])
    sale = call.channel.sales.get(number) if number else None
    if sale is None or sale.status == "pending":
        raise missing(API, "The requested purchase order was not found", "purchaseOrderId")
    return walmart.alone(call.world, sale, node=SHIP_NODE)


OPERATIONS: Final = (
    Operation("getAllOrders", "GET", "/v3/orders", API, 10, 50, search, cursor=POSITION),
    Operation("getAnOrder", "GET", "/v3/orders/{purchaseOrderId}", API, 10, 50, get),
)
