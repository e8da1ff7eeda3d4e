"""Changing something at a platform. Only `actions/door.py` may import this; connectors fulfil it.

Each write raises OutcomeUnknown where no answer came: the caller reads back, it never sends again blindly.
`idempotency_key` is the Action's key; platforms that take one get it.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Final, NamedTuple, Protocol, runtime_checkable

from ecom_agent.connector import Receipt
from ecom_agent.money import Money
from ecom_agent.records.advertising import Target
from ecom_agent.records.business import BusinessPrices
from ecom_agent.records.catalog import Listing
from ecom_agent.records.messages import Message
from ecom_agent.records.stock import StockLevel


@runtime_checkable
class SetsPrice(Protocol):
    def set_price(self, listing: Listing, price: Money, *, idempotency_key: str) -> Receipt: ...


@runtime_checkable
class SetsBusinessPrices(Protocol):
    """A platform where companies have prices of their own."""

    def set_prices_for_all(
        self, listing: Listing, price: Money, business: BusinessPrices, *, idempotency_key: str
    ) -> Receipt:
        """Set everybody's price and the companies' in one call: both are taken or none."""
        ...


class PriceChange(NamedTuple):
    """One of several prices that are set together. `business`: what companies are to pay; None leaves that alone."""

    listing: Listing
    price: Money
    idempotency_key: str
    business: BusinessPrices | None = None


@runtime_checkable
class SetsPrices(Protocol):
    """A platform that takes several prices in one call."""

    def shares_call(self, listing: Listing) -> Hashable | None:
        """Listings of the same answer can be priced in one call; None = only alone."""
        ...

    def set_prices(self, changes: Sequence[PriceChange]) -> Sequence[Receipt | Exception]:
        """What became of each, in order. Raises what `set_price` raises where all had the same fate."""
        ...


@runtime_checkable
class SetsPricesInBulk(Protocol):
    """A platform that works through very many prices at once and answers after minutes."""

    @property
    def most_in_bulk(self) -> int:
        """The most changes of one call."""
        ...

    def set_prices_in_bulk(self, changes: Sequence[PriceChange]) -> Sequence[Receipt | Exception]:
        """What became of each, in order, once the platform has worked through them, or OutcomeUnknown for each line
        whose fate it did not tell in time. Waits for minutes, by the clock only, and at most `LONGEST_BULK_S`.

        Raises what `set_price` raises where all had the same fate.
        """
        ...


LONGEST_BULK_S: Final = 1500
"""No call of `set_prices_in_bulk` lasts longer: whoever holds a claim for it counts on that."""


@runtime_checkable
class ReservesWrites(Protocol):
    """A platform whose quota is told in tokens that can be taken before they are used."""

    def reserve_writes(self, most: int, *, wait: bool) -> int:
        """Take tokens for as many writes as are free now, at most `most`; `wait` for the first one.

        Raises TransientError where there will be none for a long time.
        """
        ...

    def release_writes(self) -> None:
        """Give back the tokens that were not used."""
        ...


@runtime_checkable
class PreviewsPrice(Protocol):
    def preview_price(self, listing: Listing, price: Money) -> Receipt:
        """Ask the platform whether it would take the price; nothing is changed."""
        ...


@runtime_checkable
class PreviewsBusinessPrices(Protocol):
    def preview_prices_for_all(self, listing: Listing, price: Money, business: BusinessPrices) -> Receipt:
        """As `preview_price`."""
        ...


@runtime_checkable
class SetsStock(Protocol):
    def set_stock(self, level: StockLevel, quantity: int, *, idempotency_key: str) -> Receipt:
        """Set the fulfillable units, on the condition that `level.fulfillable` still holds where the platform can."""
        ...


@runtime_checkable
class SetsBid(Protocol):
    def set_bid(self, target: Target, bid: Money, *, idempotency_key: str) -> Receipt:
        """Set what one click on this target may cost. Raises Rejected for a target that takes no bid."""
        ...


@runtime_checkable
class SendsMessage(Protocol):
    """A platform over which a buyer's message can be answered."""

    @property
    def longest_message(self) -> int:
        """The most characters of one message."""
        ...

    def send_message(self, to: Message, text: str, *, idempotency_key: str) -> Receipt:
        """Answer `to`, the buyer's newest message, in its conversation. The receipt names our message where it can.

        Raises Rejected, before anything is sent, for a text that is empty or too long. Neither the text nor who it
        is for is part of an error, a log line or the receipt.
        """
        ...


@runtime_checkable
class SetsStage(Protocol):
    """Our own desk: how far a pricing strategy may go at one place. Touches no platform."""

    def set_stage(self, strategy: str, place: str, stage: int, *, idempotency_key: str) -> Receipt: ...


__all__ = [
    "LONGEST_BULK_S",
    "PreviewsBusinessPrices",
    "PreviewsPrice",
    "PriceChange",
    "ReservesWrites",
    "SendsMessage",
    "SetsBid",
    "SetsBusinessPrices",
    "SetsPrice",
    "SetsPrices",
    "SetsPricesInBulk",
    "SetsStage",
    "SetsStock",
]
