"""Words and fields of platforms that nobody here knows. A record that has one stands all the same; this tells of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from ecom_agent.records.catalog import Listing, ListingStatus
from ecom_agent.records.orders import Order, OrderStatus
from ecom_agent.records.returns import Return, ReturnStatus

FULFILMENTS: Final = frozenset({"fba", "fbm", "3pl", "wfs"})
"""Who sends the goods: Amazon, ourselves, another house, Walmart."""
_STATUS: Final[Mapping[type, tuple[str, Any]]] = {
    Order: ("order.status", OrderStatus.UNMAPPED),
    Return: ("return.status", ReturnStatus.UNMAPPED),
    Listing: ("listing.status", ListingStatus.UNMAPPED),
}


@dataclass(frozen=True, slots=True)
class Unmapped:
    """A word (with its value) or a field (value '') of one account's platform that is in no table of ours.

    `platform` is None where the account is not set up any more.
    """

    account: str
    platform: str | None
    kind: str
    field: str
    value: str
    seen: int
    first_seen_at: datetime
    last_seen_at: datetime


def words_of(record: Any) -> Iterator[tuple[str, str]]:
    """(field, the platform's word) of everything in a record that no table maps."""
    known = _STATUS.get(type(record))
    if known is None:
        return
    if record.status is known[1]:
        yield known[0], record.status_raw or ""
    if (fulfilment := getattr(record, "fulfilment", None)) is not None and fulfilment not in FULFILMENTS:
        yield f"{known[0].partition('.')[0]}.fulfilment", fulfilment
