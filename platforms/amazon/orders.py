"""Pulling orders: a closed-open window of update times, page by page, that can be taken up again anywhere.

The cursor holds the window's lower end, and in mid-paging also its upper end and Amazon's token, which lives a
day. A token that has died costs a second look at the same window, never an order. Amazon does not say whether a token
is a place or a number of orders to skip; it is taken for a place. Were it a number, an order updated in mid-paging
could hide another one from this sweep, which then comes with its own ORDER_CHANGE only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from ecom_agent.connector import Page
from ecom_agent.connector import Window as Stretch
from ecom_agent.errors import ParseFailed, Rejected
from ecom_agent.ids import OrderId
from ecom_agent.records.orders import Order
from platforms._shared import paging
from platforms._shared.http import Answer
from platforms._shared.payload import find, maybe_moment, maybe_text
from platforms.amazon import parse
from platforms.amazon.client import AmazonClient, Query, path_of

SEARCH: Final = "searchOrders"
FIRST_LOOK_BACK: Final = timedelta(days=30)
LAG: Final = timedelta(minutes=2)
"""Amazon refuses an upper end that is younger."""
OVERLAP: Final = timedelta(minutes=5)
"""Seen again in the next window: Amazon's search index is not instant."""
TOKEN_LIVES: Final = timedelta(hours=23)
INCLUDED: Final = ("PROCEEDS", "FULFILLMENT")
"""BUYER and RECIPIENT are left out on purpose: no buyer's name or address ever reaches us."""


@dataclass(frozen=True, slots=True)
class _Window:
    after: datetime
    before: datetime
    token: str | None
    until: datetime | None
    """The end of a span that is read on its own (a backfill); None: the ordinary pull, which goes on for ever."""


def pull(client: AmazonClient, cursor: str | None) -> Iterator[Page[Order]]:
    """Orders updated since `cursor`, up to two minutes ago."""
    window = _opened(cursor, client.clock.now())
    resumed = window.token is not None
    while True:
        asked_at = client.clock.now()
        try:
            answer = _search(client, window)
        except Rejected:
            if not resumed:
                raise
            window, resumed = _fresh(window.after, asked_at, window.until), False
            continue
        resumed = False
        read = parse.search_orders(answer.parsed, account=client.account)
        token = maybe_text(answer.parsed, "pagination.nextToken")
        if token is not None and token == window.token:
            raise ParseFailed("pagination.nextToken", "the same token twice: paging would not end")
        yield Page(
            records=read.records,
            next_cursor=_cursor(window, token, asked_at, answer),
            more=token is not None,
            operation=SEARCH,
            raw=answer.raw,
            poison=read.poison,
            unknown_fields=read.unknown_fields,
            window=Stretch(window.after, window.before),
        )
        if token is None:
            return
        window = replace(window, token=token)


def get(client: AmazonClient, order_id: OrderId) -> Order:
    path = path_of("/orders/2026-01-01/orders/{orderId}", orderId=order_id)
    _, body, _ = client.call("GET", path, operation="getOrder", query={"includedData": INCLUDED})
    return parse.get_order(body, account=client.account)


def _opened(cursor: str | None, now: datetime) -> _Window:
    """The window that `cursor` asks for: a fresh one up to now, or the one it broke off in."""
    parts = paging.decode(cursor) if cursor else {}
    after = paging.time_of(parts, "after") or now - FIRST_LOOK_BACK
    before, issued = paging.time_of(parts, "before"), paging.time_of(parts, "issued")
    until = paging.time_of(parts, "until")
    if "token" in parts and before is not None and issued is not None and now - issued < TOKEN_LIVES:
        return _Window(after, before, parts["token"], until)
    return _fresh(after, now, until)


def _fresh(after: datetime, now: datetime, until: datetime | None) -> _Window:
    newest = (now - LAG).replace(microsecond=0)
    return _Window(after, max(min(newest, until or newest), after), None, until)


def _search(client: AmazonClient, window: _Window) -> Answer:
    query: Query = {
        "lastUpdatedAfter": paging.stamp(window.after),
        "lastUpdatedBefore": paging.stamp(window.before),
        "marketplaceIds": client.settings.marketplaces,
        "includedData": INCLUDED,
        "maxResultsPerPage": 100,
        "paginationToken": window.token,
    }
    return client.answer("GET", "/orders/2026-01-01/orders", operation=SEARCH, query=query)


def _cursor(window: _Window, token: str | None, asked_at: datetime, answer: Answer) -> str:
    """After the last page the window moves on, by what Amazon says it covered where that is less than we asked."""
    until = window.until
    if token is not None:
        return paging.encode(after=window.after, before=window.before, token=token, issued=asked_at, until=until)
    covered = maybe_moment(answer.parsed, "lastUpdatedBefore") if find(answer.parsed, "lastUpdatedBefore") else None
    upper = min(window.before, covered or window.before)
    return paging.encode(after=upper if upper == until else max(window.after, upper - OVERLAP), until=until)
