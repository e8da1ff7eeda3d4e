"""Goods that come back, and what was paid back for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ecom_agent.ids import AccountId, MarketplaceId, OrderId, Sku
from ecom_agent.money import Money


class ReturnStatus(StrEnum):
    REQUESTED = "requested"
    APPROVED = "approved"
    IN_TRANSIT = "in_transit"
    RECEIVED = "received"
    REFUNDED = "refunded"
    CLOSED = "closed"  # ended without money: withdrawn, refused, replaced
    UNMAPPED = "unmapped"  # the platform used a word we do not know: kept, alarmed, never dropped


@dataclass(frozen=True, slots=True)
class ReturnLine:
    """`quantity` > 0. `refund` = what was or will be paid back for this line, None = not told."""

    line_id: str
    order_line_id: str | None
    sku: Sku | None
    quantity: int
    reason_raw: str | None
    refund: Money | None


@dataclass(frozen=True, slots=True)
class Return:
    """One return as its platform last showed it. `updated_at` decides which of two versions is newer.

    `refunded` is money already paid back for all of it, None = not told. The buyer's words are not in here.
    """

    account: AccountId
    marketplace: MarketplaceId
    return_id: str
    order_id: OrderId | None
    status: ReturnStatus
    status_raw: str
    opened_at: datetime
    updated_at: datetime
    refunded: Money | None
    lines: tuple[ReturnLine, ...]
