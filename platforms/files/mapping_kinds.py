"""Mappings of files that are no orders: reviews, messages, costs of a unit."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from platforms.files.mapping import ColumnNames, Currency, FileMapping, Zone

Id = str | tuple[str, ...]
"""One column, or several that are an id together."""


class ReviewColumns(ColumnNames):
    """There is no word for who wrote it: a reviewer's name is not read."""

    text: str
    review_id: Id | None = None
    product: str | None = None
    sku: str | None = None
    title: str | None = None
    rating: str | None = None
    verdict: str | None = None
    written_at: str | None = None
    language: str | None = None
    country: str | None = None
    verified: str | None = None
    helpful: str | None = None


class ReviewMapping(FileMapping):
    """Without `columns.review_id` a review is told by all that is read of it: equal rows are one review."""

    kind: ClassVar[str] = "reviews"

    columns: ReviewColumns
    rating_words: dict[str, Annotated[Decimal, Field(ge=1, le=5)]] = Field(default_factory=dict)
    """Words of `columns.rating` and the stars they mean; numbers from 1 to 5 need none."""
    verified_words: tuple[str, ...] = ("true", "yes", "1")
    """Words of `columns.verified`, in any case, for a purchase that was seen; any other word is a no."""
    language: str | None = None
    """Of the whole file, where no column says it: en, zh."""
    joined_by: str | None = None
    """Set where a review goes over several rows (a sentence each): what stands between their texts."""

    @model_validator(mode="after")
    def _dated_in_a_zone(self) -> Self:
        if self.columns.written_at is not None and self.time_zone is None:
            raise ValueError("columns.written_at needs time_zone: the zone of times without an offset")
        if self.joined_by is not None and self.columns.review_id is None:
            raise ValueError("joined_by needs columns.review_id: which rows belong together")
        return self


class MessageColumns(ColumnNames):
    text: str
    sent_at: str
    direction: str
    message_id: Id | None = None
    conversation_id: Id | None = None
    buyer: str | None = None
    order_id: str | None = None
    listing_id: str | None = None


class MessageMapping(FileMapping):
    """Without `columns.message_id` a message is told by all that is read of it; without `columns.conversation_id`
    it belongs to its order, else to its buyer, else it stands alone."""

    kind: ClassVar[str] = "messages"

    columns: MessageColumns
    time_zone: Zone
    from_buyer: Annotated[tuple[str, ...], Field(min_length=1)]
    """The words of `columns.direction` for what a buyer wrote."""
    from_us: Annotated[tuple[str, ...], Field(min_length=1)]
    """And for what we answered. A row with any other word is set aside: who spoke is not guessed."""


class CostColumns(ColumnNames):
    sku: str
    unit_cost: str
    currency: str | None = None
    account: str | None = None
    marketplace: str | None = None
    ad_cost: str | None = None
    return_percent: str | None = None
    return_cost: str | None = None
    costs_on: str | None = None


class CostMapping(FileMapping):
    """What a unit costs us, in major units. A row is for a listing that is known; what it does not name stays."""

    kind: ClassVar[str] = "costs"

    columns: CostColumns
    currency: Currency | None = None
    """Currency of the whole file, where no column says it."""

    @model_validator(mode="after")
    def _one_currency(self) -> Self:
        if (self.currency is None) == (self.columns.currency is None):
            raise ValueError("name either currency or columns.currency, and only one of them")
        return self
