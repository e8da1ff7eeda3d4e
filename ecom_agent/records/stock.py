"""Units we have, by state. States are summed only on purpose."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ecom_agent.ids import AccountId, MarketplaceId, Sku


@dataclass(frozen=True, slots=True)
class StockLevel:
    """Units of one SKU at one location; None = the platform did not tell that state.

    `item_ref` is what a write must name (Shopify's inventory item gid), None where the SKU is enough.
    """

    account: AccountId
    marketplace: MarketplaceId
    sku: Sku
    location: str
    item_ref: str | None
    fulfillable: int
    reserved: int | None
    inbound: int | None
    unfulfillable: int | None
    updated_at: datetime
    seen_at: datetime
