"""Bodies of SQS messages → Notification: what happened, when, and for the types we use, the record in it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson

from ecom_agent.errors import ParseFailed
from ecom_agent.ids import AccountId, Asin, MarketplaceId, OrderId
from ecom_agent.money import Money
from ecom_agent.records.events import Content, Notification, OrderChange, PricingHealth
from ecom_agent.records.offers import OfferSnapshot
from native_pricer import ParsedEvent, parse_event
from platforms._shared.payload import find, items, maybe_moment, maybe_text, moment, money, need, text
from platforms.amazon.parse.offers import snapshot

ANY_OFFER_CHANGED: Final = "ANY_OFFER_CHANGED"
ORDER_CHANGE: Final = "ORDER_CHANGE"
PRICING_HEALTH: Final = "PRICING_HEALTH"


def notification(body: bytes, *, account: AccountId, seen_at: datetime) -> Notification:
    """Read one message. Its envelope is in PascalCase or in camelCase, by type.

    Raises ParseFailed where it is not JSON, has no type, or its type's record cannot be read.
    """
    try:
        raw = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise ParseFailed("notification", "not JSON") from None
    kind = _either(raw, "NotificationType", "notificationType")
    if not isinstance(kind, str):
        raise ParseFailed("NotificationType", "missing")
    payload = _either(raw, "Payload", "payload")
    if not isinstance(payload, Mapping):
        raise ParseFailed("Payload", f"wanted an object, found {type(payload).__name__}")
    notification_id = _either(raw, "NotificationMetadata.NotificationId", "notificationMetadata.notificationId")
    envelope = _Envelope(account, str(notification_id or hashlib.sha256(body).hexdigest()), _event_time(raw), seen_at)
    try:
        content = _READERS[kind](payload, envelope) if kind in _READERS else None
    except (TypeError, ValueError, AttributeError) as error:
        raise ParseFailed(f"Payload of {kind}", f"misshapen: {type(error).__name__}") from None
    return Notification(kind, envelope.id, envelope.event_time, _seller(payload), payload, content)


def offers_event(body: bytes) -> str | None:
    """The id of a message that is all about offers, read without what it says: whoever decides on it reads that.

    None for any other message, and for one that cannot be read.
    """
    read = parse_event(body)  # a third of the time of the whole JSON; what it cannot read is set aside under its id
    if isinstance(read, ParsedEvent) and read.event_id:
        return read.event_id
    try:
        raw = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(raw, Mapping) or raw.get("NotificationType") != ANY_OFFER_CHANGED:
        return None
    told = find(raw, "NotificationMetadata.NotificationId")
    return told if isinstance(told, str) and told else None


@dataclass(frozen=True, slots=True)
class _Envelope:
    account: AccountId
    id: str
    event_time: datetime | None
    seen_at: datetime


def _any_offer_changed(payload: Mapping[str, Any], envelope: _Envelope) -> OfferSnapshot:
    page = need(payload, "AnyOfferChangedNotification")
    return snapshot(
        page,
        account=envelope.account,
        marketplace=MarketplaceId(text(page, "OfferChangeTrigger.MarketplaceId")),
        asin=text(page, "OfferChangeTrigger.ASIN"),
        condition=text(page, "OfferChangeTrigger.ItemCondition"),
        changed_at=moment(page, "OfferChangeTrigger.TimeOfOfferChange"),
        seen_at=envelope.seen_at,
        source=ANY_OFFER_CHANGED,
        event_id=envelope.id,
    )


def _order_change(payload: Mapping[str, Any], _envelope: _Envelope) -> OrderChange:
    order = need(payload, "OrderChangeNotification")
    marketplace = maybe_text(order, "Summary.MarketplaceId")
    return OrderChange(
        order_id=OrderId(text(order, "AmazonOrderId")),
        marketplace=MarketplaceId(marketplace) if marketplace else None,
        changed_at=maybe_moment(order, "OrderChangeTrigger.TimeOfOrderChange"),
    )


def _pricing_health(payload: Mapping[str, Any], _envelope: _Envelope) -> PricingHealth:
    def amount(path: str) -> Money | None:
        return None if find(payload, path) is None else money(payload, path, amount="amount", currency="currencyCode")

    condition = text(payload, "offerChangeTrigger.itemCondition").lower()
    return PricingHealth(
        marketplace=MarketplaceId(text(payload, "offerChangeTrigger.marketplaceId")),
        asin=Asin(text(payload, "offerChangeTrigger.asin")),
        condition=condition,
        issue=text(payload, "issueType"),
        our_landed=amount("merchantOffer.landedPrice"),
        competitive_price_threshold=amount("summary.referencePrice.competitivePriceThreshold"),
        changed_at=moment(payload, "offerChangeTrigger.timeOfOfferChange"),
        our_shipping=amount("merchantOffer.shipping"),
        featured_landed=_featured(payload, condition),
    )


def _featured(payload: Mapping[str, Any], condition: str) -> Money | None:
    for box in items(payload, "summary.buyBoxPrices"):
        if (maybe_text(box, "condition") or "").lower() == condition:
            return money(box, "landedPrice", amount="amount", currency="currencyCode")
    return None


_READERS: Final[Mapping[str, Callable[[Mapping[str, Any], _Envelope], Content]]] = {
    ANY_OFFER_CHANGED: _any_offer_changed,
    ORDER_CHANGE: _order_change,
    PRICING_HEALTH: _pricing_health,
}


def _event_time(raw: Any) -> datetime | None:
    """None where it cannot be read: the payload's own time is what decides, and 3 % of dates are broken."""
    name = "EventTime" if find(raw, "EventTime") is not None else "eventTime"
    try:
        return maybe_moment(raw, name)
    except ParseFailed:
        return None


def _seller(payload: Mapping[str, Any]) -> str | None:
    """Whose message it is; where the payload wraps its content once more, inside that."""
    inner = next((v for v in payload.values() if isinstance(v, Mapping)), {}) if len(payload) == 1 else payload
    found = inner.get("SellerId", inner.get("sellerId"))
    return found if isinstance(found, str) else None


def _either(raw: Any, first: str, second: str) -> Any:
    value = find(raw, first)
    return find(raw, second) if value is None else value
