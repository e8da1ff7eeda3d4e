"""Pulling orders by the time of their change. Three traps of `getAllOrders` shape this file:

It hides what it is not asked for: orders created more than a week ago, and those that Walmart or a third party
ships. So the eldest creation date it allows is sent, and each kind of fulfilment is asked for.
It pages by place. Without an upper end a list only grows while it is read, which shows an order twice and hides none;
with one, an order that changes drops out and moves the others up: a window whose count falls is cut and read again.
It gives out no more than 10,000 orders: a longer window is cut in half too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from ecom_agent.connector import Page, Window
from ecom_agent.errors import NotFound, ParseFailed, TerminalError
from ecom_agent.ids import OrderId
from ecom_agent.records.orders import Order
from platforms._shared import paging
from platforms._shared.payload import find, maybe_text
from platforms.walmart import parse
from platforms.walmart.client import NAME, WalmartClient, path_of, query_of

LIST: Final = "getAllOrders"
ONE: Final = "getAnOrder"
PATH: Final = "/v3/orders"
FIRST_LOOK_BACK: Final = timedelta(days=30)
OVERLAP: Final = timedelta(hours=1)
"""Seen again in the next pull: a change can be found minutes after the time that it is stamped with."""
ELDEST: Final = timedelta(days=179)
"""Walmart finds orders of the last 180 days."""
MOST: Final = 10_000
_SEAM: Final = timedelta(seconds=1)
"""Windows overlap by it: whether an end belongs to its window is not said."""
NODES: Final = ("SellerFulfilled", "WFSFulfilled", "3PLFulfilled")
_NONE: Final = b'{"list":{"meta":{"totalCount":0},"elements":{"order":[]}}}'


class _Cut(Exception):
    """This window is too long, or moved while it was read."""


def pull(client: WalmartClient, cursor: str | None) -> Iterator[Page[Order]]:
    """Orders changed since `cursor`, window by window, oldest window first; the end of each moves the cursor."""
    started = client.clock.now()
    parts = paging.decode(cursor) if cursor else {}
    after, until = paging.time_of(parts, "after") or started - FIRST_LOOK_BACK, paging.time_of(parts, "until")
    before = until
    while True:
        whole = before == until
        reached = (until or max(after, started - OVERLAP)) if whole or before is None else before - _SEAM
        window = Window(after, before or started)
        try:
            yield from _window(client, window, before, paging.encode(after=reached, until=until), last=whole)
        except _Cut:
            before = _middle(after, before or started)
            continue
        if whole:
            return
        after, before = reached, until


def get(client: WalmartClient, order_id: OrderId) -> Order:
    """One purchase order. Raises NotFound where the account has no such order."""
    try:
        answer = client.answer("GET", path_of(PATH + "/{order_id}", order_id=order_id), operation=ONE)
    except TerminalError as error:
        if error.status == 404:
            raise NotFound(f"account {client.account} has no order {order_id}") from None
        raise
    return parse.one_order(answer.parsed, account=client.account, marketplace=client.marketplace)


def _window(
    client: WalmartClient, window: Window, before: datetime | None, cursor: str, *, last: bool
) -> Iterator[Page[Order]]:
    """All kinds of fulfilment of one window; what is told of each counts together."""
    expected: int | None = 0
    for number, node in enumerate(NODES, start=1):
        total: int | None = 0
        for page, told in _pages(client, node, window.since, before):
            total = None if total is None or told is None else max(total, told)
            so_far = None if expected is None or total is None else expected + total
            done = not page.more and number == len(NODES)
            yield replace(
                page,
                next_cursor=cursor if done else None,
                more=not done or not last,
                window=replace(window, expected=so_far, ends=done),
            )
        expected = None if expected is None or total is None else expected + total


def _pages(
    client: WalmartClient, node: str, after: datetime, before: datetime | None
) -> Iterator[tuple[Page[Order], int | None]]:
    """Each page with the number of orders that Walmart tells of."""
    query: dict[str, str | None] = {
        "lastModifiedStartDate": paging.stamp(after),
        "lastModifiedEndDate": paging.stamp(before) if before else None,
        "createdStartDate": paging.stamp(client.clock.now() - ELDEST),
        "shipNodeType": node,
        "limit": "200",
    }
    position: str | None = None
    first_total: int | None = None
    while True:
        answer = client.listed(PATH, operation=LIST, query=query if position is None else query_of(position))
        if answer is None:
            yield Page((), None, False, LIST, _NONE), 0
            return
        total = find(answer.parsed, "list.meta.totalCount")
        if isinstance(total, int):
            first_total = total if first_total is None else first_total
            if total > MOST or (before is not None and total < first_total):
                raise _Cut
        read = parse.orders(answer.parsed, account=client.account, marketplace=client.marketplace)
        following = maybe_text(answer.parsed, "list.meta.nextCursor")
        if following is not None and following == position:
            raise ParseFailed("list.meta.nextCursor", "the same position twice: paging would not end")
        page = Page(read.records, None, following is not None, LIST, answer.raw, read.poison, read.unknown_fields)
        yield page, total if isinstance(total, int) else None
        if following is None:
            return
        position = following


def _middle(after: datetime, end: datetime) -> datetime:
    half = (end - after) / 2
    if half < 2 * _SEAM:
        what = f"more than {MOST} orders changed around {paging.stamp(after)}, or keep changing: none can be read"
        raise TerminalError(NAME, LIST, what)
    return after + half
