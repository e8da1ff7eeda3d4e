"""`getFeedItemStatus` → how far a feed is, and what became of each of its lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from platforms._shared.payload import find, items, maybe_count, maybe_text, text


@dataclass(frozen=True, slots=True)
class FeedLine:
    """One line: "SUCCESS", "INPROGRESS", "DATA_ERROR", "SYSTEM_ERROR", "TIMEOUT_ERROR", and Walmart's words."""

    status: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Feed:
    """A page of a feed's lines by SKU. `errors` are about the feed as a whole; `received` None = not told."""

    status: str
    received: int | None
    errors: tuple[str, ...]
    lines: Mapping[str, FeedLine]

    @property
    def ended(self) -> bool:
        return self.status in ("PROCESSED", "ERROR")


def feed_page(body: Any) -> Feed:
    """Raises ParseFailed. A line without a SKU is left out: whose it is cannot be told."""
    lines: dict[str, FeedLine] = {}
    for raw in items(body, "itemDetails.itemIngestionStatus"):
        sku = maybe_text(raw, "sku")
        if sku is not None:
            lines[sku] = FeedLine(text(raw, "ingestionStatus"), _words(raw))
    return Feed(text(body, "feedStatus"), maybe_count(body, "itemsReceived"), _words(body), lines)


def _words(raw: Any) -> tuple[str, ...]:
    """The service writes null where there are no errors."""
    found = items(raw, "ingestionErrors.ingestionError")
    return tuple(": ".join(str(find(e, k)) for k in ("code", "description") if find(e, k)) for e in found)
