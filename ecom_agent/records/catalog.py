"""What we sell, and where: products and their listings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ecom_agent.ids import AccountId, MarketplaceId, Sku
from ecom_agent.money import Money


class ListingStatus(StrEnum):
    ACTIVE = "active"
    INACTIVE = "inactive"
    SUPPRESSED = "suppressed"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Listing:
    """One SKU of ours on one marketplace, as its platform shows it.

    `external_id` is the platform's page (ASIN, variant gid); `parent_id` what a write must name beside it
    (Shopify's product gid, Amazon's product type), None where nothing is needed.
    `price` None = the platform showed none. `updated_at` is the platform's, `seen_at` ours.
    """

    account: AccountId
    marketplace: MarketplaceId
    sku: Sku
    external_id: str
    parent_id: str | None
    title: str
    status: ListingStatus
    price: Money | None
    condition: str
    fulfilment: str | None
    updated_at: datetime | None
    seen_at: datetime
