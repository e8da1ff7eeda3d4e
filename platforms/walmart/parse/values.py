"""Values in Walmart's own ways of writing: times as epoch milliseconds, whole numbers as text or with a point."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from ecom_agent.errors import ParseFailed
from ecom_agent.money import Money
from platforms._shared.payload import find, moment, need, not_negative


def when(raw: Any, path: str) -> datetime:
    """A time: milliseconds since 1970 in lists, ISO 8601 where an order comes alone."""
    value = need(raw, path)
    if isinstance(value, str):
        return moment(raw, path)
    if type(value) is not int:
        raise ParseFailed(path, f"wanted milliseconds since 1970, found {type(value).__name__}")
    try:
        return datetime.fromtimestamp(value / 1000, UTC)
    except (OverflowError, OSError, ValueError):
        raise ParseFailed(path, f"no time: {value} ms since 1970") from None


def maybe_when(raw: Any, path: str) -> datetime | None:
    return None if find(raw, path) in (None, "") else when(raw, path)


def units(raw: Any, path: str) -> int:
    """A whole number of units, as 3, 3.0 or "3"."""
    value = need(raw, path)
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ParseFailed(path, f"wanted a number of units, found {type(value).__name__}")
    try:
        number = float(value)
    except ValueError:
        raise ParseFailed(path, f"wanted a number of units, found {str(value)[:40]!r}") from None
    if not number.is_integer():
        raise ParseFailed(path, f"wanted whole units, found {value}")
    return int(number)


def maybe_units(raw: Any, path: str) -> int | None:
    return None if find(raw, path) in (None, "") else units(raw, path)


def price_of(value: str, currency: str, path: str) -> Money:
    """A price from its text, in a currency that the payload does not name beside it."""
    try:
        return not_negative(Money.of(value, currency), path)
    except ParseFailed as error:
        raise ParseFailed(path, error.reason) from None
