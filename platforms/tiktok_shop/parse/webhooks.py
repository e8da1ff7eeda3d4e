"""Webhooks: what they are about. They name things and bring none: an order is asked for afterwards."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson

from ecom_agent.errors import ParseFailed
from ecom_agent.ids import MarketplaceId, OrderId
from ecom_agent.records.events import AuthorizationEnded, OrderChange
from platforms._shared.payload import count, maybe_text, text
from platforms.tiktok_shop.parse.scalars import maybe_at

TOPICS: Final[Mapping[int, str]] = {
    1: "ORDER_STATUS_CHANGE",
    3: "RECIPIENT_ADDRESS_UPDATE",
    4: "PACKAGE_UPDATE",
    5: "PRODUCT_STATUS_CHANGE",
    6: "SELLER_DEAUTHORIZATION",
    7: "UPCOMING_AUTHORIZATION_EXPIRATION",
    11: "CANCELLATION_STATUS_CHANGE",
    12: "RETURN_STATUS_CHANGE",
    13: "NEW_CONVERSATION",
    14: "NEW_MESSAGE",
    15: "PRODUCT_INFORMATION_CHANGE",
    16: "PRODUCT_CREATION",
    18: "PRODUCT_CATEGORY_CHANGE",
    27: "INVENTORY_STATUS_CHANGE",
    33: "NEW_MESSAGE_LISTENER",
    36: "INVOICE_STATUS_CHANGE",
    37: "PRODUCT_AUDIT_STATUS_CHANGE",
    71: "INVENTORY_CHANGED_BY_SHOP",
}
"""By TikTok's number; one that is not here is named by its number."""
ABOUT_ORDERS: Final = frozenset({TOPICS[1], TOPICS[11]})
DEAUTHORIZED: Final = TOPICS[6]
ENDED: Final = AuthorizationEnded(
    f"TikTok Shop says {DEAUTHORIZED}: the seller withdrew the app's authorization; "
    "have the app authorized anew and put its token into REFRESH_TOKEN"
)


@dataclass(frozen=True, slots=True)
class Told:
    """What every webhook says. `dedupe_id` is the same for each delivery of it."""

    topic: str
    dedupe_id: str
    shop_id: str
    triggered_at: datetime | None


def told(raw: bytes) -> Told:
    """The frame of a webhook. One without an id of its own is known by its digest. Raises ParseFailed."""
    body = _body(raw)
    kind = count(body, "type")
    return Told(
        topic=TOPICS.get(kind, f"TYPE_{kind}"),
        dedupe_id=maybe_text(body, "tts_notification_id") or hashlib.sha256(raw).hexdigest(),
        shop_id=text(body, "shop_id"),
        triggered_at=maybe_at(body, "timestamp"),
    )


def order_change(topic: str, raw: bytes, *, marketplace: MarketplaceId) -> OrderChange | None:
    """Which order a webhook is about; None for topics about something else. Raises ParseFailed."""
    if topic not in ABOUT_ORDERS:
        return None
    body = _body(raw)
    changed_at = maybe_at(body, "data.update_time") or maybe_at(body, "timestamp")
    return OrderChange(OrderId(text(body, "data.order_id")), marketplace, changed_at)


def content(topic: str, raw: bytes, *, marketplace: MarketplaceId) -> OrderChange | AuthorizationEnded | None:
    """What a webhook of our shop tells; None for topics that we take nothing from. Raises ParseFailed."""
    return ENDED if topic == DEAUTHORIZED else order_change(topic, raw, marketplace=marketplace)


def _body(raw: bytes) -> Any:
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise ParseFailed("webhook", "not JSON") from None
    if not isinstance(body, dict):
        raise ParseFailed("webhook", f"wanted an object, found {type(body).__name__}")
    return body
