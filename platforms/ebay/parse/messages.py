"""Messages of one conversation → Message."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from ecom_agent.errors import ParseFailed
from ecom_agent.ids import AccountId, MarketplaceId
from ecom_agent.records.messages import Message
from platforms._shared.payload import Shape, collect, find, items, maybe_text, moment, text, unknown_fields
from platforms._shared.read import Read

_MESSAGE: Final[Shape] = dict.fromkeys(
    ("createdDate", "messageBody", "messageId", "messageMedia", "readStatus", "recipientUsername", "senderUsername",
     "subject")
)  # fmt: skip


def messages(
    body: Any,
    conversation: Any,
    *,
    since: datetime,
    seller: str,
    account: AccountId,
    marketplace: MarketplaceId,
) -> Read[Message]:
    """A page of `getConversation`, oldest first, without what is older than `since`. `conversation` is its summary."""
    raws = items(body, "messages")

    def read(raw: Any) -> tuple[Message, ...]:
        found = _message(raw, conversation, seller, account, marketplace)
        return (found,) if found.sent_at >= since else ()

    records, poison = collect(raws, read, lambda raw: raw["messageId"])
    ordered = tuple(sorted(records, key=lambda message: message.sent_at))
    return Read(ordered, poison, tuple(sorted(unknown_fields(list(raws), _MESSAGE, "messages"))))


def _message(raw: Any, conversation: Any, seller: str, account: AccountId, marketplace: MarketplaceId) -> Message:
    sender = text(raw, "senderUsername")
    from_buyer = sender.casefold() != seller.casefold()
    read = find(raw, "readStatus")
    if read is not None and not isinstance(read, bool):
        raise ParseFailed("readStatus", f"wanted true or false, found {type(read).__name__}")
    about_listing = maybe_text(conversation, "referenceType") == "LISTING"
    return Message(
        account=account,
        marketplace=marketplace,
        message_id=text(raw, "messageId"),
        conversation_id=text(conversation, "conversationId"),
        from_buyer=from_buyer,
        sent_at=moment(raw, "createdDate"),
        text=maybe_text(raw, "messageBody") or "",
        buyer=sender if from_buyer else maybe_text(raw, "recipientUsername"),
        listing_id=maybe_text(conversation, "referenceId") if about_listing else None,
        read=read,
        platform="ebay",
    )
