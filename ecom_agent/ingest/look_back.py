"""The nightly look-back: the last days of a stream once more, the newest first, a bounded part of it a night.

A round goes from its end back to as many days before today as are wanted. One that a night did not finish goes on in
the next; then a new one begins. So a quota that allows few calls is spent on the days that are most likely to have
changed, and the others are reached too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, Final

import orjson

from ecom_agent.connector import Page
from ecom_agent.errors import BadInput, ParseFailed
from ecom_agent.ingest.spans import part_of_span, reads_spans, slice_of
from ecom_agent.ingest.streams import Pages, stream_named

MOST_PAGES: Final = 200
"""A night's part of a round: with 100 records a page, 20,000 of a stream."""
DAY: Final = timedelta(days=1)


def look_back_name(stream: str) -> str:
    """What the cursor of a stream's look-back is called."""
    return f"look_back:{stream}"


def pages_looking_back(
    stream: str, connector: Any, now: datetime, days: int, most_pages: int = MOST_PAGES
) -> Callable[[str | None], Pages]:
    """How to open the next part of a look-back over `days` before today, as `pull_pages` wants it.

    Raises BadInput for a stream that is not told over time.
    """
    pulled = stream_named(stream).from_cursor
    if pulled is None or not reads_spans(connector, stream):
        raise BadInput("a stream that its platform tells over time", stream, "pull it, or import a file")
    longest = slice_of(stream)
    tomorrow = now.replace(hour=0, minute=0, second=0, microsecond=0) + DAY
    floor = tomorrow - DAY - timedelta(days=days)
    left = most_pages

    def pages(cursor: str | None) -> Iterator[Page[Any]]:
        nonlocal left
        end, until, inner = _begins(cursor, tomorrow, floor)
        while until > floor:
            since, waits = max(floor, slice_before(end, until, longest)), False

            def here(at: str, until: datetime = until) -> str:
                return _cursor(end, until, at)

            for page in pulled(connector, inner or connector.span_cursor(stream, since, until)):
                waits, left = page.waits, left - 1
                last = since == floor
                yield part_of_span(page, since, until, last=last, here=here, behind=_cursor(end, since, None))
                if left <= 0:
                    return
            if waits:
                return
            until, inner = since, None

    return pages


def slice_before(end: datetime, until: datetime, longest: timedelta) -> datetime:
    """Where the slice of a round that ends at `until` begins. Slices grow from `end` back: 1, 2, 4 … days. Pure."""
    length, begin = min(DAY, longest), end
    while begin >= until:
        begin, length = begin - length, min(2 * length, longest)
    return begin


def _begins(cursor: str | None, tomorrow: datetime, floor: datetime) -> tuple[datetime, datetime, str | None]:
    if cursor is None:
        return tomorrow, tomorrow, None
    try:
        parts = orjson.loads(cursor)
        end, until = datetime.fromisoformat(parts["end"]), datetime.fromisoformat(parts["until"])
    except (ValueError, TypeError, KeyError):
        raise ParseFailed("cursor", f"not one of a look-back: {cursor[:60]!r}; start it again") from None
    return (tomorrow, tomorrow, None) if until <= floor else (end, until, parts.get("at"))


def _cursor(end: datetime, until: datetime, inner: str | None) -> str:
    return orjson.dumps({"end": end, "until": until, **({} if inner is None else {"at": inner})}).decode()
