"""What platforms tell us unasked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ecom_agent.ids import Asin, MarketplaceId, OrderId
from ecom_agent.money import Money
from ecom_agent.records.catalog import Listing
from ecom_agent.records.offers import ExpectedPrice, OfferSnapshot


@dataclass(frozen=True, slots=True)
class OrderChange:
    """An order moved: pull it. The message holds no prices, so it is no Order by itself."""

    order_id: OrderId
    marketplace: MarketplaceId | None
    changed_at: datetime | None


@dataclass(frozen=True, slots=True)
class AuthorizationEnded:
    """The platform says that we may act for this account no longer. `why` is for people: what happened, what to do."""

    why: str


@dataclass(frozen=True, slots=True)
class PricingHealth:
    """The platform says that our offer lost, or will lose, the Buy Box over its price. Unknown references are None.

    `issue` is the platform's word for it. Above `competitive_price_threshold`, which is what a buyer pays, our offer
    is not featured; `our_shipping` is our part of that. `featured_landed` is what the featured offer costs now.
    """

    marketplace: MarketplaceId
    asin: Asin
    condition: str
    issue: str
    our_landed: Money | None
    competitive_price_threshold: Money | None
    changed_at: datetime
    our_shipping: Money | None = None
    featured_landed: Money | None = None

    def expected(self, listing: Listing) -> ExpectedPrice:
        """The same as the price at or below which `listing`, ours on that page, may be featured; None where what we
        charge on top is not known, or is all of it already."""
        threshold, shipping, featured = self.competitive_price_threshold, self.our_shipping, self.featured_landed
        price = None
        if threshold is not None and shipping is not None and threshold.currency == shipping.currency:
            price = threshold - shipping if threshold > shipping else None
        if price is not None and featured is not None and featured.currency != price.currency:
            featured = None
        return ExpectedPrice(
            listing.account, listing.marketplace, listing.sku, price, featured, self.issue, self.changed_at
        )


Content = OfferSnapshot | OrderChange | PricingHealth


@dataclass(frozen=True, slots=True)
class Notification:
    """One message. `id` is the same for every copy of it; `content` is None for types we do not use."""

    type: str
    id: str
    event_time: datetime | None
    seller_id: str | None
    payload: Mapping[str, Any]
    content: Content | None
