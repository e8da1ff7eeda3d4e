"""Cursors as text, and sweeps: reading something whole, part by part."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeVar

import orjson

from ecom_agent.connector import Page, Window
from ecom_agent.errors import ParseFailed

R = TypeVar("R")
T = TypeVar("T")


def encode(**parts: str | datetime | None) -> str:
    """A cursor as short JSON; parts that are None are left out."""
    return orjson.dumps(
        {k: stamp(v) if isinstance(v, datetime) else v for k, v in parts.items() if v is not None}
    ).decode()


def decode(cursor: str) -> Mapping[str, str]:
    """The parts of a cursor. Raises ParseFailed for a text that `encode` did not write."""
    try:
        parts: Any = orjson.loads(cursor)
    except orjson.JSONDecodeError:
        parts = None
    if not isinstance(parts, dict) or not all(isinstance(value, str) for value in parts.values()):
        raise ParseFailed("cursor", f"not a cursor of this connector: {cursor[:60]!r}; delete it to start anew")
    return parts


def time_of(parts: Mapping[str, str], name: str) -> datetime | None:
    """A time out of a cursor; None where the cursor has none."""
    try:
        return datetime.fromisoformat(parts[name]).astimezone(UTC) if name in parts else None
    except ValueError:
        raise ParseFailed("cursor", f"{name} is not a time: {parts[name][:40]!r}; delete it to start anew") from None


def stamp(at: datetime) -> str:
    """ISO 8601 in UTC, cut to whole seconds: never later than `at`."""
    return at.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def sweep(
    parts: Sequence[Iterable[Page[R]]],
    cursor: str | None,
    *,
    whole_since: datetime | None = None,
    window: Window | None = None,
) -> Iterator[Page[R]]:
    """All pages of all parts. Only the very last may move the cursor: a sweep that broke off starts anew.

    `whole_since`: when the sweep began, where it gives all that there is. `window`: what all pages are part of.
    """
    for number, part in enumerate(parts, start=1):
        for page in part:
            more = page.more or number < len(parts)
            gone = None if more else whole_since
            yield replace(page, more=more, next_cursor=None if more else cursor, whole_since=gone, window=window)


def span(start: datetime, end: datetime) -> str:
    """A cursor for a pull over [start, end) that then ends; kept until it is through by the `until` in it."""
    return encode(after=start, until=end)


def chunks(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
