"""Cursors over time windows: each pull reads up to a moment that lies behind it, and begins again a little earlier."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from ecom_agent.connector import Window as Stretch
from platforms._shared import paging

LAG: Final = timedelta(minutes=2)
"""Nothing newer is asked for: eBay's search is not instant, and refuses a moment that its clock has not reached."""


class Window(NamedTuple):
    """What to ask for, both ends inclusive, and the cursor for when all of it was read."""

    start: datetime
    end: datetime
    cursor: str


def window(now: datetime, cursor: str | None, *, first: timedelta, again: timedelta) -> Window:
    """`first` = how far the first pull looks back; `again` = how much of what was read is read once more.

    Raises ParseFailed for a text that is no cursor of ours.
    """
    parts = paging.decode(cursor) if cursor else {}
    after, until, newest = paging.time_of(parts, "after"), paging.time_of(parts, "until"), now - LAG
    if after is not None and until is not None:  # a span of its own, read from `after` to its end
        end = max(after, min(newest, until))
        return Window(after, end, paging.encode(after=end, until=until))
    start = newest - first if after is None else min(after, newest) - again
    return Window(start, newest, paging.encode(after=max(newest, after or newest)))


def stretch(found: Window, expected: object = None) -> Stretch:
    """The same for the ledger; `expected` is eBay's total, if it is one."""
    return Stretch(found.start, found.end, expected if type(expected) is int else None)


def millis(at: datetime) -> str:
    """eBay's own form of a time, cut to whole seconds: 2026-11-03T12:00:00.000Z."""
    return paging.stamp(at).removesuffix("Z") + ".000Z"


def between(field: str, found: Window) -> str:
    """A filter term: lastmodifieddate:[2026-11-01T00:00:00.000Z..2026-11-02T00:00:00.000Z]."""
    return f"{field}:[{millis(found.start)}..{millis(found.end)}]"
