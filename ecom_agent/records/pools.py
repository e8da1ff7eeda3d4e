"""One pool of stock behind several channels: what was counted, what is promised, what each channel shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from ecom_agent.ids import AccountId, MarketplaceId, Sku
from ecom_agent.records.catalog import ListingStatus

PLATFORM_HELD: Final = ("fba", "wfs", "3pl")
"""Locations and fulfilments that are a platform's warehouse: those units are not ours to publish."""


class EntryKind(StrEnum):
    COUNT = "count"  # so many were on the shelf then: what was entered before does not matter any more
    MOVE = "move"  # so many came (> 0: goods received, a return put back) or went (< 0: broken, lost)


@dataclass(frozen=True, slots=True)
class PoolEntry:
    """One line of our own stock book. `units` lay on the shelf, those of orders that were not shipped yet included."""

    sku: Sku
    kind: EntryKind
    units: int
    at: datetime
    by: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Shelf:
    """What we have of one SKU. Units. `on_hand` = counted + moved − shipped since; `reserved` = in open orders.

    An order that was shipped before the count and changed after it is taken off once too often: in doubt there are
    fewer. Goods on their way to us are not in here.
    """

    sku: Sku
    on_hand: int
    reserved: int
    counted_at: datetime


@dataclass(frozen=True, slots=True)
class Outlet:
    """One listing at one location of a channel, and how many units it shows.

    `sku` is the channel's name for it, `own` ours. `shown` as last read at `seen_at`. `sent` is what we last set within
    a day, less what was ordered there since (None = nothing); `under_way`: it is not read back yet. `orders_at` is the
    last good reading of the account's orders, `sold` its units in the last 14 days.
    """

    account: AccountId
    marketplace: MarketplaceId
    sku: Sku
    own: Sku
    location: str
    status: ListingStatus
    shown: int
    seen_at: datetime
    sent: int | None = None
    under_way: bool = False
    orders_at: datetime | None = None
    sold: int = 0

    @property
    def key(self) -> OutletKey:
        return self.account, self.marketplace, self.sku, self.location

    @property
    def claimed(self) -> int:
        """Units that this channel may still promise: what it shows, or what it was told where its sales are unknown."""
        return max(self.shown, self.sent or 0, 0)

    @property
    def unexplained(self) -> int:
        """Units that it shows fewer than it should: orders that we have not read yet, or somebody's own change."""
        return 0 if self.sent is None or self.under_way else max(0, self.sent - max(self.shown, 0))


OutletKey = tuple[AccountId, MarketplaceId, Sku, str]
"""Account, marketplace, the channel's SKU, location."""


@dataclass(frozen=True, slots=True)
class PoolBook:
    """All that deciding on shares needs. `shelves`: SKUs that were ever counted. `policy`: the body of `allocation`."""

    shelves: Mapping[Sku, Shelf] = field(default_factory=lambda: MappingProxyType({}))
    outlets: Sequence[Outlet] = ()
    policy: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    policy_version: int = 0


@dataclass(frozen=True, slots=True)
class OutletView:
    """One outlet as people see it. One unit of it takes `each` of the pool. `share`: what it should show in the end.

    `wanted` is what it is told now, None = it is left as it is; `why` says so, or what decided.
    """

    account: str
    marketplace: str
    sku: str
    location: str
    each: int
    shown: int
    share: int | None
    wanted: int | None
    why: str
    seen_at: datetime
    orders_at: datetime | None


@dataclass(frozen=True, slots=True)
class PoolView:
    """One SKU's pool as people see it. None = never counted. `sellable` is without the buffer."""

    sku: str
    on_hand: int | None
    reserved: int | None
    buffer: int | None
    sellable: int | None
    counted_at: datetime | None
    mode: str
    outlets: tuple[OutletView, ...]

    @property
    def shown(self) -> int:
        """Units of the pool that all channels show together."""
        return sum(outlet.shown * outlet.each for outlet in self.outlets)
