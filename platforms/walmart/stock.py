"""Pulling stock whole each time: our own ship nodes, then Walmart's warehouses. Walmart tells no time of a level."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ecom_agent.connector import Page
from ecom_agent.errors import ParseFailed, TerminalError
from ecom_agent.ids import Sku
from ecom_agent.records.stock import StockLevel
from platforms._shared import paging
from platforms._shared.http import Answer
from platforms._shared.payload import find, items, maybe_text
from platforms._shared.read import Read
from platforms.walmart import parse
from platforms.walmart.client import WalmartClient, path_of

NODES: Final = "getMultiNodeInventoryForAllSkuAndAllShipNodes"
ONE: Final = "getMultiNodeInventoryForSkuAndAllShipnodes"
WAREHOUSE: Final = "getWFSInventoryDetails"
_WAREHOUSE_PAGE: Final = 300
_NONE: Final = b'{"meta":{"totalCount":0}}'


def pull(client: WalmartClient) -> Iterator[Page[StockLevel]]:
    """One page after the other: since 2026-05 Walmart refuses positions that are used twice or side by side."""
    yield from paging.sweep([_nodes(client), _warehouse(client)], paging.encode(seen=client.clock.now()))


def live(client: WalmartClient, sku: Sku, location: str) -> int | None:
    """Units to sell at one location now, None where the SKU is not kept there."""
    if location == parse.WFS:
        query = {"sku": sku, "limit": "1"}
        answer = client.listed("/v3/wfs/inventory", operation=WAREHOUSE, query=query)
        levels = () if answer is None else _read_warehouse(client, answer).records
        return next((level.fulfillable for level in levels if level.sku == sku), None)
    try:
        one = client.answer("GET", path_of("/v3/inventories/{sku}", sku=sku), operation=ONE)
    except TerminalError as error:
        if error.status == 404:
            return None
        raise
    return parse.available_at(one.parsed, location)


def _nodes(client: WalmartClient) -> Iterator[Page[StockLevel]]:
    position: str | None = None
    while True:
        query = {"limit": "50", "nextCursor": position}
        answer = client.listed("/v3/inventories", operation=NODES, query=query)
        if answer is None:
            yield Page((), None, False, NODES, _NONE)
            return
        read = parse.ship_nodes(
            answer.parsed, account=client.account, marketplace=client.marketplace, seen_at=client.clock.now()
        )
        following = maybe_text(answer.parsed, "meta.nextCursor")
        if following is not None and following == position:
            raise ParseFailed("meta.nextCursor", "the same position twice: paging would not end")
        yield Page(read.records, None, following is not None, NODES, answer.raw, read.poison, read.unknown_fields)
        if following is None:
            return
        position = following


def _warehouse(client: WalmartClient) -> Iterator[Page[StockLevel]]:
    """By place; a SKU that is added or taken away in between may be missed until the next sweep."""
    offset = 0
    while True:
        query = {"limit": str(_WAREHOUSE_PAGE), "offset": str(offset)}
        answer = client.listed("/v3/wfs/inventory", operation=WAREHOUSE, query=query)
        if answer is None:
            yield Page((), None, False, WAREHOUSE, _NONE)
            return
        read = _read_warehouse(client, answer)
        found, total = len(items(answer.parsed, "payload.inventory")), find(answer.parsed, "headers.totalCount")
        offset += found
        more = found > 0 and isinstance(total, int) and offset < total
        yield Page(read.records, None, more, WAREHOUSE, answer.raw, read.poison, read.unknown_fields)
        if not more:
            return


def _read_warehouse(client: WalmartClient, answer: Answer) -> Read[StockLevel]:
    return parse.warehouse(
        answer.parsed, account=client.account, marketplace=client.marketplace, seen_at=client.clock.now()
    )
