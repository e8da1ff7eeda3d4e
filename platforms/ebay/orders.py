"""Pulling orders by the time of their last change, and one order."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from ecom_agent.connector import Page
from ecom_agent.errors import NotFound, TerminalError
from ecom_agent.ids import OrderId
from ecom_agent.records.orders import Order
from platforms._shared.payload import find
from platforms.ebay import parse, rates
from platforms.ebay.client import EbayClient, Operation, pages
from platforms.ebay.windows import between, stretch, window

GET_ORDERS: Final = Operation("getOrders", "GET", "/sell/fulfillment/v1/order", rates.FULFILLMENT)
GET_ORDER: Final = Operation("getOrder", "GET", "/sell/fulfillment/v1/order/{order_id}", rates.FULFILLMENT)
FIRST_LOOK_BACK: Final = timedelta(days=30)
OVERLAP: Final = timedelta(minutes=10)
_A_PAGE: Final = "200"
_NO_SUCH_ORDER: Final = "32100"


def pull(client: EbayClient, cursor: str | None) -> Iterator[Page[Order]]:
    """Orders changed since `cursor`. eBay does not sort by that time, so only the last page moves the cursor."""
    found = window(client.clock.now(), cursor, first=FIRST_LOOK_BACK, again=OVERLAP)
    query = {"filter": between("lastmodifieddate", found), "limit": _A_PAGE}
    for answer, more in pages(client, GET_ORDERS, query, "orders"):
        read = parse.orders(answer.parsed, account=client.account, marketplace=client.marketplace)
        yield Page(
            read.records,
            None if more else found.cursor,
            more,
            GET_ORDERS.name,
            answer.raw,
            read.poison,
            read.unknown_fields,
            stretch(found, find(answer.parsed, "total")),
        )


def get(client: EbayClient, order_id: OrderId) -> Order:
    """Raises NotFound where the seller has no such order."""
    try:
        answer = client.call(GET_ORDER, path={"order_id": order_id})
    except TerminalError as error:
        if error.status == 404 or any(issue.startswith(_NO_SUCH_ORDER) for issue in error.issues):
            raise NotFound(f"eBay has no order {order_id} of this seller") from None
        raise
    return parse.order(answer.parsed, account=client.account, marketplace=client.marketplace)
