"""Fees as the platform quotes them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ecom_agent.ids import AccountId, MarketplaceId, Sku
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
