"""Pulling stock by changes: Amazon's warehouses whole once a day, the merchant's own shelf every two hours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

from ecom_agent.connector import Page
from ecom_agent.errors import ParseFailed
from ecom_agent.ids import MarketplaceId, Sku
from ecom_agent.records.stock import StockLevel
from platforms._shared import paging
from platforms._shared.http import Answer
from platforms._shared.payload import maybe_text
from platforms.amazon import parse
from platforms.amazon.client import AmazonClient
from platforms.amazon.listings import search

SUMMARIES: Final = "getInventorySummaries"
WHOLE_EVERY: Final = timedelta(hours=24)
"""Amazon's list of changes does not tell of goods on their way in: once a day all is read."""
SHELF_EVERY: Final = timedelta(hours=2)
"""Amazon does not promise that an order moves its listing's update time. All listings are many calls: 20 in each."""
OVERLAP: Final = timedelta(minutes=10)


def pull(client: AmazonClient, cursor: str | None) -> Iterator[Page[StockLevel]]:
    """Levels changed since `cursor`. Amazon's page tokens live 30 seconds: a sweep that broke off starts anew."""
    started = client.clock.now()
    parts: Mapping[str, str] = paging.decode(cursor) if cursor else {}
    warehouses, whole = _from(parts, "whole", WHOLE_EVERY, started)
    shelf, shelf_whole = _from(parts, "shelf", SHELF_EVERY, started)
    sources = []
    for marketplace in map(MarketplaceId, client.settings.marketplaces):
        sources += [_fba(client, marketplace, warehouses), _merchant(client, marketplace, shelf)]
    yield from paging.sweep(sources, paging.encode(since=started - OVERLAP, whole=whole, shelf=shelf_whole))


def _from(parts: Mapping[str, str], name: str, every: timedelta, now: datetime) -> tuple[datetime | None, datetime]:
    """From when on to look (None = all of it), and when all of it was looked at last."""
    since, whole = paging.time_of(parts, "since"), paging.time_of(parts, name)
    return (None, now) if since is None or whole is None or now - whole >= every else (since, whole)


def live_fba(client: AmazonClient, sku: Sku, marketplace: MarketplaceId) -> int | None:
    """Fulfillable units of one SKU now, None where Amazon has none of it on its books."""
    answer = _summaries(client, marketplace, sellerSkus=sku)
    read = parse.inventory_summaries(
        answer.parsed, account=client.account, marketplace=marketplace, seen_at=client.clock.now()
    )
    return next((level.fulfillable for level in read.records if level.sku == sku), None)


def _fba(client: AmazonClient, marketplace: MarketplaceId, since: datetime | None) -> Iterator[Page[StockLevel]]:
    token: str | None = None
    while True:
        started = paging.stamp(since) if since else None
        answer = _summaries(client, marketplace, startDateTime=started, nextToken=token)
        read = parse.inventory_summaries(
            answer.parsed, account=client.account, marketplace=marketplace, seen_at=client.clock.now()
        )
        following = maybe_text(answer.parsed, "pagination.nextToken")
        if following is not None and following == token:
            raise ParseFailed("pagination.nextToken", "the same token twice: paging would not end")
        yield Page(read.records, None, following is not None, SUMMARIES, answer.raw, read.poison, read.unknown_fields)
        if following is None:
            return
        token = following


def _merchant(client: AmazonClient, marketplace: MarketplaceId, since: datetime | None) -> Iterator[Page[StockLevel]]:
    for answer, more in search(client, marketplace, ("summaries", "fulfillmentAvailability"), since=since):
        read = parse.mfn_stock(
            answer.parsed, account=client.account, marketplace=marketplace, seen_at=client.clock.now()
        )
        yield Page(read.records, None, more, "searchListingsItems", answer.raw, read.poison, read.unknown_fields)


def _summaries(client: AmazonClient, marketplace: MarketplaceId, **more: str | None) -> Answer:
    query = {
        "details": True,
        "granularityType": "Marketplace",
        "granularityId": marketplace,
        "marketplaceIds": marketplace,
        **more,
    }
    return client.answer("GET", "/fba/inventory/v1/summaries", operation=SUMMARIES, query=query)
