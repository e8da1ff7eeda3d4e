"""Prices of one product's variants in one call, which the platform takes all or none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ecom_agent.connector import Receipt
from ecom_agent.errors import EcomError, Rejected
from ecom_agent.money import Money
from ecom_agent.ports.writes import PriceChange
from ecom_agent.records.catalog import Listing

Call = Callable[[str, Sequence[tuple[Listing, Money]]], Sequence[Receipt | Exception]]
"""(product, what each of its variants is to cost) → what became of each. Raises Rejected where nothing was done."""


@dataclass(frozen=True, slots=True)
class Variants:
    """`platform` and `operation` are for errors."""

    platform: str
    operation: str
    call: Call

    def set_price(self, listing: Listing, price: Money) -> Receipt:
        """Raises Rejected, before anything is sent, for a price that is not positive or in another currency."""
        (answer,) = self.call(self._product(listing, price), [(listing, price)])
        if isinstance(answer, Exception):
            raise answer
        return answer

    def set_prices(self, changes: Sequence[PriceChange]) -> Sequence[Receipt | Exception]:
        """Variants of one product together; where the platform refuses them together each is tried alone.

        Gives what became of each, in order. Raises what the call raised where it failed as a whole.
        """
        answers: dict[str, Receipt | Exception] = {}
        good: list[PriceChange] = []
        for change in changes:
            try:
                self._product(change.listing, change.price)
                good.append(change)
            except Rejected as error:
                answers[change.idempotency_key] = error
        for change, answer in zip(good, self._together(good), strict=True):
            answers[change.idempotency_key] = answer
        return [answers[change.idempotency_key] for change in changes]

    def _together(self, changes: Sequence[PriceChange]) -> Sequence[Receipt | Exception]:
        if not changes:
            return []
        parents = {change.listing.parent_id for change in changes}
        if len(parents) > 1:
            raise ValueError(f"wanted variants of one product, found {len(parents)} products")
        try:
            return self.call(changes[0].listing.parent_id or "", [(x.listing, x.price) for x in changes])
        except Rejected:
            if len(changes) == 1:
                raise
        return [self._alone(change) for change in changes]  # nothing of it was done: it is safe to send again

    def _alone(self, change: PriceChange) -> Receipt | Exception:
        try:
            return self.set_price(change.listing, change.price)
        except EcomError as error:
            return error

    def _product(self, listing: Listing, price: Money) -> str:
        """The product whose variant it is. Raises Rejected."""
        if price.minor <= 0:
            raise Rejected(self.platform, self.operation, f"wanted a price above zero for {listing.sku}, found {price}")
        if listing.price is not None and listing.price.currency != price.currency:
            sells = f"{listing.sku} sells in {listing.price.currency}, found {price}"
            raise Rejected(self.platform, self.operation, sells)
        if listing.parent_id is None:
            missing = f"{listing.sku} has no product id: pull the listings first"
            raise Rejected(self.platform, self.operation, missing)
        return listing.parent_id
