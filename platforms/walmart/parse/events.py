"""Bodies of webhooks: what happened, and the record in it where it holds one.

Walmart publishes two envelopes: `source` with type, time and id around a `payload` (performance), and type, time and
payload side by side (all others). What a payload holds stands behind Walmart's portal: an order is read where the
payload has the shape of one, and BUY_BOX_CHANGED by the names of the Buy Box report; what does not fit is refused by
the name of the field, and the sweeps bring it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import orjson

from ecom_agent.errors import ParseFailed
from ecom_agent.ids import AccountId, MarketplaceId, OrderId, Sku
from ecom_agent.money import Money
from ecom_agent.records.events import OrderChange
from ecom_agent.records.orders import Order
from native_pricer.intake import Place, RivalPrice, buy_box
from native_pricer.words import ParsedEvent
from platforms._shared.payload import amount_text, find, maybe_text, text
from platforms.walmart.parse.orders import one_order
from platforms.walmart.parse.values import maybe_when, price_of

BUY_BOX_CHANGED: Final = "BUY_BOX_CHANGED"
ORDER_TOPICS: Final = frozenset({"PO_CREATED", "PO_LINE_AUTOCANCELLED", "INTENT_TO_CANCEL", "ORDER_INTENT_TO_CANCEL"})
CURRENCY: Final = "USD"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Event:
    """`id` is the same for every delivery: Walmart's where it tells one, else a digest of the body."""

    type: str
    id: str
    at: datetime | None
    payload: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class BuyBoxChange:
    """Who has the Buy Box of the page of `sku`. `price` None: nobody has it. `we_hold` None: not said."""

    sku: Sku
    price: Money | None
    shipping: Money | None
    we_hold: bool | None
    event_id: str
    changed_at: datetime

    def parsed(self, place: Place, our_seller_id: str) -> ParsedEvent:
        """As the native engine takes it. `place` is the listing's page. Raises ParseFailed for a contradiction."""
        shipping = None if self.shipping is None else self.shipping.minor
        holder = None if self.price is None else RivalPrice(None, self.price.minor, shipping)
        try:
            return buy_box(
                place,
                holder,
                we_hold=self.we_hold,
                our_seller_id=our_seller_id,
                changed_at_us=(self.changed_at - _EPOCH) // _MICROSECOND,
                event_id=self.event_id,
            )
        except ValueError as error:
            raise ParseFailed(BUY_BOX_CHANGED, str(error)) from None


def event(raw: bytes) -> Event:
    """The envelope. Raises ParseFailed where it is not JSON or names no type."""
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise ParseFailed("webhook", "not JSON") from None
    head = find(body, "source") or body
    payload = find(body, "payload")
    if not isinstance(payload, Mapping):
        raise ParseFailed("payload", "missing")
    kind = maybe_text(head, "eventType") or maybe_text(payload, "notificationType")
    if kind is None:
        raise ParseFailed("eventType", "missing")
    told = maybe_text(head, "eventId")
    return Event(kind, told or hashlib.sha256(raw).hexdigest(), _time(head), payload)


def order_in(said: Event, *, account: AccountId, marketplace: MarketplaceId) -> Order | OrderChange | None:
    """The order that the payload holds, or which one moved where it only says so; None for what is about others."""
    if said.type not in ORDER_TOPICS:
        return None
    if find(said.payload, "orderLines") is not None:
        return one_order(said.payload, account=account, marketplace=marketplace)
    order = maybe_text(said.payload, "purchaseOrderId")
    return OrderChange(OrderId(order), marketplace, said.at) if order else None


def buy_box_change(said: Event) -> BuyBoxChange:
    """Raises ParseFailed where a field is missing: whose it is, what it costs, or when it changed."""
    if said.type != BUY_BOX_CHANGED:
        raise ParseFailed("eventType", f"wanted {BUY_BOX_CHANGED}, found {said.type[:40]!r}")
    if said.at is None:
        raise ParseFailed("eventTime", "missing")
    return BuyBoxChange(
        sku=Sku(text(said.payload, "sku")),
        price=_price(said.payload, "buyBoxItemPrice"),
        shipping=_price(said.payload, "buyBoxShipPrice"),
        we_hold=_flag(said.payload, "isSellerBuyBoxWinner"),
        event_id=said.id,
        changed_at=said.at,
    )


def _price(raw: Any, name: str) -> Money | None:
    """None where it is null; a field that is not there at all is another shape."""
    if name not in raw:
        raise ParseFailed(name, "missing")
    value = raw[name]
    return None if value is None else price_of(amount_text(value, name), CURRENCY, name)


def _flag(raw: Any, name: str) -> bool | None:
    value = find(raw, name)
    if value is not None and not isinstance(value, bool | str):
        raise ParseFailed(name, f"wanted true or false, found {type(value).__name__}")
    known = {True: True, False: False, "Y": True, "N": False, "Yes": True, "No": False}
    if value is not None and value not in known:
        raise ParseFailed(name, f"wanted true or false, found {str(value)[:40]!r}")
    return known.get(value)


def _time(head: Any) -> datetime | None:
    try:
        return maybe_when(head, "eventTime")
    except ParseFailed:
        return None
