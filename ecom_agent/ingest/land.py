"""Landing: a payload as received and the records read from it, all in the caller's unit of work.

The database is the judge of what is sound (CHECKs, ranges). A page it takes costs nothing extra; of one it refuses,
halves are tried until the records at fault are found, and those are set aside with its reason.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final

import psycopg
from sqlalchemy.exc import DataError, IntegrityError
from sqlmodel import Session

from ecom_agent.connector import Page, Poison
from ecom_agent.ids import AccountId
from ecom_agent.records.advertising import AdGroup, AdPerformance, Campaign, ProductAd, SearchTerm, Target
from ecom_agent.records.catalog import Listing
from ecom_agent.records.finance import Charge, FeeQuote
from ecom_agent.records.messages import Message
from ecom_agent.records.offers import ExpectedPrice, OfferSnapshot
from ecom_agent.records.orders import Order
from ecom_agent.records.returns import Return
from ecom_agent.records.reviews import Review
from ecom_agent.records.stock import StockLevel
from ecom_agent.records.unmapped import words_of
from ecom_agent.security.vault import Vault
from ecom_agent.store.ad_figures import AdFigureStore
from ecom_agent.store.advertising import AdvertisingStore
from ecom_agent.store.bulk import Written
from ecom_agent.store.catalog import ListingStore
from ecom_agent.store.charges import ChargeStore
from ecom_agent.store.expected_prices import ExpectedPriceStore
from ecom_agent.store.fees import FeeStore
from ecom_agent.store.messages import MessageStore
from ecom_agent.store.offers import OfferStore
from ecom_agent.store.orders import OrderStore
from ecom_agent.store.quarantine import QuarantineStore
from ecom_agent.store.raw import RawStore
from ecom_agent.store.returns import ReturnStore
from ecom_agent.store.reviews import ReviewStore
from ecom_agent.store.sealing import vault_of
from ecom_agent.store.stock import StockStore
from ecom_agent.store.unmapped import FIELD, WORD, UnmappedStore

Write = Callable[[Session, Sequence[Any], datetime], Written]

WRITES: Final[Mapping[type, Write]] = {
    Order: lambda session, records, at: OrderStore(session).upsert(records, seen_at=at),
    Listing: lambda session, records, _: ListingStore(session).upsert(records),
    StockLevel: lambda session, records, _: StockStore(session).upsert(records),
    FeeQuote: lambda session, records, _: FeeStore(session).upsert(records),
    OfferSnapshot: lambda session, records, _: OfferStore(session).upsert(records),
    ExpectedPrice: lambda session, records, _: ExpectedPriceStore(session).upsert(records),
    Return: lambda session, records, at: ReturnStore(session).upsert(records, seen_at=at),
    Review: lambda session, records, at: ReviewStore(session).upsert(records, seen_at=at),
    Charge: lambda session, records, _: ChargeStore(session).upsert(records),
    AdPerformance: lambda session, records, _: AdFigureStore(session).upsert(records),
    SearchTerm: lambda session, records, _: AdFigureStore(session).upsert_terms(records),
    **dict.fromkeys(
        (Campaign, AdGroup, ProductAd, Target),
        lambda session, records, _: AdvertisingStore(session).upsert(records),
    ),
}
# What a record can be refused for. Anything else (a lost connection, a missing table) is not the record's fault.
_REFUSED: Final = (
    DataError, IntegrityError, psycopg.DataError, psycopg.IntegrityError,
    TypeError, ValueError, OverflowError,
)  # fmt: skip
_NAMES: Final = (
    "return_id", "charge_id", "message_id", "order_id", "target_id", "ad_id", "ad_group_id", "campaign_id", "sku",
    "external_id",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Landed:
    """What became of one page. `fetched` = written + unchanged + quarantined."""

    digest: str
    written: int
    unchanged: int
    quarantined: int
    since: tuple[datetime | None, ...] = ()
    """Of each that was set aside: since when it stands in quarantine, None for what is new there."""

    @property
    def fetched(self) -> int:
        return self.written + self.unchanged + self.quarantined


def land_page(
    session: Session,
    account: AccountId,
    stream: str,
    page: Page[Any],
    *,
    at: datetime,
    vault: Vault | None = None,
    told: Callable[[Sequence[Poison]], object] = lambda _poison: None,
) -> Landed:
    """Keep the payload, write the records that are new, set aside those that cannot be stored; `told` hears which.

    A record that stood set aside and can be read now stands there no more.

    All that may identify a person is sealed, by `vault` or else by the database's own. Raises ConfigError where there
    is none, or where what stands was sealed by another key.
    """
    digest = RawStore(session).keep(account, stream, page.operation, page.raw, seen_at=at)
    by_type: dict[type, list[Any]] = defaultdict(list)
    for record in page.records:
        by_type[type(record)].append(record)
    poison, written, unchanged = list(page.poison), 0, 0
    for kind, records in by_type.items():
        done = _write(session, _writer(session, kind, vault), records, at, poison)
        written, unchanged = written + done.written, unchanged + done.unchanged
    UnmappedStore(session).note(account, _unmapped(by_type, page), at)
    since = QuarantineStore(session).add(account, stream, poison, digest=digest, at=at)
    landed = {name_of(record) for record in page.records} - {one.external_id for one in poison} - {None}
    if landed:
        QuarantineStore(session).resolve_named(account, stream, [str(name) for name in landed], at=at)
    told(poison)
    return Landed(digest, written, unchanged, len(poison), tuple(since))


def _unmapped(by_type: Mapping[type, list[Any]], page: Page[Any]) -> Counter[tuple[str, str, str]]:
    """What nobody here knows: words in records, and names of fields in the payload. Their values are none of ours."""
    words = Counter((WORD, *word) for kind, records in by_type.items() for word in words_of(kind, records))
    words.update((FIELD, f"{page.operation}: {name}", "") for name in page.unknown_fields)
    return words


def land(
    session: Session,
    account: AccountId,
    stream: str,
    records: Sequence[Any],
    *,
    operation: str,
    raw: bytes,
    at: datetime,
) -> Landed:
    """Land records that came alone: an order asked for by its id, a webhook's, a snapshot of the event lane."""
    return land_page(session, account, stream, Page(tuple(records), None, False, operation, raw), at=at)


