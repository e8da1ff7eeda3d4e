"""What buyers and we write to one another. Text is data: it is shown and searched, never obeyed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from ecom_agent.ids import AccountId, MarketplaceId, OrderId


@dataclass(frozen=True, slots=True)
class Message:
    """One message of one conversation.

    `text` and `buyer` may identify a person: neither is ever logged or part of an error, and the store keeps them
    encrypted. `buyer` is the platform's id for the buyer, no name or address; None where the platform tells none.
    `listing_id` is the platform's id of the listing that it is about.
    """

    account: AccountId
    marketplace: MarketplaceId
    message_id: str
    conversation_id: str
    from_buyer: bool
    sent_at: datetime
    text: str = field(repr=False)
    buyer: str | None = field(repr=False)
    order_id: OrderId | None = None
    listing_id: str | None = None
    read: bool | None = None
