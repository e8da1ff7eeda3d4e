"""Which product of ours a listing sells: our SKU ↔ ASIN, variant, item, GTIN. Decided by people, suggested by sums."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ecom_agent.ids import AccountId, MarketplaceId, Sku

Place = tuple[AccountId, MarketplaceId, Sku]
"""A listing's key: whose, where, and the seller SKU it has there."""


@dataclass(frozen=True, slots=True)
class Binding:
    """A person's word on one listing. `our_sku` is the product in our house, `sku` the listing's own seller SKU.

    `bound` False = it was said that this listing does not sell that product, so it is not suggested again.
    A listing is bound to one product at most.
    """

    account: AccountId
    marketplace: MarketplaceId
    sku: Sku
    our_sku: Sku
    bound: bool
    why: str
    by: str
    at: datetime

    @property
    def place(self) -> Place:
        return self.account, self.marketplace, self.sku


@dataclass(frozen=True, slots=True)
class Suggestion:
    """That a listing sells `our_sku`, with the reason in words. `score` is from 0 to 1.

    `ambiguous`: another product is as good a guess, or nearly: a person must choose.
    """

    account: AccountId
    marketplace: MarketplaceId
    sku: Sku
    our_sku: Sku
    score: float
    reason: str
    ambiguous: bool

    @property
    def place(self) -> Place:
        return self.account, self.marketplace, self.sku
