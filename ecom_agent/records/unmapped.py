"""Words and fields of platforms that nobody here knows. A record that has one stands all the same; this tells of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any, Final

from ecom_agent.records.catalog import Listing, ListingStatus
from ecom_agent.records.finance import Charge, ChargeKind
from ecom_agent.records.orders import Order, OrderStatus
from ecom_agent.records.returns import Return, ReturnStatus

FULFILMENTS: Final = frozenset({"fba", "fbm", "3pl", "wfs"})
"""Who sends the goods: Amazon, ourselves, another house, Walmart."""
_TABLED: Final[Mapping[type, tuple[str, str, Any, str]]] = {
    Order: ("order.status", "status", OrderStatus.UNMAPPED, "status_raw"),
    Return: ("return.status", "status", ReturnStatus.UNMAPPED, "status_raw"),
    Listing: ("listing.status", "status", ListingStatus.UNMAPPED, "status_raw"),
    Charge: ("charge.kind", "kind", ChargeKind.UNMAPPED, "kind_raw"),
}
"""By type of record: what we call it, our word, the one that says it is unmapped, and where the platform's word is."""
_SENT: Final[Mapping[type, str]] = {Order: "fulfilment", Listing: "fulfilment"}
"""By type of record: where it says who sends the goods."""


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


def words_of(kind: type, records: Sequence[Any]) -> Iterator[tuple[str, str]]:
    """(field, the platform's word) of everything in records of one type that no table maps.

    A page of which all is known costs two looks over it, no more.
    """
    known = _TABLED.get(kind)
    if known is None:
        return
    name, ours, unmapped, theirs = known
    if unmapped in set(map(attrgetter(ours), records)):
        yield from ((name, getattr(one, theirs) or "") for one in records if getattr(one, ours) is unmapped)
    if kind in _SENT and (odd := set(map(attrgetter(_SENT[kind]), records)) - FULFILMENTS - {None}):
        field = f"{name.partition('.')[0]}.{_SENT[kind]}"
        yield from ((field, word) for one in records if (word := getattr(one, _SENT[kind])) in odd)
