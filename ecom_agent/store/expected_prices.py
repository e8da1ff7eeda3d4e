"""Featured offer expected prices: at or below what the platform may feature our offer; the newest per listing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlmodel import Field, Session, SQLModel, select

from ecom_agent.ids import AccountId, MarketplaceId, Sku
from ecom_agent.records.offers import ExpectedPrice
from ecom_agent.store.bulk import Row, Target, Written, as_text, newest, upsert
from ecom_agent.store.columns import CURRENCY, MINOR, WHEN, minor, money


class ExpectedPriceRow(SQLModel, table=True):
    __tablename__ = "expected_price"
    account: str = Field(primary_key=True)
    marketplace: str = Field(primary_key=True)
    sku: str = Field(primary_key=True)
    expected_minor: int | None = Field(sa_type=MINOR)
    competing_landed_minor: int | None = Field(sa_type=MINOR)
    currency: str | None = Field(sa_type=CURRENCY)
    status: str
    seen_at: datetime = Field(sa_type=WHEN)


_EXPECTED: Final = Target(
    "expected_price",
    key=("account", "marketplace", "sku"),
    version="seen_at",
    content=("expected_minor", "competing_landed_minor", "currency", "status"),
)


class ExpectedPriceStore:
    """Never commits: the caller's unit of work does, once."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def upsert(self, prices: Sequence[ExpectedPrice]) -> Written:
        unique = newest(prices, lambda p: (p.account, p.marketplace, p.sku), lambda p: p.seen_at)
        done = upsert(self._session, _EXPECTED, as_text([_row(p) for p in unique]))
        return Written(done.written, len(prices) - done.written)

    def all(self, account: AccountId, marketplace: MarketplaceId) -> Sequence[ExpectedPrice]:
        found = self._session.exec(
            select(ExpectedPriceRow)
            .where(ExpectedPriceRow.account == account, ExpectedPriceRow.marketplace == marketplace)
            .order_by(ExpectedPriceRow.sku)
        )
        return [_record(row) for row in found]


def _row(p: ExpectedPrice) -> Row:
    told = p.competing_landed if p.expected is None else p.expected
    currency = None if told is None else told.currency
    return (
        p.account, p.marketplace, p.sku, p.seen_at, minor(p.expected), minor(p.competing_landed), currency, p.status,
    )  # fmt: skip


def _record(row: ExpectedPriceRow) -> ExpectedPrice:
    return ExpectedPrice(
        account=AccountId(row.account),
        marketplace=MarketplaceId(row.marketplace),
        sku=Sku(row.sku),
        expected=money(row.expected_minor, row.currency),
        competing_landed=money(row.competing_landed_minor, row.currency),
        status=row.status,
        seen_at=row.seen_at,
    )
