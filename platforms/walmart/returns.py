"""Pulling returns by the time of their change; WFS returns are among them, as nothing is asked to be left out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from ecom_agent.connector import Page
from ecom_agent.errors import ParseFailed
from ecom_agent.records.returns import Return
from platforms._shared import paging
from platforms._shared.payload import maybe_text
from platforms.walmart import parse
from platforms.walmart.client import WalmartClient, query_of

LIST: Final = "getReturns"
PATH: Final = "/v3/returns"
FIRST_LOOK_BACK: Final = timedelta(days=60)
OVERLAP: Final = timedelta(hours=1)
_NONE: Final = b'{"meta":{"totalCount":0},"returnOrders":[]}'


def pull(client: WalmartClient, cursor: str | None) -> Iterator[Page[Return]]:
    """Returns changed since `cursor`. No upper end is asked for: so the list only grows while it is read by place."""
    started = client.clock.now()
    after = (paging.time_of(paging.decode(cursor), "after") if cursor else None) or started - FIRST_LOOK_BACK
    reached = paging.encode(after=max(after, started - OVERLAP))
    query: dict[str, str | None] = {"returnLastModifiedStartDate": paging.stamp(after), "limit": "200"}
    position: str | None = None
    while True:
        answer = client.listed(PATH, operation=LIST, query=query if position is None else query_of(position))
        if answer is None:
            yield Page((), reached, False, LIST, _NONE)
            return
        read = parse.returns(answer.parsed, account=client.account, marketplace=client.marketplace)
        following = maybe_text(answer.parsed, "meta.nextCursor")
        if following is not None and following == position:
            raise ParseFailed("meta.nextCursor", "the same position twice: paging would not end")
        more = following is not None
        yield Page(read.records, None if more else reached, more, LIST, answer.raw, read.poison, read.unknown_fields)
        if following is None:
            return
        position = following
