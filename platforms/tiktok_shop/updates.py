"""Walking through what changed, in the order of the changes.

TikTok's page token is a number of rows to skip: a row that changes while pages are read would hide another one.
So each page is asked for anew from the newest time seen, and the token only serves rows of one and the same second.
A row that changes leaves the window (it is newer than its end), which shows in the count of rows: then the second is
begun again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from ecom_agent.connector import Window
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
    """One page, the cursor that is safe once it is saved, whether another follows, and the window it is part of."""

    answer: Answer
    cursor: str
    more: bool
    window: Window


def walk(ask: Ask, cursor: str | None, *, now: datetime, rows: str) -> Iterator[Step]:
    """Pages of what changed since `cursor` up to `now`; `rows` is the list's path in the answer.

    No cursor goes beyond `now` less the overlap, nor back behind the one it started from.
    """
    parts = paging.decode(cursor) if cursor else {}
    after, until = paging.time_of(parts, "after") or now - FIRST_LOOK_BACK, paging.time_of(parts, "until")
    end = max(after, min(now, until or now))
    safe = max(after, min(now - OVERLAP, until or now))
    window = Window(after, end)
    token: str | None = None
    total: Any = None
    tokens, begun = set[str](), 0
    while True:
        answer = ask(after, end, token)
        before, total = total, find(answer.parsed, "data.total_count")
        if window.expected is None and type(total) is int:
            window = replace(window, expected=total)  # of all: each later page is asked for from further on
        if token is not None and total != before:
            begun += 1
            if begun > MOST_BEGINNINGS:
                raise ParseFailed("data.total_count", "never the same twice: paging would not end")
            token, tokens = None, set()
            yield Step(answer, paging.encode(after=min(after, safe), until=until), more=True, window=window)
            continue
        following = maybe_text(answer.parsed, "data.next_page_token")
        if following is None:
            yield Step(answer, paging.encode(after=safe, until=until), more=False, window=window)
            return
        newest = max([after, *_times(answer.parsed, rows)])
        if newest > after:
            after, token, tokens, begun = newest, None, set(), 0
        else:
            token = _new(following, tokens)
        yield Step(answer, paging.encode(after=min(after, safe), until=until), more=True, window=window)


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
