"""Pulling orders in the order of their updates, and asking for one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

import orjson

from ecom_agent.connector import Page
from ecom_agent.errors import NotFound
from ecom_agent.ids import OrderId
from ecom_agent.records.orders import Order
from platforms._shared.http import Answer
from platforms._shared.payload import items
from platforms.tiktok_shop import parse
from platforms.tiktok_shop.client import TikTokClient
from platforms.tiktok_shop.updates import PAGE_SIZE, seconds, walk

SEARCH: Final = "getOrderList"
DETAIL: Final = "getOrderDetail"


def pull(client: TikTokClient, cursor: str | None) -> Iterator[Page[Order]]:
    """Orders updated since `cursor`, oldest update first. The page is rid of who the buyer is before it is kept."""

    def ask(after: datetime, before: datetime, token: str | None) -> Answer:
        return client.run(
            "POST",
            "/order/202309/orders/search",
            operation=SEARCH,
            query={"page_size": PAGE_SIZE, "sort_field": "update_time", "sort_order": "ASC", "page_token": token},
            body={"update_time_ge": seconds(after), "update_time_lt": seconds(before)},
        )

    for step in walk(ask, cursor, now=client.clock.now(), rows="data.orders"):
        body = parse.without_buyer(step.answer.parsed)
        read = parse.orders(body, account=client.account, marketplace=client.marketplace)
        raw = orjson.dumps(body)
        yield Page(read.records, step.cursor, step.more, SEARCH, raw, read.poison, read.unknown_fields, step.window)


def get(client: TikTokClient, order_id: OrderId) -> Order:
    """One order. Raises NotFound where the shop has no such order."""
    answer = client.run("GET", "/order/202507/orders", operation=DETAIL, query={"ids": order_id})
    body = parse.without_buyer(answer.parsed)
    for raw in items(body, "data.orders"):
        order = parse.order(raw, account=client.account, marketplace=client.marketplace)
        if order.order_id == order_id:
            return order
    raise NotFound(f"shop {client.marketplace} has no order {order_id}")
