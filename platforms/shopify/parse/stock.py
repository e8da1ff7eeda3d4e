"""Inventory levels of a location → StockLevel."""

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
    maybe_moment,
    maybe_text,
    need,
    text,
    unknown_fields,
)
from platforms._shared.read import Read

_HERE: Final[Shape] = {
    "id": None,
    "inventoryLevels": {
        "pageInfo": None,
        "nodes": {
            "id": None, "updatedAt": None, "quantities": None, "item": {"id": None, "sku": None, "tracked": None},
        },
    },
}  # fmt: skip


def levels(here: Any, *, account: AccountId, marketplace: MarketplaceId, seen_at: datetime) -> Read[StockLevel]:
    """A location with a page of its levels; items that Shopify does not count give no record."""
    location = text(here, "id")

    def read(raw: Any) -> tuple[StockLevel, ...]:
        if find(raw, "item.tracked") is False:
            return ()
        return (_level(raw, location, account, marketplace, seen_at),)

    nodes = items(need(here, "inventoryLevels"), "nodes")
    records, poison = collect(nodes, read, lambda raw: raw["item"]["id"])
    return Read(records, poison, tuple(sorted(unknown_fields(here, _HERE, "location"))))


def available_at(data: Any, sku: Sku) -> int | None:
    """Available units from `inventoryLevel`, None where the SKU is not stocked at that location."""
    for node in items(need(data, "inventoryItems"), "nodes"):
        if find(node, "sku") == sku and find(node, "inventoryLevel") is not None:
            return _quantities(need(node, "inventoryLevel")).get("available")
    return None


def _level(raw: Any, location: str, account: AccountId, marketplace: MarketplaceId, seen_at: datetime) -> StockLevel:
    """`fulfillable` is Shopify's "available", which is below zero after overselling: kept as told."""
    sku = maybe_text(raw, "item.sku")
    if sku is None:
        raise ParseFailed("item.sku", "an inventory item without SKU: give its variant one in Shopify")
    units = _quantities(raw)
    if "available" not in units:
        raise ParseFailed("quantities.available", "missing")
    return StockLevel(
        account=account,
        marketplace=marketplace,
        sku=Sku(sku),
        location=location,
        item_ref=text(raw, "item.id"),
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
