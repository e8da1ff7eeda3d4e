"""Reviews. What was seen last holds: a review may be edited, and found helpful by more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

from sqlalchemy import func
from sqlmodel import Field, Session, SQLModel, col, select

from ecom_agent.ids import AccountId, MarketplaceId, Sku
from ecom_agent.records.reviews import Review
from ecom_agent.store.bulk import Row, Written, as_text, stage
from ecom_agent.store.columns import WHEN


class ReviewRow(SQLModel, table=True):
    __tablename__ = "review"
    account: str = Field(primary_key=True)
    review_id: str = Field(primary_key=True)
    marketplace: str
    product: str | None
    sku: str | None
    rating: Decimal | None = Field(max_digits=3, decimal_places=2)
    verdict: str | None
    title: str | None
    text: str
    written_at: datetime | None = Field(sa_type=WHEN)
    language: str | None
    country: str | None
    verified: bool | None
    helpful: int | None
    seen_at: datetime = Field(sa_type=WHEN)


_CONTENT: Final = (
    "marketplace", "product", "sku", "rating", "verdict", "title", "text", "written_at", "language", "country",
    "verified", "helpful",
)  # fmt: skip
_COLUMNS: Final = ("account", "review_id", *_CONTENT, "seen_at")
_MERGE: Final = f"""
INSERT INTO review AS old ({", ".join(_COLUMNS)}) SELECT {", ".join(_COLUMNS)} FROM in_review
ON CONFLICT (account, review_id) DO UPDATE SET {", ".join(f"{c} = excluded.{c}" for c in (*_CONTENT, "seen_at"))}
WHERE ({", ".join(f"old.{c}" for c in _CONTENT)}) IS DISTINCT FROM ({", ".join(f"excluded.{c}" for c in _CONTENT)})
""".encode()


class ReviewStore:
    """Never commits: the caller's unit of work does, once."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def upsert(self, reviews: Sequence[Review], *, seen_at: datetime) -> Written:
        """Write the reviews that are new or say something else now; of two with one id the later counts."""
        unique = list({(one.account, one.review_id): one for one in reviews}.values())
        if not unique:
            return Written(0, 0)
        cursor = stage(self._session, "review", _COLUMNS, as_text([_row(one, seen_at) for one in unique]))
        cursor.execute(_MERGE)
        return Written(cursor.rowcount, len(reviews) - cursor.rowcount)

    def of(
        self, account: AccountId, *, product: str | None = None, sku: Sku | None = None, limit: int = 1000
    ) -> Sequence[Review]:
        """Reviews of a product, or of a SKU of ours, or all; the newest first, those without a day last."""
        asked = select(ReviewRow).where(ReviewRow.account == account)
        if product is not None:
            asked = asked.where(ReviewRow.product == product)
        if sku is not None:
            asked = asked.where(ReviewRow.sku == sku)
        newest = (col(ReviewRow.written_at).desc().nulls_last(), col(ReviewRow.review_id))
        return [_record(row) for row in self._session.exec(asked.order_by(*newest).limit(limit))]

    def count(self, account: AccountId) -> int:
        asked = select(func.count()).select_from(ReviewRow).where(ReviewRow.account == account)
        return self._session.exec(asked).one()


def _row(one: Review, seen_at: datetime) -> Row:
    return (
        one.account, one.review_id, one.marketplace, one.product, one.sku,
        None if one.rating is None else str(one.rating), one.verdict, one.title, one.text, one.written_at,
        one.language, one.country, one.verified, one.helpful, seen_at,
    )  # fmt: skip


def _record(row: ReviewRow) -> Review:
    return Review(
        account=AccountId(row.account),
        marketplace=MarketplaceId(row.marketplace),
        review_id=row.review_id,
        product=row.product,
        sku=None if row.sku is None else Sku(row.sku),
        rating=row.rating,
        verdict=row.verdict,
        title=row.title,
        text=row.text,
        written_at=row.written_at,
        language=row.language,
        country=row.country,
        verified=row.verified,
        helpful=row.helpful,
    )
