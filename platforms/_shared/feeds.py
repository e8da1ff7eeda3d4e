"""Price changes that leave in one feed: which of them may. What a feed looks like is each platform's own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from ecom_agent.errors import Rejected
from ecom_agent.ids import MarketplaceId, Sku
from ecom_agent.ports.writes import PriceChange

T = TypeVar("T")


def lines_of(
    changes: Sequence[PriceChange], line: Callable[[PriceChange], T], *, platform: str, operation: str
) -> tuple[dict[int, T], dict[int, Rejected]]:
    """The lines to send and what is refused before anything leaves, each by the place of its change.

    `line` raises Rejected. Of a listing that is named twice only the last goes: in one feed nobody knows which wins.
    """
    lines: dict[int, T] = {}
    refused: dict[int, Rejected] = {}
    last: dict[tuple[MarketplaceId, Sku], int] = {}
    for place, change in enumerate(changes):
        try:
            lines[place] = line(change)
        except Rejected as error:
            refused[place] = error
            continue
        listing = change.listing
        older = last.get((listing.marketplace, listing.sku))
        if older is not None:
            del lines[older]
            refused[older] = Rejected(platform, operation, f"{listing.sku}: a later price is set with it")
        last[listing.marketplace, listing.sku] = place
    return lines, refused
