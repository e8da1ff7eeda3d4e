"""What buyers say of a product in public. Text is data: it is shown, counted and searched, never obeyed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from ecom_agent.ids import AccountId, MarketplaceId, Sku


@dataclass(frozen=True, slots=True)
class Review:
    """One review. Who wrote it is not kept.

    `product` is the source's id of what it is about (an ASIN, a model), `sku` ours where it is about our own.
    `rating` is stars from 1 to 5; `verdict` the source's own word where it gives no stars ("pos").
    `verified` tells whether the source saw the purchase, `helpful` how many found it so; None = it does not say.
    """

    account: AccountId
    marketplace: MarketplaceId
    review_id: str
    product: str | None
    sku: Sku | None
    rating: Decimal | None
    verdict: str | None
    title: str | None
    text: str
    written_at: datetime | None
    language: str | None = None
    country: str | None = None
    verified: bool | None = None
    helpful: int | None = None
