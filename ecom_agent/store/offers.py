"""Offers seen on product pages: the newest snapshot of each page, and the price story of each listing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import orjson
from sqlmodel import Field, Session, SQLModel, col, select

from ecom_agent.ids import AccountId, MarketplaceId, Sku
from ecom_agent.money import Money
from ecom_agent.records.offers import Offer, OfferSnapshot, PricePoint
from ecom_agent.store.bulk import Row, Target, Written, as_text, newest, upsert, upsert_few
from ecom_agent.store.columns import CURRENCY, JSON, MINOR, WHEN, minor, money
from ecom_agent.store.journeys import ask


class OfferSnapshotRow(SQLModel, table=True):
    __tablename__ = "offer_snapshot"
    account: str = Field(primary_key=True)
    marketplace: str = Field(primary_key=True)
    external_id: str = Field(primary_key=True)
    condition: str = Field(primary_key=True)
    offers: list[Any] = Field(sa_type=JSON)
    buy_box_landed_minor: int | None = Field(sa_type=MINOR)
    currency: str | None = Field(sa_type=CURRENCY, description="of the Buy Box; each offer has its own")
    changed_at: datetime = Field(sa_type=WHEN)
    seen_at: datetime = Field(sa_type=WHEN)
    source: str
    event_id: str | None


class PricePointRow(SQLModel, table=True):
    __tablename__ = "price_point"
    account: str = Field(primary_key=True)
    marketplace: str = Field(primary_key=True)
    sku: str = Field(primary_key=True)
    at: datetime = Field(sa_type=WHEN, primary_key=True)
    our_price_minor: int | None = Field(sa_type=MINOR)
    lowest_rival_minor: int | None = Field(sa_type=MINOR)
    buy_box_minor: int | None = Field(sa_type=MINOR)
    we_hold_buy_box: bool | None
    currency: str = Field(sa_type=CURRENCY)


_SNAPSHOTS: Final = Target(
    "offer_snapshot",
    key=("account", "marketplace", "external_id", "condition"),
    version="changed_at",
    content=("offers", "buy_box_landed_minor", "currency"),
    extra=("source", "event_id"),
    seen="seen_at",
)


_TELL: Final = """
INSERT INTO price_point (account, marketplace, sku, at, our_price_minor, lowest_rival_minor, buy_box_minor,
                         we_hold_buy_box, currency)
SELECT * FROM json_to_recordset(%s::json) AS told (account varchar, marketplace varchar, sku varchar, at timestamptz,
  our_price_minor bigint, lowest_rival_minor bigint, buy_box_minor bigint, we_hold_buy_box boolean, currency char(3))
ON CONFLICT DO NOTHING"""


_FEW: Final = 500


class OfferStore:
    """The newest snapshot of each page and condition. Never commits: the caller's unit of work does, once."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def upsert(self, snapshots: Sequence[OfferSnapshot]) -> Written:
        """Write the snapshots that changed later than what stands, by the platform's time."""
        unique = newest(
            snapshots, lambda s: (s.account, s.marketplace, s.external_id, s.condition), lambda s: s.changed_at
        )
        if len(unique) <= _FEW:
            done = upsert_few(self._session, _SNAPSHOTS, [_object(s) for s in unique])
        else:
            done = upsert(self._session, _SNAPSHOTS, as_text([_row(s) for s in unique]))
        return Written(done.written, len(snapshots) - done.written)

    def get(
        self, account: AccountId, marketplace: MarketplaceId, external_id: str, condition: str
    ) -> OfferSnapshot | None:
        row = self._session.get(OfferSnapshotRow, (account, marketplace, external_id, condition))
        return None if row is None else _record(row)

    def all(self, account: AccountId, marketplace: MarketplaceId) -> Sequence[OfferSnapshot]:
        found = self._session.exec(
            select(OfferSnapshotRow)
            .where(OfferSnapshotRow.account == account, OfferSnapshotRow.marketplace == marketplace)
            .order_by(OfferSnapshotRow.external_id, OfferSnapshotRow.condition)
        )
        return [_record(row) for row in found]


