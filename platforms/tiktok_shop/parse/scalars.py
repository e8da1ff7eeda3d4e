"""Times as Unix seconds and amounts as text: how TikTok writes them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from ecom_agent.errors import ParseFailed
from ecom_agent.money import Money
from platforms._shared.payload import amount_text, count, find, need

_LATEST: Final = 4_102_444_800  # 2100: more is milliseconds, or nonsense


def at(raw: Any, path: str) -> datetime:
    """Unix seconds as UTC. ParseFailed for what is no moment of our time."""
    value = count(raw, path)
    if not 0 < value < _LATEST:
        raise ParseFailed(path, f"wanted Unix seconds, found {value}")
    return datetime.fromtimestamp(value, UTC)


def maybe_at(raw: Any, path: str) -> datetime | None:
    """None where it is not told; TikTok tells 0 for "not yet" too."""
    return None if find(raw, path) in (None, 0) else at(raw, path)


def amount(raw: Any, path: str, currency: str) -> Money:
    """A decimal in a text, in `currency`."""
    try:
        return Money.of(amount_text(need(raw, path), path), currency)
    except ParseFailed as error:
        raise ParseFailed(path, str(error)) from None


def maybe_amount(raw: Any, path: str, currency: str) -> Money | None:
    return None if find(raw, path) in (None, "") else amount(raw, path, currency)
