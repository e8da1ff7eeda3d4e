"""Sell Fulfillment: getOrders and getOrder."""

from __future__ import annotations

from typing import Any, Final

from platforms.simulated.channels import reads
from platforms.simulated.channels.ids import read_id
from platforms.simulated.channels.model import Sale
from platforms.simulated.servers.ebay.call import Call, EbayRefused, Numbers, Operation, error, filters, page, span
from platforms.simulated.state import EBAY
from platforms.simulated.wire import ebay_orders

BASE: Final = "/sell/fulfillment/v1"
PER_DAY: Final = 100_000
_NUMBERS: Final = Numbers(
    "API_FULFILLMENT", limit=31100, offset=31000, filter=30800, date=30810, order=30840, future=30850
)
_MOST_IDS: Final = 50


def search(call: Call) -> Any:
    """Newest order first, whatever was asked for: an order that changes does not move, but may leave the window."""
    ids = call.query.get("orderIds")
    found = _by_filter(call) if ids is None else _by_id(call, ids.split(","))
    found.sort(key=lambda sale: sale.number, reverse=True)
    answer = page(call, f"{BASE}/order", "orders", found, _NUMBERS, default=50, most=200)
    answer["orders"] = [ebay_orders.order(call.world, call.channel, sale) for sale in answer["orders"]]
    return answer


def _by_id(call: Call, texts: list[str]) -> list[Sale]:
    if len(texts) > _MOST_IDS:
        raise EbayRefused(400, error(30900, _NUMBERS.domain, f"Exceeded maximum number of order IDs ({_MOST_IDS})"))
    return [_order(call, text) for text in texts]


def _by_filter(call: Call) -> list[Sale]:
    wanted = filters(call, ("creationdate", "lastmodifieddate", "orderfulfillmentstatus"), _NUMBERS)
    if "creationdate" in wanted:
        start, end = span(call, wanted["creationdate"], _NUMBERS)
        found = [sale for sale in reads.created(call.channel, start) if sale.created_at <= end]
    elif "lastmodifieddate" in wanted:
        start, end = span(call, wanted["lastmodifieddate"], _NUMBERS)
        found = [sale for sale in reads.changed(call.channel, start) if sale.updated_at <= end]
    else:
        found = list(call.channel.sales.values())
    words = set(filter(None, wanted.get("orderfulfillmentstatus", "").split("|")))
    return [sale for sale in found if not words or ebay_orders.FULFILMENT[sale.status] in words]


def get(call: Call) -> Any:
    return ebay_orders.order(call.world, call.channel, _order(call, call.path["order_id"]))


def _order(call: Call, text: str) -> Sale:
    sale = call.channel.sales.get(read_id(EBAY, "sale", text) or 0)
    if sale is None:
        raise EbayRefused(404, error(32100, _NUMBERS.domain, f"Invalid order ID: {text[:40]}", orderId=text[:40]))
    return sale


OPERATIONS: Final = (
    Operation("getOrders", "GET", f"{BASE}/order", "sell.fulfillment", PER_DAY, search),
    Operation("getOrder", "GET", f"{BASE}/order/{{order_id}}", "sell.fulfillment", PER_DAY, get),
)
