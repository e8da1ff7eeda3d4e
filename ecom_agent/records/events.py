"""What platforms tell us unasked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ecom_agent.ids import Asin, MarketplaceId, OrderId
from ecom_agent.money import Money
from ecom_agent.records.offers import OfferSnapshot


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
    """The platform says that our offer lost, or will lose, the Buy Box over its price. Unknown references are None."""

    marketplace: MarketplaceId
    asin: Asin
    condition: str
    issue: str
    our_landed: Money | None
    competitive_price_threshold: Money | None
    changed_at: datetime


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
