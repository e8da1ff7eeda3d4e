"""Walking through what changed, in the order of the changes.

TikTok's page token is a number of rows to skip: a row that changes while pages are read would hide another one.
So each page is asked for anew from the newest time seen, and the token only serves rows of one and the same second.
A row that changes leaves the window (it is newer than its end), which shows in the count of rows: then the second is
begun again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from ecom_agent.errors import ParseFailed
from platforms._shared import paging
from platforms._shared.http import Answer
from platforms._shared.payload import find, items, maybe_text

FIRST_LOOK_BACK: Final = timedelta(days=30)
OVERLAP: Final = timedelta(minutes=15)
"""Seen again in the next pull: a search index is not instant, and a change may carry a time minutes back."""
PAGE_SIZE: Final = 50
MOST_BEGINNINGS: Final = 50
"""How often one second may be begun again because rows left it."""

Ask = Callable[[datetime, datetime, str | None], Answer]
"""Asks for rows updated in [from, to), oldest first, from a page token on."""


@dataclass(frozen=True, slots=True)
class Step:
    """One page, the cursor that is safe once it is saved, and whether another follows."""

    answer: Answer
    cursor: str
    more: bool


def walk(ask: Ask, cursor: str | None, *, now: datetime, rows: str) -> Iterator[Step]:
    """Pages of what changed since `cursor` up to `now`; `rows` is the list's path in the answer.

    No cursor goes beyond `now` less the overlap, nor back behind the one it started from.
    """
    after = (paging.time_of(paging.decode(cursor), "after") if cursor else None) or now - FIRST_LOOK_BACK
    safe = max(after, now - OVERLAP)
    token: str | None = None
    total: Any = None
    tokens, begun = set[str](), 0
    while True:
        answer = ask(after, now, token)
        before, total = total, find(answer.parsed, "data.total_count")
        if token is not None and total != before:
            begun += 1
            if begun > MOST_BEGINNINGS:
                raise ParseFailed("data.total_count", "never the same twice: paging would not end")
            token, tokens = None, set()
            yield Step(answer, paging.encode(after=min(after, safe)), more=True)
            continue
        following = maybe_text(answer.parsed, "data.next_page_token")
        if following is None:
            yield Step(answer, paging.encode(after=safe), more=False)
            return
        newest = max([after, *_times(answer.parsed, rows)])
        if newest > after:
            after, token, tokens, begun = newest, None, set(), 0
        else:
            token = _new(following, tokens)
        yield Step(answer, paging.encode(after=min(after, safe)), more=True)


def pages(ask: Callable[[str | None], Answer]) -> Iterator[Answer]:
    """All pages of what has no update time to go by, from its first to its last."""
    token: str | None = None
    tokens = set[str]()
    while True:
        answer = ask(token)
        yield answer
        following = maybe_text(answer.parsed, "data.next_page_token")
        if following is None:
            return
        token = _new(following, tokens)


def _new(token: str, tokens: set[str]) -> str:
    """The token, if it was not there before: pages must not go round in circles."""
    if token in tokens:
        raise ParseFailed("data.next_page_token", "the same position twice: paging would not end")
    tokens.add(token)
    return token


def seconds(at: datetime) -> int:
    """Unix seconds, cut: never later than `at`."""
    return int(at.timestamp())


def _times(body: Any, rows: str) -> Iterator[datetime]:
    """Update times of the rows that have one; those that have none are the parser's to complain about."""
    for row in items(body, rows):
        at = find(row, "update_time") if isinstance(row, dict) else None
        if type(at) is int and 0 < at < 2**33:
            yield datetime.fromtimestamp(at, UTC)