class PriceStoryStore:
    """The history behind the price charts. Never commits: the caller's unit of work does, once."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(
        self, account: AccountId, marketplace: MarketplaceId, sku: Sku, currency: str, points: Sequence[PricePoint]
    ) -> int:
        """Add moments to a listing's story, each once; gives how many were new. A told moment is not rewritten."""
        return self.add_all(account, [(marketplace, sku, currency, point) for point in points])

    def add_all(self, account: AccountId, told: Sequence[tuple[MarketplaceId, Sku, str, PricePoint]]) -> int:
        """The same for many listings in one statement: (marketplace, SKU, currency, moment)."""
        rows = [
            {
                "account": account, "marketplace": marketplace, "sku": sku, "at": p.at, "currency": currency,
                "our_price_minor": minor(p.our_price), "lowest_rival_minor": minor(p.lowest_rival),
                "buy_box_minor": minor(p.buy_box), "we_hold_buy_box": p.we_hold_buy_box,
            }
            for marketplace, sku, currency, p in told
        ]  # fmt: skip
        return ask(self._session, _TELL, (orjson.dumps(rows).decode(),)).count or 0 if rows else 0

    def of(
        self, account: AccountId, marketplace: MarketplaceId, sku: Sku, *, since: datetime | None = None
    ) -> Sequence[PricePoint]:
        """A listing's story, oldest first."""
        asked = (
            select(PricePointRow)
            .where(PricePointRow.account == account, PricePointRow.marketplace == marketplace, PricePointRow.sku == sku)
            .order_by(col(PricePointRow.at))
        )
        if since is not None:
            asked = asked.where(PricePointRow.at >= since)
        return [
            PricePoint(
                row.at,
                money(row.our_price_minor, row.currency),
                money(row.lowest_rival_minor, row.currency),
                money(row.buy_box_minor, row.currency),
                row.we_hold_buy_box,
            )
            for row in self._session.exec(asked)
        ]


def _row(s: OfferSnapshot) -> Row:
    box = s.buy_box_landed
    return (
        s.account, s.marketplace, s.external_id, s.condition, s.changed_at, _offers_json(s.offers), minor(box),
        None if box is None else box.currency, s.source, s.event_id, s.seen_at,
    )  # fmt: skip


def _object(s: OfferSnapshot) -> dict[str, Any]:
    row: dict[str, Any] = {n: _clean(v) for n, v in zip(_SNAPSHOTS.columns, _row(s), strict=True)}
    return {**row, "offers": orjson.Fragment(row["offers"])}


def _clean(value: Any) -> Any:
    """NUL is in no text that a database takes."""
    return value.replace("\0", "\ufffd") if isinstance(value, str) else value


def _offers_json(offers: Sequence[Offer]) -> str:
    """As JSON, each a list in the order of `Offer`; NUL, which jsonb refuses, becomes the replacement character."""
    told = [
        (
            o.seller_id.replace("\0", "\ufffd"), _short(o.listing_price), _short(o.shipping), _short(o.points),
            o.is_fba, o.is_featured, o.is_prime, o.feedback_count, o.feedback_percent, o.max_handling_hours,
            o.sub_condition, o.ships_from, o.is_featured_merchant,
        )
        for o in offers
    ]  # fmt: skip
    return orjson.dumps(told).decode()


def _short(amount: Money | None) -> str | None:
    return None if amount is None else f"{amount.minor} {amount.currency}"


def _amount(short: str | None) -> Money | None:
    if short is None:
        return None
    minor, _, currency = short.partition(" ")
    return Money(int(minor), currency)


def _offer(told: Sequence[Any]) -> Offer:
    seller_id, listing_price, shipping, points, *others = told
    price = _amount(listing_price)
    assert price is not None
    return Offer(seller_id, price, _amount(shipping), _amount(points), *others)


def _record(row: OfferSnapshotRow) -> OfferSnapshot:
    return OfferSnapshot(
        account=AccountId(row.account),
        marketplace=MarketplaceId(row.marketplace),
        external_id=row.external_id,
        condition=row.condition,
        offers=tuple(_offer(told) for told in row.offers),
        buy_box_landed=money(row.buy_box_landed_minor, row.currency),
        changed_at=row.changed_at,
        seen_at=row.seen_at,
        source=row.source,
        event_id=row.event_id,
    )
