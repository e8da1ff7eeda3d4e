"""FBA Inventory v1: `getInventorySummaries` → StockLevel."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from ecom_agent.errors import ParseFailed
from ecom_agent.ids import AccountId, MarketplaceId, Sku
from ecom_agent.records.stock import StockLevel
from platforms._shared.payload import (
    Shape,
    collect,
    count,
    find,
    items,
    maybe_count,
    maybe_moment,
    need,
    text,
    unknown_fields,
)
from platforms._shared.read import Read

FBA: Final = "fba"
"""Our name of Amazon's warehouses as a location; a merchant's own stock lies at "fbm"."""
_INBOUND: Final = ("inboundWorkingQuantity", "inboundShippedQuantity", "inboundReceivingQuantity")
_DETAILS: Final[Shape] = {
    "fulfillableQuantity": None, **dict.fromkeys(_INBOUND), "reservedQuantity": None, "researchingQuantity": None,
    "unfulfillableQuantity": None, "futureSupplyQuantity": None,
}  # fmt: skip
_SUMMARY: Final[Shape] = {
    "asin": None, "fnSku": None, "sellerSku": None, "condition": None, "inventoryDetails": _DETAILS,
    "lastUpdatedTime": None, "productName": None, "totalQuantity": None, "stores": None,
}  # fmt: skip
_PAGE: Final[Shape] = {
    "payload": {"granularity": None, "inventorySummaries": _SUMMARY},
    "pagination": None,
    "errors": None,
}


def inventory_summaries(
    body: Any, *, account: AccountId, marketplace: MarketplaceId, seen_at: datetime
) -> Read[StockLevel]:
    """A page of `getInventorySummaries` with details. A summary without an update time is as of `seen_at`."""
    need(body, "payload.inventorySummaries")

    def read(raw: Any) -> tuple[StockLevel, ...]:
        return (_level(raw, account, marketplace, seen_at),)

    records, poison = collect(items(body, "payload.inventorySummaries"), read, lambda raw: raw["sellerSku"])
    return Read(records, poison, tuple(sorted(unknown_fields(body, _PAGE))))


def _level(raw: Any, account: AccountId, marketplace: MarketplaceId, seen_at: datetime) -> StockLevel:
    inbound = [maybe_count(raw, f"inventoryDetails.{name}") for name in _INBOUND]
    fulfillable = count(raw, "inventoryDetails.fulfillableQuantity")
    if fulfillable < 0:
        raise ParseFailed("inventoryDetails.fulfillableQuantity", f"wanted zero or more, found {fulfillable}")
    return StockLevel(
        account=account,
        marketplace=marketplace,
        sku=Sku(text(raw, "sellerSku")),
        location=FBA,
        item_ref=None,
        fulfillable=fulfillable,
        reserved=maybe_count(raw, "inventoryDetails.reservedQuantity.totalReservedQuantity"),
        inbound=None if None in inbound else sum(units for units in inbound if units is not None),
        unfulfillable=maybe_count(raw, "inventoryDetails.unfulfillableQuantity.totalUnfulfillableQuantity"),
        updated_at=(maybe_moment(raw, "lastUpdatedTime") if find(raw, "lastUpdatedTime") else None) or seen_at,
        seen_at=seen_at,
    )
