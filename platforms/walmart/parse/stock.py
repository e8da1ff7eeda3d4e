"""Units at our own ship nodes (`/v3/inventories`) and in Walmart's warehouses (`/v3/wfs/inventory`) → StockLevel."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from ecom_agent.errors import ParseFailed
from ecom_agent.ids import AccountId, MarketplaceId, Sku
from ecom_agent.records.stock import StockLevel
from platforms._shared.payload import Shape, collect, find, items, need, text, unknown_fields
from platforms._shared.read import Read
from platforms.walmart.parse.values import maybe_units, units

WFS: Final = "wfs"
"""Our name of Walmart's warehouses as a location; our own are named by their ship node."""
_NODE: Final[Shape] = dict.fromkeys(
    ("shipNode", "inputQty", "availToSellQty", "reservedQty", "errors", "inventoryAvailableDate")
)
_ITEM: Final[Shape] = {"sku": None, "nodes": _NODE}
_DATA: Final[Shape] = dict.fromkeys(
    (
        "publishingStatus", "itemLifecycle", "stockStatus", "availableUnits", "reservedUnits", "inboundUnits",
        "unavailableUnits", "onhandUnits", "inventoryAge", "firstInStockDate",
    )
)  # fmt: skip
_KEPT: Final[Shape] = {"itemInformation": None, "inventoryData": _DATA, "inventoryInsights": None}
_UNAVAILABLE: Final = ("inventoryReviewUnits", "inventoryMovementUnits")


def ship_nodes(body: Any, *, account: AccountId, marketplace: MarketplaceId, seen_at: datetime) -> Read[StockLevel]:
    """A page of all SKUs at all nodes. Walmart tells no time of a level: it is as of `seen_at`."""
    need(body, "elements.inventories")
    found = items(body, "elements.inventories")

    def read(raw: Any) -> list[StockLevel]:
        sku = Sku(text(raw, "sku"))
        need(raw, "nodes")
        return [_at_node(node, sku, account, marketplace, seen_at) for node in items(raw, "nodes")]

    records, poison = collect(found, read, lambda raw: raw["sku"])
    return Read(records, poison, tuple(sorted(unknown_fields(list(found), _ITEM, "inventories"))))


def warehouse(body: Any, *, account: AccountId, marketplace: MarketplaceId, seen_at: datetime) -> Read[StockLevel]:
    """A page of units in Walmart's warehouses."""
    found = items(body, "payload.inventory")

    def read(raw: Any) -> tuple[StockLevel, ...]:
        return (_in_warehouse(raw, account, marketplace, seen_at),)

    records, poison = collect(found, read, lambda raw: raw["itemInformation"]["sku"])
    return Read(records, poison, tuple(sorted(unknown_fields(list(found), _KEPT, "inventory"))))


def available_at(body: Any, location: str) -> int | None:
    """Units to sell at one node in the answer about one SKU; None where it is not kept there."""
    for node in items(body, "nodes"):
        if find(node, "shipNode") == location:
            return units(node, "availToSellQty.amount")
    return None


def _at_node(raw: Any, sku: Sku, account: AccountId, marketplace: MarketplaceId, seen_at: datetime) -> StockLevel:
    return StockLevel(
        account=account,
        marketplace=marketplace,
        sku=sku,
        location=text(raw, "shipNode"),
        item_ref=None,
        fulfillable=_not_negative(units(raw, "availToSellQty.amount"), "availToSellQty.amount"),
        reserved=maybe_units(raw, "reservedQty.amount"),
        inbound=None,
        unfulfillable=None,
        updated_at=seen_at,
        seen_at=seen_at,
    )


def _in_warehouse(raw: Any, account: AccountId, marketplace: MarketplaceId, seen_at: datetime) -> StockLevel:
    lost = [maybe_units(raw, f"inventoryData.unavailableUnits.{name}") for name in _UNAVAILABLE]
    told = [count for count in lost if count is not None]
    path = "inventoryData.availableUnits"
    return StockLevel(
        account=account,
        marketplace=marketplace,
        sku=Sku(text(raw, "itemInformation.sku")),
        location=WFS,
        item_ref=None,
        fulfillable=_not_negative(units(raw, path), path),
        reserved=maybe_units(raw, "inventoryData.reservedUnits"),
        inbound=maybe_units(raw, "inventoryData.inboundUnits"),
        unfulfillable=sum(told) if told else None,
        updated_at=seen_at,
        seen_at=seen_at,
    )


def _not_negative(count: int, path: str) -> int:
    if count < 0:
        raise ParseFailed(path, f"wanted zero or more, found {count}")
    return count
