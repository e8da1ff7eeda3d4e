"""Which product of ours a listing sells: our SKU ↔ ASIN, variant, item, GTIN. Decided by people, suggested by sums."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ecom_agent.ids import AccountId, MarketplaceId, Sku
from ecom_agent.records.catalog import Listing

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


@dataclass(frozen=True, slots=True)
class Review:
    """A listing that is not bound, with what may be its product. No suggestion = it is like no other listing."""

    listing: Listing
    suggestions: tuple[Suggestion, ...]

    @property
    def sure(self) -> Suggestion | None:
        """The one that nothing speaks against, if there is one."""
        first = self.suggestions[0] if self.suggestions else None
        return None if first is None or first.ambiguous else first


@dataclass(frozen=True, slots=True)
class BindingBoard:
    """`bound` and `rejected` by our SKU; `reviews` likeliest first, listings without a suggestion last."""

    bound: tuple[Binding, ...]
    rejected: tuple[Binding, ...]
    reviews: tuple[Review, ...]
