"""Fee quotes: what the platform would take, at the price it was asked for; the newest per listing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlmodel import Field, Session, SQLModel, select

from ecom_agent.ids import AccountId, MarketplaceId, Sku
from ecom_agent.money import Money
from ecom_agent.records.finance import FeeQuote
from ecom_agent.store.bulk import Row, Target, Written, as_text, newest, upsert
from ecom_agent.store.columns import CURRENCY, MINOR, WHEN


class FeeQuoteRow(SQLModel, table=True):
    __tablename__ = "fee_quote"
    account: str = Field(primary_key=True)
    marketplace: str = Field(primary_key=True)
    sku: str = Field(primary_key=True)
    at_price_minor: int = Field(sa_type=MINOR)
    referral_minor: int = Field(sa_type=MINOR)
    fulfilment_minor: int = Field(sa_type=MINOR)
    currency: str = Field(sa_type=CURRENCY)
    quoted_at: datetime = Field(sa_type=WHEN)


_QUOTES: Final = Target(
    "fee_quote",
    key=("account", "marketplace", "sku"),
    version="quoted_at",
    content=("at_price_minor", "referral_minor", "fulfilment_minor", "currency"),
)


class FeeStore:
    """Never commits: the caller's unit of work does, once."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def upsert(self, quotes: Sequence[FeeQuote]) -> Written:
        unique = newest(quotes, lambda q: (q.account, q.marketplace, q.sku), lambda q: q.quoted_at)
        done = upsert(self._session, _QUOTES, as_text([_row(q) for q in unique]))
        return Written(done.written, len(quotes) - done.written)

    def get(self, account: AccountId, marketplace: MarketplaceId, sku: Sku) -> FeeQuote | None:
        row = self._session.get(FeeQuoteRow, (account, marketplace, sku))
        return None if row is None else _record(row)

    def all(self, account: AccountId, marketplace: MarketplaceId) -> Sequence[FeeQuote]:
        found = self._session.exec(
            select(FeeQuoteRow)
            .where(FeeQuoteRow.account == account, FeeQuoteRow.marketplace == marketplace)
            .order_by(FeeQuoteRow.sku)
        )
        return [_record(row) for row in found]


def _row(q: FeeQuote) -> Row:
    return (
        q.account, q.marketplace, q.sku, q.quoted_at, q.at_price.minor, q.referral.minor, q.fulfilment.minor,
        q.at_price.currency,
    )  # fmt: skip


def _record(row: FeeQuoteRow) -> FeeQuote:
    return FeeQuote(
        account=AccountId(row.account),
        marketplace=MarketplaceId(row.marketplace),
        sku=Sku(row.sku),
        at_price=Money(row.at_price_minor, row.currency),
        referral=Money(row.referral_minor, row.currency),
        fulfilment=Money(row.fulfilment_minor, row.currency),
        quoted_at=row.quoted_at,
    )
