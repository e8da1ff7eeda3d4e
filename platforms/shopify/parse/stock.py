"""Inventory items and their levels → StockLevel, one for each location."""

from __future__ import annotations

from collections.abc import Iterable
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
    maybe_moment,
    maybe_text,
    need,
    text,
    unknown_fields,
)
from platforms._shared.read import Read

_ITEM: Final[Shape] = {
    "id": None, "sku": None, "tracked": None,
    "inventoryLevels": {
        "pageInfo": None, "nodes": {"id": None, "updatedAt": None, "location": None, "quantities": None},
    },
}  # fmt: skip


def levels(
    nodes: Iterable[Any], *, account: AccountId, marketplace: MarketplaceId, seen_at: datetime
) -> Read[StockLevel]:
    """Inventory items with all their levels in them; items that Shopify does not count give no record."""
    nodes = list(nodes)

    def read(raw: Any) -> list[StockLevel]:
        if find(raw, "tracked") is False:
            return []
        sku = maybe_text(raw, "sku")
        if sku is None:
            raise ParseFailed("sku", "an inventory item without SKU: give its variant one in Shopify")
        item = text(raw, "id")
        found = items(need(raw, "inventoryLevels"), "nodes")
        return [_level(level, Sku(sku), item, account, marketplace, seen_at) for level in found]

    records, poison = collect(nodes, read, lambda raw: raw["id"])
    return Read(records, poison, tuple(sorted(unknown_fields(nodes, _ITEM, "inventoryItems"))))


def available_at(data: Any, sku: Sku) -> int | None:
    """Available units from `inventoryLevel`, None where the SKU is not stocked at that location."""
    for node in items(need(data, "inventoryItems"), "nodes"):
        if find(node, "sku") == sku and find(node, "inventoryLevel") is not None:
            return _quantities(need(node, "inventoryLevel")).get("available")
    return None


def _level(
    raw: Any, sku: Sku, item: str, account: AccountId, marketplace: MarketplaceId, seen_at: datetime
) -> StockLevel:
    """`fulfillable` is Shopify's "available", which is below zero after overselling: kept as told."""
    units = _quantities(raw)
    if "available" not in units:
        raise ParseFailed("quantities.available", "missing")
    return StockLevel(
        account=account,
        marketplace=marketplace,
        sku=sku,
        location=text(raw, "location.id"),
        item_ref=item,
        fulfillable=units["available"],
        reserved=_sum(units, "committed", "reserved"),
        inbound=_sum(units, "incoming"),
        unfulfillable=_sum(units, "damaged", "quality_control", "safety_stock"),
        updated_at=maybe_moment(raw, "updatedAt") or seen_at,
        seen_at=seen_at,
    )


def _quantities(raw: Any) -> dict[str, int]:
    return {text(entry, "name"): count(entry, "quantity") for entry in items(raw, "quantities")}


def _sum(units: dict[str, int], *names: str) -> int | None:
    """The sum of states that were told; None where none was."""
    told = [units[name] for name in names if name in units]
    return sum(told) if told else None
