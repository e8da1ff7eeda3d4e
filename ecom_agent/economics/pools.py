"""The sums of a shared pool: what may be sold of a SKU, and how many units one channel may show. Pure.

The room decides with these, and the guard checks with these; the invariant in `ecom_agent/invariants` counts anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_CEILING, Decimal

from ecom_agent.economics.allocation_policy import AllocationPolicy
from ecom_agent.ids import Sku
from ecom_agent.records.catalog import ListingStatus
from ecom_agent.records.pools import PLATFORM_HELD, Outlet, PoolBook, Shelf


def ours(outlet: Outlet) -> bool:
    """Whether its units lie with us, and buyers can order them."""
    return outlet.location not in PLATFORM_HELD and outlet.status is ListingStatus.ACTIVE


def buffer(shelf: Shelf, policy: AllocationPolicy) -> int:
    """Units held back: a number or a share of what is free, whichever is more, rounded up."""
    keep = policy.keep(shelf.sku)
    part = (Decimal(max(0, shelf.on_hand - shelf.reserved)) * keep.share).to_integral_value(ROUND_CEILING)
    return max(keep.units, int(part))


def sellable(shelf: Shelf, policy: AllocationPolicy) -> int:
    """Units that channels may promise: on hand, less what open orders hold, less the buffer; never below zero."""
    return max(0, shelf.on_hand - shelf.reserved - buffer(shelf, policy))


def bound(units: int, policy: AllocationPolicy) -> int:
    """How many units all channels together may show of `units` sellable ones."""
    return int((Decimal(units) * policy.overlap).to_integral_value()) if policy.shared else units


class Pools:
    """A book under a policy, summed once: what is free of each SKU, who sells it, what each may still promise."""

    def __init__(self, book: PoolBook, policy: AllocationPolicy) -> None:
        self.book, self.policy = book, policy
        self.free = {sku: sellable(shelf, policy) for sku, shelf in book.shelves.items()}
        self.most = {sku: bound(units, policy) for sku, units in self.free.items()}
        self.claims = {outlet.key: outlet.claimed for outlet in book.outlets if ours(outlet)}
        self._parts = {outlet.key: policy.parts(outlet.own) for outlet in book.outlets}
        self.users: dict[Sku, list[Outlet]] = {}
        for outlet in book.outlets:
            for part in self._parts[outlet.key] if ours(outlet) else ():
                self.users.setdefault(part, []).append(outlet)

    def parts(self, outlet: Outlet) -> Mapping[Sku, int]:
        """What one unit of this outlet takes off our shelves."""
        return self._parts[outlet.key]

    def uncounted(self, outlet: Outlet) -> Sku | None:
        """A SKU that this outlet sells and that nobody ever counted."""
        return next((part for part in self.parts(outlet) if part not in self.free), None)

    def room(self, outlet: Outlet) -> int | None:
        """Most units it may show while all others keep what they may still promise; None = not counted.

        A bundle may show as many as its scarcest part allows.
        """
        if self.uncounted(outlet) is not None:
            return None
        return min(self._room(outlet, part, each) for part, each in self.parts(outlet).items())

    def _room(self, outlet: Outlet, part: Sku, each: int) -> int:
        others = (one for one in self.users.get(part, ()) if one.key != outlet.key)
        promised = sum(self.claims[one.key] * self._parts[one.key][part] for one in others)
        return max(0, min(self.free[part], self.most[part] - promised)) // each
