"""Pulling products as listings and their stock by warehouse; live price and stock."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from ecom_agent.connector import Page
from ecom_agent.errors import ParseFailed
from ecom_agent.ids import Sku
from ecom_agent.money import Money
from ecom_agent.records.catalog import Listing
from ecom_agent.records.stock import StockLevel
from platforms._shared import paging
from platforms._shared.http import Answer
from platforms.tiktok_shop import parse
from platforms.tiktok_shop.client import TikTokClient, path_of
from platforms.tiktok_shop.updates import OVERLAP, pages, seconds

SEARCH: Final = "searchProducts"
DETAIL: Final = "getProduct"
INVENTORY: Final = "inventorySearch"
PAGE_SIZE: Final = 100
"""Also the most products that one inventory search takes."""
WHOLE_EVERY: Final = timedelta(hours=6)
"""A search by update time does not show what left it; and TikTok does not promise that every change moves it."""


def pull_listings(client: TikTokClient, cursor: str | None) -> Iterator[Page[Listing]]:
    """Products updated since `cursor`, all of them every six hours."""
    started = client.clock.now()
    parts: Mapping[str, str] = paging.decode(cursor) if cursor else {}
    since, whole = paging.time_of(parts, "since"), paging.time_of(parts, "whole")
    if since is None or whole is None or started - whole >= WHOLE_EVERY:
        since, whole = None, started
    following = paging.encode(since=started - OVERLAP, whole=whole)
    yield from paging.sweep([_listings(client, since)], following, whole_since=started if since is None else None)


def pull_stock(client: TikTokClient) -> Iterator[Page[StockLevel]]:
    """All levels, each time: nothing tells which of them moved."""
    yield from paging.sweep([_levels(client)], paging.encode(since=client.clock.now()))


def live_price(client: TikTokClient, sku: Sku) -> Money | None:
    """The price that the product itself shows; the search only tells which product it is.

    Raises ParseFailed where several products share the SKU and ask different prices.
    """
    told = client.settings.global_seller
    prices = {parse.price_in(_product(client, one), sku, global_seller=told) for one in _with_sku(client, sku)}
    found = prices - {None}
    if len(found) > 1:
        raise ParseFailed("products", f"{len(found)} prices for SKU {sku}: products share it")
    return found.pop() if found else None


def live_stock(client: TikTokClient, sku: Sku, warehouse: str) -> int | None:
    products = _with_sku(client, sku)
    return parse.available_at(inventory(client, product_ids=products), sku, warehouse) if products else None


def inventory(client: TikTokClient, **ids: Any) -> Any:
    """The answer of an inventory search for `product_ids` or `sku_ids`."""
    return _inventory(client, **ids).parsed


def _inventory(client: TikTokClient, **ids: Any) -> Answer:
    return client.run(
        "POST",
        "/product/202309/inventory/search",
        operation=INVENTORY,
        body={name: list(values) for name, values in ids.items()},
    )


def _product(client: TikTokClient, product: str) -> Any:
    path = path_of("/product/202309/products/{product_id}", product_id=product)
    return client.run("GET", path, operation=DETAIL).parsed


def _with_sku(client: TikTokClient, sku: Sku) -> list[str]:
    found = (parse.product_ids(answer.parsed) for answer in _search(client, {"status": "ALL", "seller_skus": [sku]}))
    return list(dict.fromkeys(one for ids in found for one in ids))


def _search(client: TikTokClient, wanted: Mapping[str, Any]) -> Iterator[Answer]:
    def ask(token: str | None) -> Answer:
        return client.run(
            "POST",
            "/product/202502/products/search",
            operation=SEARCH,
            query={"page_size": PAGE_SIZE, "page_token": token},
            body=wanted,
        )

    return pages(ask)


def _listings(client: TikTokClient, since: datetime | None) -> Iterator[Page[Listing]]:
    wanted = {"status": "ALL"} | ({"update_time_ge": seconds(since)} if since else {})
    for answer in _search(client, wanted):
        read = parse.products(
            answer.parsed,
            account=client.account,
            marketplace=client.marketplace,
            global_seller=client.settings.global_seller,
            seen_at=client.clock.now(),
        )
        yield Page(read.records, None, _more(answer), SEARCH, answer.raw, read.poison, read.unknown_fields)


def _levels(client: TikTokClient) -> Iterator[Page[StockLevel]]:
    for found in _search(client, {"status": "ALL"}):
        products = parse.product_ids(found.parsed)
        answer = _inventory(client, product_ids=products) if products else found
        read = parse.levels(
            answer.parsed, account=client.account, marketplace=client.marketplace, seen_at=client.clock.now()
        )
        yield Page(read.records, None, _more(found), INVENTORY, answer.raw, read.poison, read.unknown_fields)


def _more(answer: Answer) -> bool:
    return bool(answer.parsed["data"].get("next_page_token"))
