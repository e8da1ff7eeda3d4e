"""Orders and their lines."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from ecom_agent.ids import AccountId, MarketplaceId, OrderId, Sku
from ecom_agent.money import Money
from ecom_agent.records.people import Buyer


class OrderStatus(StrEnum):
    PENDING = "pending"
    UNSHIPPED = "unshipped"
    PARTIALLY_SHIPPED = "partially_shipped"
    SHIPPED = "shipped"
    CANCELLED = "cancelled"
    UNMAPPED = "unmapped"  # the platform used a word we do not know: kept, alarmed, never dropped


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One line. `quantity` < 0 = goods credited. `total` = price × quantity before tax, as billed.

    `unit_price` is None where the platform did not tell (a pending order), or where the price
    of one unit is finer than the currency's minor unit; `total` is exact all the same.
    """

    line_id: str
    sku: Sku | None
    external_id: str | None
    title: str
    quantity: int
    unit_price: Money | None
    total: Money | None


@dataclass(frozen=True, slots=True)
class Order:
    """One order as its platform last showed it. `updated_at` decides which of two versions is newer.

    `status_raw` is the platform's own word. `country` ISO 3166 or the source's own name for it; None = not told.
    `buyer` is there as an order comes in; the store keeps him apart and sealed, so orders out of it have none.
    """

    account: AccountId
    marketplace: MarketplaceId
    order_id: OrderId
    status: OrderStatus
    status_raw: str
    purchased_at: datetime
    updated_at: datetime
    currency: str | None
    total: Money | None
    country: str | None
    fulfilment: str | None
    lines: tuple[OrderLine, ...]
    buyer: Buyer | None = field(default=None, repr=False, compare=False)
