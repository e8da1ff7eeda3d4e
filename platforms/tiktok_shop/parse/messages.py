"""Conversations and their messages → Message. The content is a JSON text whose shape hangs on the message's type."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

import orjson

from ecom_agent.errors import ParseFailed
from ecom_agent.ids import AccountId, MarketplaceId, OrderId
from ecom_agent.records.messages import Message
from platforms._shared.payload import collect, find, items, maybe_text, need, text, unknown_fields
from platforms._shared.read import Read
from platforms.tiktok_shop.parse.scalars import at, maybe_at
from platforms.tiktok_shop.parse.shapes import MESSAGE
from platforms.tiktok_shop.parse.words import FROM_BUYER

NOBODYS: Final = "SYSTEM"
"""Notices of TikTok to one of the two: neither the buyer's words nor ours."""
PRIVATE: Final = frozenset({"content", "plaintext", "data", "nickname", "avatar"})
"""Fields that hold what was said or who said it: kept in the record only, never in the raw page."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """`spoke_at` is when its latest message was written, None where it has none."""

    id: str
    buyer: str | None = field(repr=False)
    spoke_at: datetime | None


def conversations(body: Any) -> Read[Conversation]:
    """A page of `getConversations`."""

    def read(raw: Any) -> Iterable[Conversation]:
        buyers = [who for who in items(raw, "participants") if find(who, "role") == "BUYER"]
        buyer = (maybe_text(buyers[0], "user_id") or maybe_text(buyers[0], "im_user_id")) if buyers else None
        spoke_at = maybe_at(raw, "latest_message.create_time") if find(raw, "latest_message") else None
        return (Conversation(text(raw, "id"), buyer, spoke_at),)

    records, poison = collect(items(need(body, "data"), "conversations"), read, lambda raw: raw["id"])
    return Read(records, tuple(replace(one, payload=impersonal(one.payload)) for one in poison), ())


def messages(body: Any, *, account: AccountId, marketplace: MarketplaceId, of: Conversation) -> Read[Message]:
    """A page of one conversation's messages, in the order of the page; what is not to be shown gives no record."""
    found = items(need(body, "data"), "messages")

    def read(raw: Any) -> Iterable[Message]:
        role = text(raw, "sender.role")
        if role == NOBODYS or find(raw, "is_visible") is False:
            return ()
        if role not in FROM_BUYER:
            raise ParseFailed("sender.role", f"a word we do not know: {role[:40]!r}")
        content = _content(raw)
        order, product = maybe_text(content, "order_id"), maybe_text(content, "product_id")
        return (
            Message(
                account=account,
                marketplace=marketplace,
                message_id=text(raw, "id"),
                conversation_id=of.id,
                from_buyer=FROM_BUYER[role],
                sent_at=at(raw, "create_time"),
                text=maybe_text(raw, "plaintext") or _said(content, text(raw, "type")),
                buyer=of.buyer,
                order_id=OrderId(order) if order else None,
                listing_id=product,
                platform="tiktok_shop",
            ),
        )

    records, poison = collect(found, read, lambda raw: raw["id"])
    clean = tuple(replace(one, payload=impersonal(one.payload)) for one in poison)
    return Read(records, clean, tuple(sorted(unknown_fields(found, MESSAGE, "messages"))))


def written_at(body: Any) -> tuple[datetime, ...]:
    """When the messages of a page were written; those that do not say are the parser's to complain about."""
    found: list[datetime] = []
    for raw in items(need(body, "data"), "messages"):
        try:
            found.append(at(raw, "create_time"))
        except ParseFailed:
            continue
    return tuple(found)


def impersonal(part: Any) -> Any:
    """An answer without anybody's words, name or picture."""
    if isinstance(part, Mapping):
        return {name: impersonal(value) for name, value in part.items() if name not in PRIVATE}
    return [impersonal(one) for one in part] if isinstance(part, list) else part


def _content(raw: Any) -> Mapping[str, Any]:
    """The content as an object. An error never repeats it: it is a person's words."""
    try:
        content = orjson.loads(text(raw, "content"))
    except orjson.JSONDecodeError:
        raise ParseFailed("content", "wanted JSON in a text, found other text") from None
    if not isinstance(content, Mapping):
        raise ParseFailed("content", f"wanted an object, found {type(content).__name__}")
    return content


def _said(content: Mapping[str, Any], kind: str) -> str:
    """What was written; of a picture or a card, its type in brackets."""
    words = content.get("content")
    return words if isinstance(words, str) and words else f"[{kind}]"
