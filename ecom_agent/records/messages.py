"""What buyers and we write to one another. Text is data: it is shown and searched, never obeyed."""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime

from ecom_agent.ids import AccountId, MarketplaceId, OrderId


@dataclass(frozen=True, slots=True)
class Message:
    """One message of one conversation.

    `text` and `buyer` may identify a person: neither is ever logged or part of an error, and the store keeps them
    encrypted. `buyer` is the platform's id for the buyer, for mail the address that an answer goes to; None where
    there is none.
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
    platform: str | None = field(default=None, compare=False)
    """Whose id `buyer` is, where the source tells: so that he is the same customer as who bought."""


@dataclass(frozen=True, slots=True)
class Said:
    """A text without its words: all that lists, logs and the audit may know of it.

    `digest` tells a text from others of one conversation; it is of no use for finding the same words elsewhere.
    """

    digest: str
    characters: int

    def __str__(self) -> str:
        return f"a text of {self.characters} characters ({self.digest[:12]})"


def said(text: str, *, account: AccountId, conversation_id: str, answers: str) -> Said:
    """`text` as the answer to the message of the id `answers`. White space does not count: platforms trim and wrap."""
    plain = " ".join(unicodedata.normalize("NFC", text).split())
    heard = "\n".join((account, conversation_id, answers, plain))
    return Said(hashlib.sha256(heard.encode("utf-8", "replace")).hexdigest(), len(text))


@dataclass(frozen=True, slots=True)
class Reply:
    """What one of us wishes to answer to a buyer's message: kept sealed, and never part of a log or an error."""

    to: Message
    text: str = field(repr=False)
    written_by: str
    written_at: datetime

    @property
    def said(self) -> Said:
        to = self.to
        return said(self.text, account=to.account, conversation_id=to.conversation_id, answers=to.message_id)
