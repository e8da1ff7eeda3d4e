"""Pulling variants and inventory levels: by their update time, a whole sweep now and then; live price and stock."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

from ecom_agent.connector import Page
from ecom_agent.ids import Sku
from ecom_agent.money import Money
from ecom_agent.records.catalog import Listing
from ecom_agent.records.stock import StockLevel
from platforms._shared import paging
from platforms._shared.payload import find, items, text
from platforms.shopify import parse
from platforms.shopify.client import ShopifyClient, search_text
from platforms.shopify.documents import LEVELS, LOCATIONS, STOCK_AT, VARIANTS
from platforms.shopify.orders import next_position

WHOLE_EVERY: Final = timedelta(hours=6)
"""A variant's update time does not move with its product's status, nor a level's with every state: all is read."""
OVERLAP: Final = timedelta(minutes=2)


def pull_listings(client: ShopifyClient, cursor: str | None) -> Iterator[Page[Listing]]:
    since, following = _since(client, cursor)
    started = client.clock.now() if since is None else None
    yield from paging.sweep([_listings(client, since)], following, whole_since=started)


def pull_stock(client: ShopifyClient, cursor: str | None) -> Iterator[Page[StockLevel]]:
    """Levels updated since `cursor`, by location: `updated_at` of an item does not move when its levels do."""
    since, following = _since(client, cursor)
    yield from paging.sweep([_levels(client, location, since) for location in _locations(client)], following)


def live_price(client: ShopifyClient, sku: Sku) -> Money | None:
    data = client.run(VARIANTS, {"after": None, "query": f"sku:{search_text(sku)}"}).parsed
    return parse.price_of_sku(data, sku)


def live_stock(client: ShopifyClient, sku: Sku, location: str) -> int | None:
    data = client.run(STOCK_AT, {"query": f"sku:{search_text(sku)}", "location": location}).parsed
    return parse.available_at(data, sku)


def _since(client: ShopifyClient, cursor: str | None) -> tuple[datetime | None, str]:
    """From when on to look (None = all of it), and the cursor for when that is done."""
    started = client.clock.now()
    parts: Mapping[str, str] = paging.decode(cursor) if cursor else {}
    since, whole = paging.time_of(parts, "since"), paging.time_of(parts, "whole")
    if since is None or whole is None or started - whole >= WHOLE_EVERY:
        since, whole = None, started
    return since, paging.encode(since=started - OVERLAP, whole=whole)


def _updated(since: datetime | None) -> str | None:
    return f"updated_at:>='{paging.stamp(since)}'" if since else None


def _listings(client: ShopifyClient, since: datetime | None) -> Iterator[Page[Listing]]:
    position: str | None = None
    query = _updated(since)
    while True:
        answer = client.run(VARIANTS, {"after": position, "query": query})
        read = parse.listings(
            answer.parsed, account=client.account, marketplace=client.marketplace, seen_at=client.clock.now()
        )
        position = next_position(answer.parsed, "productVariants", position)
        more = position is not None
        yield Page(read.records, None, more, VARIANTS.name, answer.raw, read.poison, read.unknown_fields)
        if not more:
            return


def _locations(client: ShopifyClient) -> list[str]:
    """Also those of fulfilment services."""
    found: list[str] = []
    position: str | None = None
    while True:
        answer = client.run(LOCATIONS, {"after": position})
        found += [text(node, "id") for node in items(answer.parsed, "locations.nodes")]
        position = next_position(answer.parsed, "locations", position)
        if position is None:
            return found


def _levels(client: ShopifyClient, location: str, since: datetime | None) -> Iterator[Page[StockLevel]]:
    position: str | None = None
    query = _updated(since)
    while True:
        answer = client.run(LEVELS, {"location": location, "after": position, "query": query})
        here = find(answer.parsed, "location")
        if here is None:  # it was taken away since it was listed
            yield Page((), None, False, LEVELS.name, answer.raw)
            return
        read = parse.levels(here, account=client.account, marketplace=client.marketplace, seen_at=client.clock.now())
        position = next_position(here, "inventoryLevels", position)
        more = position is not None
        yield Page(read.records, None, more, LEVELS.name, answer.raw, read.poison, read.unknown_fields)
        if not more:
            return
