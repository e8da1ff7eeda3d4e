"""Reading a past span: the same pull and landing as ever, slice by slice, under a cursor of its own.

Backfills are spans; nightly look-backs are made of the same slices (`look_back`). A slice that is through is not read
again; cut off in the middle of one, the next run goes on where the connector's own cursor stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

import orjson

from ecom_agent.connector import Page, Window
from ecom_agent.errors import BadInput, ParseFailed
from ecom_agent.ingest.streams import Pages, stream_named
from ecom_agent.ports.reads import PullsOrdersInBulk, ReadsSpans

SLICE: Final = timedelta(days=7)
BULK_SLICE: Final = timedelta(days=92)
"""An export is made whole or not at all: fewer of them are less waiting."""
REPORT_SLICE: Final = timedelta(days=31)
"""As many days as a report of ad figures tells at most."""
_REPORTED: Final = frozenset({"ad_figures", "search_terms"})


def reads_spans(connector: object, stream: str) -> bool:
    """Does this platform tell a stream over time?"""
    day = datetime(2026, 1, 1, tzinfo=UTC)
    return isinstance(connector, ReadsSpans) and connector.span_cursor(stream, day, day + SLICE) is not None


def pages_of_span(
    stream: str,
    connector: Any,
    start: datetime,
    end: datetime,
    *,
    bulk: bool,
    go_on: Callable[[], bool] = lambda: True,
    through: Callable[[], object] = lambda: None,
) -> Callable[[str | None], Pages]:
    """How to open the pages of [start, end), as `pull_pages` wants it; `bulk` = by export where the platform has one.

    Between two pages it asks whether to `go_on`; `through` hears when all was read. It ends before that where a report
    is still being made. Raises BadInput for a stream that is not told over time.
    """
    by_export = bulk and stream == "orders" and isinstance(connector, PullsOrdersInBulk)
    source = stream_named(stream)
    if source.from_cursor is None or not (by_export or reads_spans(connector, stream)):
        raise BadInput("a stream that its platform tells over time", stream, "pull it, or import a file")
    pulled = source.from_cursor
    length = BULK_SLICE if by_export else slice_of(stream)

    def opened(inner: str | None, since: datetime, until: datetime) -> Pages:
        if by_export:
            pages: Pages = connector.bulk_orders(since, until)
            return pages
        return pulled(connector, inner or connector.span_cursor(stream, since, until))

    def all_pages(cursor: str | None) -> Iterator[Page[Any]]:
        since, inner = _read(cursor, start)
        while since < end:
            until, waits = min(since + length, end), False
            for page in opened(inner, since, until):
                waits = page.waits
                yield part_of_span(
                    page, since, until, last=until == end, here=partial(_cursor, since), behind=_cursor(until, None)
                )
                if not go_on():
                    return
            if waits:
                return
            since, inner = until, None
        through()

    return all_pages


def reached(cursor: str | None, start: datetime) -> datetime:
    """Up to when a span is in, by its cursor."""
    return _read(cursor, start)[0]


def slice_of(stream: str) -> timedelta:
    """How much of a span is asked for at a time."""
    return REPORT_SLICE if stream in _REPORTED else SLICE


def part_of_span(
    page: Page[Any], since: datetime, until: datetime, *, last: bool, here: Callable[[str], str], behind: str
) -> Page[Any]:
    """A page of the slice [since, until) as one of the whole span; `last` = no slice follows.

    The span's cursor is `here` around the page's own, and `behind` the slice with its last page.
    """
    done = not (page.more or page.waits)
    cursor = behind if done else page.next_cursor and here(page.next_cursor)
    window = page.window or Window(since, until)
    return replace(page, more=not (done and last), next_cursor=cursor, window=replace(window, ends=done or window.ends))


def _cursor(since: datetime, inner: str | None) -> str:
    return orjson.dumps({"slice": since, **({} if inner is None else {"at": inner})}).decode()


def _read(cursor: str | None, start: datetime) -> tuple[datetime, str | None]:
    if cursor is None:
        return start, None
    try:
        parts = orjson.loads(cursor)
        return datetime.fromisoformat(parts["slice"]), parts.get("at")
    except (ValueError, TypeError, KeyError):
        raise ParseFailed("cursor", f"not one of a span: {cursor[:60]!r}; start it again") from None
