"""Fees as the platform quotes them, and what it booked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ecom_agent.ids import AccountId, MarketplaceId, OrderId, Sku
from ecom_agent.money import Money


@dataclass(frozen=True, slots=True)
class FeeQuote:
    """What the platform would take for one unit of `sku` sold at `at_price`."""

    account: AccountId
    marketplace: MarketplaceId
    sku: Sku
    at_price: Money
    referral: Money
    fulfilment: Money
    quoted_at: datetime

    @property
    def total(self) -> Money:
        return self.referral + self.fulfilment


class ChargeKind(StrEnum):
    SALE = "sale"
    REFUND = "refund"
    FEE = "fee"
    SHIPPING = "shipping"
    TAX = "tax"
    ADVERTISING = "advertising"
    ADJUSTMENT = "adjustment"
    PAYOUT = "payout"
    UNMAPPED = "unmapped"  # the platform used a word we do not know: kept, alarmed, never dropped


@dataclass(frozen=True, slots=True)
class Charge:
    """One line of a platform's account statement. `amount` > 0 is paid to us, < 0 is taken from us.

    `settlement_id` names the statement or payout that it belongs to, None while it is open.
    """

    account: AccountId
    marketplace: MarketplaceId
    charge_id: str
    order_id: OrderId | None
    sku: Sku | None
    kind: ChargeKind
    kind_raw: str
    amount: Money
    booked_at: datetime
    settlement_id: str | None
