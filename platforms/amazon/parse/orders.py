"""Orders API 2026-01-01: `searchOrders` and `getOrder` → Order."""

from __future__ import annotations

from typing import Any, Final

from ecom_agent.ids import AccountId, MarketplaceId, OrderId, Sku
from ecom_agent.money import Money
from ecom_agent.records.orders import Order, OrderLine, OrderStatus
from ecom_agent.records.people import Buyer
from platforms._shared.payload import (
    Shape,
    collect,
    count,
    find,
    hints,
    items,
    maybe_text,
    moment,
    money,
    need,
    text,
    unit_price,
    unknown_fields,
)
from platforms._shared.read import Read
from platforms.amazon.parse.words import FULFILMENT
from platforms.amazon.parse.words import ORDER as STATUS

_PRODUCT: Final[Shape] = {
    "asin": None, "title": None, "sellerSku": None, "condition": None, "price": None, "serialNumbers": None,
    "customization": None,
}  # fmt: skip
_ITEM: Final[Shape] = {
    "orderItemId": None, "quantityOrdered": None, "measurement": None, "associatedOrderItems": None, "programs": None,
    "product": _PRODUCT, "proceeds": {"proceedsTotal": None, "breakdowns": None}, "expense": None, "promotion": None,
    "cancellation": None, "fulfillment": None, "tax": None,
}  # fmt: skip
_ORDER: Final[Shape] = {
    "orderId": None, "orderAliases": None, "createdTime": None, "lastUpdatedTime": None, "programs": None,
    "associatedOrders": None, "salesChannel": {"channelName": None, "marketplaceId": None, "marketplaceName": None},
    "buyer": None, "recipient": None, "proceeds": {"grandTotal": None, "breakdowns": None}, "payment": None,
    "tax": None, "orderItems": _ITEM, "packages": None, "fulfillmentOrders": None,
    "fulfillment": {
        "fulfillmentStatus": None, "fulfilledBy": None, "fulfillmentServiceLevel": None, "shipByWindow": None,
        "deliverByWindow": None, "labelPrintingWindow": None,
    },
}  # fmt: skip
_PAGE: Final[Shape] = {"orders": _ORDER, "pagination": None, "lastUpdatedBefore": None, "createdBefore": None}


def search_orders(body: Any, *, account: AccountId) -> Read[Order]:
    """A page of `searchOrders`. Raises ParseFailed where the page itself has another shape."""
    need(body, "orders")
    records, poison = collect(items(body, "orders"), lambda raw: (_order(raw, account),), lambda raw: raw["orderId"])
    return Read(records, poison, tuple(sorted(unknown_fields(body, _PAGE))))


def get_order(body: Any, *, account: AccountId) -> Order:
    """The answer of `getOrder`. Raises ParseFailed naming the field."""
    return _order(need(body, "order"), account)


def _order(raw: Any, account: AccountId) -> Order:
    """`total` is the grand total with tax and shipping; line totals are the items' own, before tax."""
    need(raw, "orderItems")
    lines = tuple(_line(item) for item in items(raw, "orderItems"))
    total = money(raw, "proceeds.grandTotal", **_MONEY) if find(raw, "proceeds.grandTotal") else None
    word = maybe_text(raw, "fulfillment.fulfillmentStatus") or ""
    priced = [amount for line in lines for amount in (line.total, line.unit_price) if amount]
    fulfilled_by = maybe_text(raw, "fulfillment.fulfilledBy")
    return Order(
        account=account,
        marketplace=MarketplaceId(
            maybe_text(raw, "salesChannel.marketplaceId") or text(raw, "salesChannel.channelName")
        ),
        order_id=OrderId(text(raw, "orderId")),
        status=STATUS.get(word, OrderStatus.UNMAPPED),
        status_raw=word,
        purchased_at=moment(raw, "createdTime"),
        updated_at=moment(raw, "lastUpdatedTime"),
        currency=total.currency if total else (priced[0].currency if priced else None),
        total=total,
        country=maybe_text(raw, "recipient.deliveryAddress.countryCode"),
        fulfilment=FULFILMENT.get(fulfilled_by, fulfilled_by) if fulfilled_by else None,
        lines=lines,
        buyer=_buyer(raw),
    )


def _buyer(raw: Any) -> Buyer | None:
    """By the relay address that Amazon makes for a buyer and a seller; we ask for no buyers: mostly there is none."""
    relay = next(iter(hints(raw, "buyer.buyerEmail")), None)
    return None if relay is None else Buyer("amazon", relay, name=next(iter(hints(raw, "buyer.buyerName")), None))


_MONEY: Final = {"amount": "amount", "currency": "currencyCode"}


def _line(raw: Any) -> OrderLine:
    quantity = count(raw, "quantityOrdered")
    unit = unit_price(raw, "product.price.unitPrice", **_MONEY)
    sku = maybe_text(raw, "product.sellerSku")
    return OrderLine(
        line_id=text(raw, "orderItemId"),
        sku=Sku(sku) if sku else None,
        external_id=maybe_text(raw, "product.asin"),
        title=maybe_text(raw, "product.title") or "",
        quantity=quantity,
        unit_price=unit,
        total=_line_total(raw, unit, quantity),
    )


def _line_total(raw: Any, unit: Money | None, quantity: int) -> Money | None:
    """The proceeds' ITEM part (price × quantity before tax); without it, the unit price times the quantity."""
    for part in items(raw, "proceeds.breakdowns"):
        if find(part, "type") == "ITEM":
            return money(part, "subtotal", **_MONEY)
    return None if unit is None else unit * quantity
