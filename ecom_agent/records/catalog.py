"""What we sell, and where: products and their listings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ecom_agent.ids import AccountId, MarketplaceId, Sku
from ecom_agent.money import Money
from ecom_agent.records.business import BusinessPrices


class ListingStatus(StrEnum):
    ACTIVE = "active"
    INACTIVE = "inactive"
    SUPPRESSED = "suppressed"
    DELETED = "deleted"
    UNMAPPED = "unmapped"  # the platform used a word we do not know: kept, alarmed, never dropped


@dataclass(frozen=True, slots=True)
class SalePrice:
    """What buyers pay instead of the listing's price from `since` until `until`; None = open on that side."""

    price: Money
    since: datetime | None
    until: datetime | None

    def runs(self, at: datetime) -> bool:
        return (self.since is None or self.since <= at) and (self.until is None or at < self.until)


@dataclass(frozen=True, slots=True)
class Listing:
    """One SKU of ours on one marketplace, as its platform shows it.

    `external_id` is the platform's page (ASIN, variant gid); `parent_id` what a write must name beside it
    (Shopify's product gid, Amazon's product type), None where nothing is needed.
    `price` None = the platform showed none; it is the regular one, the one that can be set, also while `sale` runs: a
    sale that is over is no sale. `business` None = no prices for companies can be set there, or what stands there
    could not be read: they are left alone. `updated_at` is the platform's, `seen_at` ours.
    `gtin` has 14 digits and a right check digit (`records.barcodes`); it and `brand` are None where the platform tells
    none. `status_raw` is the platform's own word, None where it tells the status in another way.
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
    gtin: str | None = None
    brand: str | None = None
    status_raw: str | None = None
    sale: SalePrice | None = None
    business: BusinessPrices | None = None
