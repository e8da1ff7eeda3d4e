"""The stock book's part of the faces' fake."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from ecom_agent.clock import Clock
from ecom_agent.errors import BadInput, NotFound
from ecom_agent.ids import Sku
from ecom_agent.records.pools import EntryKind, OutletView, PoolEntry, PoolView


class FakeStock:
    clock: Clock
    calls: list[tuple[Any, ...]]
    _pools: Sequence[PoolView]

    def _some_stock(self) -> None:
        now = self.clock.now()

        def outlet(account: str, shown: int, share: int | None, wanted: int | None, why: str) -> OutletView:
            read = now - timedelta(minutes=3)
            return OutletView(account, "US", "MUG-01", "main", 1, shown, share, wanted, why, read, read)

        outlets = (
            outlet("amazon_us", 9, 6, 6, "18 of MUG-01 may be sold on 3 channels: its share is 6"),
            outlet("ebay_us", 3, 6, None, "others must show fewer first"),
            outlet("shop_main", 6, 6, None, "it shows its share"),
        )
        stale = OutletView(
            "ebay_us", "US", "CUP-02", "main", 1, 4, 4, None, "orders of ebay_us were last read 47 min ago",
            now - timedelta(minutes=2), now - timedelta(minutes=47),
        )  # fmt: skip
        over = OutletView(
            "shop_main", "US", "PAN-03", "main", 1, 12, 2, 2, "2 of PAN-03 may be sold on 1 channels: its share is 2",
            now - timedelta(minutes=3), now - timedelta(minutes=3),
        )  # fmt: skip
        self._pools = (
            PoolView("CUP-02", 20, 2, 0, 18, now - timedelta(hours=20), "split", (stale,)),
            PoolView("MUG-01", 23, 3, 2, 18, now - timedelta(hours=9), "split", outlets),
            PoolView("PAN-03", 5, 3, 0, 2, now - timedelta(days=12), "split", (over,)),
            PoolView("POT-04", None, None, None, None, None, "split", ()),
        )

    def _no_stock(self) -> None:
        self._pools = ()

    def pools(self, sku: str | None = None) -> Sequence[PoolView]:
        found = [pool for pool in self._pools if sku in (None, pool.sku)]
        if sku is not None and not found:
            raise NotFound(f"no product {sku!r}: bind a listing to it, or count it first")
        return found

    def stock_entries(self, sku: str) -> Sequence[PoolEntry]:
        now = self.clock.now()
        return [
            PoolEntry(Sku(sku), EntryKind.MOVE, -1, now - timedelta(hours=2), "anna", "broken"),
            PoolEntry(Sku(sku), EntryKind.COUNT, 24, now - timedelta(hours=9), "anna", "every night"),
        ]

    def count_stock(self, units: Mapping[str, int], by: str, note: str = "") -> int:
        for sku in units:
            if sku not in {pool.sku for pool in self._pools}:
                raise BadInput("a product that a listing is bound to, or a bundle's part", sku, "bind it first")
        self.calls.append(("count_stock", dict(units), by, note))
        return len(units)

    def move_stock(self, sku: str, units: int, by: str, note: str) -> int:
        self.calls.append(("move_stock", sku, units, by, note))
        return (self.pools(sku)[0].on_hand or 0) + units

    def reallocate(self, slot: datetime) -> dict[str, int]:
        self.calls.append(("reallocate", slot))
        return {"proposed": 1, "held": 1}
