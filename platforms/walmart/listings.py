"""Reading all items, each time: Walmart tells no time of change of an item. One item's price right now."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ecom_agent.connector import Page
from ecom_agent.errors import Rejected, TerminalError, TransientError
from ecom_agent.ids import Sku
from ecom_agent.money import Money
from ecom_agent.records.catalog import Listing
from platforms._shared import paging
from platforms._shared.http import Answer
from platforms._shared.payload import find, items, maybe_text
from platforms.walmart import parse
from platforms.walmart.client import NAME, WalmartClient, path_of

LIST: Final = "getAllItems"
ONE: Final = "getAnItem"
PATH: Final = "/v3/items"
FIRST: Final = "*"
"""The position that opens a list without end; the ones that follow it live two minutes."""
_NONE: Final = b'{"ItemResponse":[],"totalItems":0}'


def pull(client: WalmartClient) -> Iterator[Page[Listing]]:
    started = client.clock.now()
    yield from paging.sweep([_pages(client)], paging.encode(seen=started), whole_since=started)


def live_price(client: WalmartClient, sku: Sku) -> Money | None:
    """None where there is no such item, or it has no price."""
    try:
        answer = client.answer("GET", path_of(PATH + "/{sku}", sku=sku), operation=ONE)
    except TerminalError as error:
        if error.status == 404:
            return None
        raise
    return parse.price_of_item(answer.parsed, sku)


def _pages(client: WalmartClient) -> Iterator[Page[Listing]]:
    """The position may stay the same from page to page: the list ends where a page is empty or all were seen."""
    position, seen = FIRST, 0
    while True:
        answer = _page(client, position)
        if answer is None:
            yield Page((), None, False, LIST, _NONE)
            return
        read = parse.listings(
            answer.parsed, account=client.account, marketplace=client.marketplace, seen_at=client.clock.now()
        )
        found, total = len(items(answer.parsed, "ItemResponse")), find(answer.parsed, "totalItems")
        seen += found
        following = maybe_text(answer.parsed, "nextCursor")
        more = following is not None and found > 0 and not (isinstance(total, int) and seen >= total)
        if found == 0 and isinstance(total, int) and seen < total:
            raise TransientError(NAME, LIST, f"the list ended after {seen} of {total} items: a page was lost")
        yield Page(read.records, None, more, LIST, answer.raw, read.poison, read.unknown_fields)
        if following is None or not more:
            return
        position = following


def _page(client: WalmartClient, position: str) -> Answer | None:
    try:
        return client.listed(PATH, operation=LIST, query={"nextCursor": position, "limit": "1000"})
    except Rejected as error:
        if position != FIRST and any("cursor" in issue.lower() for issue in error.issues):
            raise TransientError(NAME, LIST, f"the place in the list has expired: {error.message}") from None
        raise
