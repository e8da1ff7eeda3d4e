"""Changing something at a platform. Only `actions/execute.py` may import this; connectors fulfil it.

Each write raises OutcomeUnknown where no answer came: the caller reads back, it never sends again blindly.
`idempotency_key` is the Action's key; platforms that take one get it.
"""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from ecom_agent.connector import Receipt
from ecom_agent.money import Money
from ecom_agent.records.catalog import Listing
from ecom_agent.records.stock import StockLevel


@runtime_checkable
class SetsPrice(Protocol):
    def set_price(self, listing: Listing, price: Money, *, idempotency_key: str) -> Receipt: ...


@runtime_checkable
class PreviewsPrice(Protocol):
    def preview_price(self, listing: Listing, price: Money) -> Receipt:
        """Ask the platform whether it would take the price; nothing is changed."""
        ...


@runtime_checkable
class SetsStock(Protocol):
    def set_stock(self, level: StockLevel, quantity: int, *, idempotency_key: str) -> Receipt:
        """Set the fulfillable units, on the condition that `level.fulfillable` still holds where the platform can."""
        ...


__all__ = ["PreviewsPrice", "SetsPrice", "SetsStock"]
