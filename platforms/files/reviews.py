"""Review files to reviews."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from ecom_agent.errors import ParseFailed
from ecom_agent.ids import AccountId, MarketplaceId, Sku
from ecom_agent.records.reviews import Review
from platforms.files import cells
from platforms.files.mapping_kinds import ReviewMapping
from platforms.files.rows import Row, only

_LEAST, _MOST = Decimal(1), Decimal(5)
_HUNDREDTH: Final = Decimal("0.01")


class ReviewReader:
    operation, private = "reviews file", ()

    def __init__(self, mapping: ReviewMapping, account: AccountId) -> None:
        self._mapping, self._account = mapping, account

    def id_of(self, row: Row) -> str:
        return row.digest() if self._mapping.columns.review_id is None else row.needed("review_id")

    def record(self, id: str, rows: Sequence[Row]) -> Review:
        mapping = self._mapping
        row = only(rows) if mapping.joined_by is None else rows[0]
        texts = [one.needed("text") for one in rows]
        sku, helpful = row.text("sku"), row.cell("helpful")
        return Review(
            account=self._account,
            marketplace=MarketplaceId(mapping.marketplace),
            review_id=id,
            product=row.text("product"),
            sku=None if sku is None else Sku(sku),
            rating=self._rating(row),
            verdict=row.text("verdict"),
            title=row.text("title"),
            text=texts[0] if mapping.joined_by is None else mapping.joined_by.join(texts),
            written_at=None if row.text("written_at") is None else row.moment("written_at"),
            language=row.text("language") or mapping.language,
            country=row.text("country"),
            verified=self._verified(row),
            helpful=None if cells.text(helpful) is None else self._count(row, helpful),
        )

    def _rating(self, row: Row) -> Decimal | None:
        said = row.text("rating")
        if said is None:
            return None
        if said in self._mapping.rating_words:
            return self._mapping.rating_words[said]
        stars = cells.number(row.cell("rating"), row.column("rating"), self._mapping.decimal_mark)
        if stars is None or not _LEAST <= stars <= _MOST:
            raise ParseFailed(row.column("rating"), f"wanted 1 to 5 stars, or one of rating_words; found {said[:20]!r}")
        return stars.quantize(_HUNDREDTH)

    def _verified(self, row: Row) -> bool | None:
        said = row.text("verified")
        return None if said is None else said.casefold() in map(str.casefold, self._mapping.verified_words)

    def _count(self, row: Row, cell: object) -> int:
        many = cells.whole(cell, row.column("helpful"), self._mapping.decimal_mark)
        if many < 0:
            raise ParseFailed(row.column("helpful"), f"wanted 0 or more; found {many}")
        return many
