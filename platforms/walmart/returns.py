"""Pulling returns by the time of their change; WFS returns are among them, as nothing is asked to be left out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Final

from ecom_agent.connector import Page, Window
from ecom_agent.errors import ParseFailed
from ecom_agent.records.returns import Return
from platforms._shared import paging
from platforms._shared.payload import find, maybe_text
from platforms.walmart import parse
from platforms.walmart.client import WalmartClient, query_of

LIST: Final = "getReturns"
PATH: Final = "/v3/returns"
FIRST_LOOK_BACK: Final = timedelta(days=60)
OVERLAP: Final = timedelta(hours=1)
_NONE: Final = b'{"meta":{"totalCount":0},"returnOrders":[]}'


def pull(client: WalmartClient, cursor: str | None) -> Iterator[Page[Return]]:
    """Returns changed since `cursor`. No upper end is asked for: so the list only grows while it is read by place.

    A span has one: a return that changes meanwhile leaves it and moves the others up, and then too few came. That shows
    in the ledger, and it is read again.
    """
    started = client.clock.now()
    parts = paging.decode(cursor) if cursor else {}
    after, until = paging.time_of(parts, "after") or started - FIRST_LOOK_BACK, paging.time_of(parts, "until")
    reached = paging.encode(after=until or max(after, started - OVERLAP), until=until)
    window = Window(after, until or started)
    query: dict[str, str | None] = {
        "returnLastModifiedStartDate": paging.stamp(after),
        "returnLastModifiedEndDate": paging.stamp(until) if until else None,
        "limit": "200",
    }
    position: str | None = None
    while True:
        answer = client.listed(PATH, operation=LIST, query=query if position is None else query_of(position))
        if answer is None:
            yield Page((), reached, False, LIST, _NONE, window=replace(window, expected=0))
            return
        total = find(answer.parsed, "meta.totalCount")
        if isinstance(total, int):
            window = replace(window, expected=max(total, window.expected or 0))
        read = parse.returns(answer.parsed, account=client.account, marketplace=client.marketplace)
        following = maybe_text(answer.parsed, "meta.nextCursor")
        if following is not None and following == position:
            raise ParseFailed("meta.nextCursor", "the same position twice: paging would not end")
        more = following is not None
        kept = None if more else reached
        yield Page(read.records, kept, more, LIST, answer.raw, read.poison, read.unknown_fields, window)
        if following is None:
            return
        position = following
