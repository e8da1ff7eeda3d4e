"""Pulling orders in the order of their updates; each page's cursor is the update time up to which all is seen."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

from ecom_agent.connector import Page, Window
from ecom_agent.errors import NotFound, ParseFailed
from ecom_agent.ids import OrderId
from ecom_agent.records.orders import Order
from platforms._shared import paging
from platforms._shared.payload import find, items, maybe_text, need
from platforms.shopify import parse
from platforms.shopify.client import ShopifyClient
from platforms.shopify.documents import ORDER, ORDERS

FIRST_LOOK_BACK: Final = timedelta(days=30)
OVERLAP: Final = timedelta(minutes=2)
"""Seen again in the next pull: Shopify's search index is not instant."""


def pull(client: ShopifyClient, cursor: str | None) -> Iterator[Page[Order]]:
    """Orders updated since `cursor`, oldest update first.

    Taking up a page's cursor sees again the orders of its last moment, and all that come after. No cursor goes
    beyond the start of this pull less the overlap.
    """
    started = client.clock.now()
    parts = paging.decode(cursor) if cursor else {}
    after, until = paging.time_of(parts, "after") or started - FIRST_LOOK_BACK, paging.time_of(parts, "until")
    window = Window(after, until or started)
    safe = max(after, min(started - OVERLAP, until or started))
    query = f"updated_at:>='{paging.stamp(after)}'" + (f" AND updated_at:<'{paging.stamp(until)}'" if until else "")
    position: str | None = None
    while True:
        answer = client.run(ORDERS, {"after": position, "query": query})
        nodes = [with_all_lines(client, node) for node in items(need(answer.parsed, "orders"), "nodes")]
        read = parse.orders(nodes, account=client.account, marketplace=client.marketplace)
        following = next_position(answer.parsed, "orders", position)
        newest = max([after, *(order.updated_at for order in read.records)])
        after = safe if following is None else min(newest, safe)
        yield Page(
            read.records,
            paging.encode(after=after, until=until),
            following is not None,
            ORDERS.name,
            answer.raw,
            read.poison,
            read.unknown_fields,
            window,
        )
        if following is None:
            return
        position = following


def get(client: ShopifyClient, order_id: OrderId) -> Order:
    """One order by its gid. Raises NotFound where the shop has no such order."""
    node = find(client.run(ORDER, {"id": order_id, "after": None}).parsed, "order")
    if node is None:
        raise NotFound(f"shop {client.marketplace} has no order {order_id}")
    return parse.order(with_all_lines(client, node), account=client.account, marketplace=client.marketplace)


def with_all_lines(client: ShopifyClient, node: Any) -> Any:
    """The order with the lines that did not fit into the page. One that is misshapen goes to the parser as it is."""
    try:
        position = next_position(node, "lineItems", None)
        lines = list(items(node, "lineItems.nodes"))
    except ParseFailed:
        return node
    if position is None:
        return node
    while position is not None:
        more = need(client.run(ORDER, {"id": node["id"], "after": position}).parsed, "order")
        lines += items(more, "lineItems.nodes")
        position = next_position(more, "lineItems", position)
    return {**node, "lineItems": {"nodes": lines}}


def next_position(data: Any, connection: str, present: str | None) -> str | None:
    """Where the next page of a connection starts, None at its end."""
    if find(data, f"{connection}.pageInfo.hasNextPage") is not True:
        return None
    following = maybe_text(data, f"{connection}.pageInfo.endCursor")
    if following is None or following == present:
        raise ParseFailed(f"{connection}.pageInfo.endCursor", "the same position twice: paging would not end")
    return following
