"""Books of stock for tests: shelves and outlets of a few SKUs."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

import ecom_agent
from ecom_agent.economics.allocation_policy import AllocationPolicy
from ecom_agent.ids import AccountId, MarketplaceId, Sku
from ecom_agent.records.catalog import ListingStatus
from ecom_agent.records.pools import Outlet, PoolBook, Shelf

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
MUG, BOX, PAIR = Sku("MUG"), Sku("BOX"), Sku("PAIR")
CHANNELS = ("amazon", "ebay", "shop", "tiktok", "walmart")


def shipped() -> dict[str, Any]:
    file = Path(ecom_agent.__file__).parent / "policies" / "allocation.yaml"
    return dict(yaml.safe_load(file.read_text(encoding="utf-8")))


def policy(**lines: Any) -> AllocationPolicy:
    return AllocationPolicy.read({**shipped(), **lines})


def shelf(units: int, sku: Sku = MUG, reserved: int = 0) -> Shelf:
    return Shelf(sku, units, reserved, NOW)


def outlet(account: str = "ebay", shown: int = 0, sku: Sku = MUG, **other: Any) -> Outlet:
    made: dict[str, Any] = {
        "own": sku, "location": "main", "status": ListingStatus.ACTIVE, "seen_at": NOW, "orders_at": NOW,
    }  # fmt: skip
    return Outlet(AccountId(account), MarketplaceId("US"), sku, shown=shown, **(made | other))


def book(*outlets: Outlet, **units: int) -> PoolBook:
    """Units on the shelf by SKU."""
    return PoolBook({Sku(sku): shelf(n, Sku(sku)) for sku, n in units.items()}, outlets, shipped(), 1)
