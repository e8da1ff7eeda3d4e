"""Reading listings: by their update time, a whole sweep now and then; one listing's price and stock right now."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from ecom_agent.connector import Page
from ecom_agent.errors import ParseFailed, TerminalError
from ecom_agent.ids import MarketplaceId, Sku
from ecom_agent.money import Money
from ecom_agent.records.business import BusinessPrices
from ecom_agent.records.catalog import Listing
from platforms._shared import paging
from platforms._shared.http import Answer
from platforms._shared.payload import find, items, maybe_text, moment
from platforms.amazon import parse
from platforms.amazon.client import AmazonClient, path_of

SEARCH: Final = "searchListingsItems"
PATH: Final = "/listings/2021-08-01/items/{sellerId}"
WHOLE_EVERY: Final = timedelta(hours=6)
"""Prices can move without a new update time (Amazon's own automations): so often all is read."""
OVERLAP: Final = timedelta(minutes=10)
DEEPEST: Final = 1000
"""Amazon pages through no more than so many items of one search."""
_INCLUDED: Final = ("summaries", "attributes", "issues", "offers", "fulfillmentAvailability")


def pull(client: AmazonClient, cursor: str | None) -> Iterator[Page[Listing]]:
    """Listings updated since `cursor`, of each marketplace in turn."""
    started = client.clock.now()
    parts = paging.decode(cursor) if cursor else {}
    since, whole = paging.time_of(parts, "since"), paging.time_of(parts, "whole")
    if since is None or whole is None or started - whole >= WHOLE_EVERY:
        since, whole = None, started
    sources = [_listings(client, MarketplaceId(m), since) for m in client.settings.marketplaces]
    whole_since = started if since is None else None
    yield from paging.sweep(sources, paging.encode(since=started - OVERLAP, whole=whole), whole_since=whole_since)


def live_price(client: AmazonClient, sku: Sku, marketplace: MarketplaceId) -> Money | None:
    """None where the listing is not on offer, or is gone."""
    body = _item(client, sku, marketplace, ("offers", "attributes"))
    return None if body is None else parse.live_price(body, marketplace, client.clock.now())


def live_business(client: AmazonClient, sku: Sku, marketplace: MarketplaceId) -> BusinessPrices | None:
    """What was submitted for companies, once Amazon shows it; None where the listing is gone or it cannot be read.

    Amazon shows the price of one unit among the offers, the tiers only as submitted: both must agree.
    """
    body = _item(client, sku, marketplace, ("offers", "attributes"))
    return None if body is None else parse.live_business(body, marketplace)


def live_merchant_stock(client: AmazonClient, sku: Sku, marketplace: MarketplaceId) -> int | None:
    body = _item(client, sku, marketplace, ("fulfillmentAvailability",))
    return None if body is None else parse.mfn_quantity(body)


def search(
    client: AmazonClient, marketplace: MarketplaceId, included: tuple[str, ...], *, since: datetime | None
) -> Iterator[tuple[Answer, bool]]:
    """All items in the order of their update, with "another page follows".

    A search ends at 1,000 items; the next one starts at the update time where it ended.
    """
    while True:
        token, seen, newest = None, 0, since
        while True:
            answer = _search(client, marketplace, included, since, token)
            found = items(answer.parsed, "items")
            seen += len(found)
            newest = _newest(found, marketplace) or newest
            following = maybe_text(answer.parsed, "pagination.nextToken")
            if following is not None and following == token:
                raise ParseFailed("pagination.nextToken", "the same token twice: paging would not end")
            deeper = following is None and _left_out(answer, seen)
            yield answer, following is not None or deeper
            if following is None:
                break
            token = following
        if not deeper:
            return
        if newest is None or newest == since:
            raise TerminalError(
                "amazon", SEARCH, f"more than {DEEPEST} listings share one update time: Amazon cannot list them"
            )
        since = newest


def _listings(client: AmazonClient, marketplace: MarketplaceId, since: datetime | None) -> Iterator[Page[Listing]]:
    for answer, more in search(client, marketplace, _INCLUDED, since=since):
        read = parse.search_listings(
            answer.parsed, account=client.account, marketplace=marketplace, seen_at=client.clock.now()
        )
        yield Page(read.records, None, more, SEARCH, answer.raw, read.poison, read.unknown_fields)


def _search(
    client: AmazonClient,
    marketplace: MarketplaceId,
    included: tuple[str, ...],
    since: datetime | None,
    token: str | None,
) -> Answer:
    query = {
        "marketplaceIds": marketplace,
        "includedData": included,
        "sortBy": "lastUpdatedDate",
        "sortOrder": "ASC",
        "lastUpdatedAfter": paging.stamp(since) if since else None,
        "pageSize": 20,
        "pageToken": token,
    }
    path = path_of(PATH, sellerId=client.settings.seller_id)
    return client.answer("GET", path, operation=SEARCH, query=query)


def _left_out(answer: Answer, seen: int) -> bool:
    total = find(answer.parsed, "numberOfResults")
    return isinstance(total, int) and seen >= DEEPEST and total > seen


def _newest(found: Any, marketplace: MarketplaceId) -> datetime | None:
    """The update time of the last item that has one we can read."""
    for raw in reversed(found):
        for summary in items(raw, "summaries"):
            try:
                if find(summary, "marketplaceId") == marketplace:
                    return moment(summary, "lastUpdatedDate")
            except ParseFailed:
                continue
    return None


def _item(client: AmazonClient, sku: Sku, marketplace: MarketplaceId, included: tuple[str, ...]) -> Any:
    """One listing with what is asked for; None where there is no such SKU."""
    path = path_of(PATH + "/{sku}", sellerId=client.settings.seller_id, sku=sku)
    query = {"marketplaceIds": marketplace, "includedData": included}
    try:
        _, body, _ = client.call("GET", path, operation="getListingsItem", query=query)
    except TerminalError as error:
        if error.status == 404:
            return None
        raise
    return body