def _writer(session: Session, kind: type, vault: Vault | None) -> Write:
    if kind is not Message:
        return WRITES[kind]
    key = vault or vault_of(session)
    return lambda session, records, _: MessageStore(session, key).upsert(records)


def _write(session: Session, write: Write, records: Sequence[Any], at: datetime, poison: list[Poison]) -> Written:
    """Write all that can be written; what cannot is added to `poison`."""
    try:
        with session.begin_nested():
            return write(session, records, at)
    except _REFUSED as e:
        if len(records) == 1:
            poison.append(Poison(name_of(records[0]), refusal(e), _shown(records[0])))
            return Written(0, 0)
    half = len(records) // 2
    parts = [_write(session, write, part, at, poison) for part in (records[:half], records[half:])]
    return Written(sum(p.written for p in parts), sum(p.unchanged for p in parts))


def name_of(record: Any) -> str | None:
    """The id that its source gives a record; None for one without."""
    for field in _NAMES:
        if (name := getattr(record, field, None)) is not None:
            return str(name)
    return None


def _shown(record: Any) -> Any:
    """What is set aside of a record: all of it, but nothing that may identify a person (`repr=False`)."""
    return {field.name: getattr(record, field.name) for field in fields(record) if field.repr}


def refusal(error: Exception) -> str:
    """The database's first line; the row itself, which it prints after it, is kept with the record."""
    cause = getattr(error, "orig", error)
    if isinstance(cause, psycopg.errors.UniqueViolation):
        return "cannot be stored: two of its lines have the same id"
    return f"cannot be stored: {str(cause).splitlines()[0]}"
