"""`inventorySearch` → StockLevel, one for each warehouse of a SKU."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ecom_agent.errors import ParseFailed
from ecom_agent.ids import AccountId, MarketplaceId, Sku
from ecom_agent.records.stock import StockLevel
from platforms._shared.payload import (
    collect,
    count,
    find,
    items,
    maybe_count,
    maybe_text,
    need,
    text,
    unknown_fields,
)
from platforms._shared.read import Read
from platforms.tiktok_shop.parse.pairs import of_products
from platforms.tiktok_shop.parse.shapes import INVENTORY


@dataclass(frozen=True, slots=True)
class ItemRef:
    """What a stock write must name: product, SKU, and whether other warehouses hold the SKU too."""

    product: str
    sku: str
    alone: bool

    def __str__(self) -> str:
        return f"{self.product}/{self.sku}" + ("" if self.alone else "/+")

    @classmethod
    def of(cls, value: str) -> ItemRef:
        parts = value.split("/")
        if len(parts) not in (2, 3) or parts[2:] not in ([], ["+"]) or not all(parts):
            raise ParseFailed("item_ref", f"wanted product/sku, found {value[:60]!r}: pull the stock again")
        return cls(parts[0], parts[1], len(parts) == 2)


def levels(body: Any, *, account: AccountId, marketplace: MarketplaceId, seen_at: datetime) -> Read[StockLevel]:
    found = items(need(body, "data"), "inventory")

    def read(pair: Any) -> Iterator[StockLevel]:
        return _levels(pair["product"], pair["sku"], account, marketplace, seen_at)

    records, poison = collect(of_products(found), read, lambda pair: pair["sku"]["id"])
    return Read(records, poison, tuple(sorted(unknown_fields(found, INVENTORY, "inventory"))))


def available_at(body: Any, sku: Sku, warehouse: str) -> int | None:
    """Available units of our SKU in a warehouse; None where it is not kept there."""
    for pair in of_products(items(need(body, "data"), "inventory")):
        if find(pair, "sku.seller_sku") == sku and warehouse in (held := held_by_warehouse(pair["sku"])):
            return held[warehouse]
    return None


def held_by_sku(body: Any, sku_id: str) -> dict[str, int] | None:
    """Available units by warehouse of TikTok's SKU `sku_id`; None where the answer does not hold it."""
    for pair in of_products(items(need(body, "data"), "inventory")):
        if find(pair, "sku.id") == sku_id:
            return held_by_warehouse(pair["sku"])
    return None


def held_by_warehouse(raw: Any) -> dict[str, int]:
    return {
        text(entry, "warehouse_id"): count(entry, "available_quantity") for entry in items(raw, "warehouse_inventory")
    }


def _levels(
    product: Any, raw: Any, account: AccountId, marketplace: MarketplaceId, seen_at: datetime
) -> Iterator[StockLevel]:
    """TikTok does not say when a level changed: it is dated as it is seen."""
    sku = maybe_text(raw, "seller_sku")
    if sku is None:
        raise ParseFailed("seller_sku", "a SKU without ours: give it one in Seller Center")
    held = items(raw, "warehouse_inventory")
    ref = ItemRef(text(product, "product_id"), text(raw, "id"), alone=len(held) == 1)
    for entry in held:
        yield StockLevel(
            account=account,
            marketplace=marketplace,
            sku=Sku(sku),
            location=text(entry, "warehouse_id"),
            item_ref=str(ref),
            fulfillable=count(entry, "available_quantity"),
            reserved=maybe_count(entry, "committed_quantity"),
            inbound=None,
            unfulfillable=None,
            updated_at=seen_at,
            seen_at=seen_at,
        )
