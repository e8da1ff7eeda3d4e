"""Orders → Order: as Admin GraphQL shows them (`orders`, `order`, bulk) and as webhooks do (REST-shaped)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import orjson

from ecom_agent.errors import ParseFailed
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
    joined,
    maybe_text,
    moment,
    money,
    need,
    text,
    unit_price,
    unknown_fields,
)
from platforms._shared.read import Read
from platforms.shopify.parse.words import ORDER as STATUS
from platforms.shopify.parse.words import REST_WORDS as _REST_WORDS

FULFILMENT: Final = "fbm"
ORDER_TOPICS: Final = frozenset(
    {"orders/create", "orders/updated", "orders/cancelled", "orders/paid", "orders/fulfilled",
     "orders/partially_fulfilled"}
)  # fmt: skip
"""Webhooks whose payload is an order."""

_ADDRESS: Final = ("name", "address1", "address2", "zip", "city", "province_code", "country_code")
_MONEY: Final = {"amount": "amount", "currency": "currencyCode"}
_LINE: Final[Shape] = {
    "id": None, "sku": None, "title": None, "quantity": None, "variant": None, "originalUnitPriceSet": None,
    "originalTotalSet": None, "__parentId": None,
}  # fmt: skip
_ORDER: Final[Shape] = {
    "id": None, "updatedAt": None, "createdAt": None, "cancelledAt": None, "displayFinancialStatus": None,
    "displayFulfillmentStatus": None, "currentTotalPriceSet": None, "shippingAddress": None,
    "lineItems": {"pageInfo": None, "nodes": _LINE},
}  # fmt: skip


def orders(nodes: Iterable[Any], *, account: AccountId, marketplace: MarketplaceId) -> Read[Order]:
    """Order nodes with all their lines in them."""
    nodes = list(nodes)
    records, poison = collect(
        nodes, lambda raw: (order(raw, account=account, marketplace=marketplace),), lambda raw: raw["id"]
    )
    return Read(records, poison, tuple(sorted(unknown_fields(nodes, _ORDER, "orders"))))


def order(raw: Any, *, account: AccountId, marketplace: MarketplaceId) -> Order:
    """One order node. Raises ParseFailed naming the field. Amounts are in the shop's currency."""
    total = money(raw, "currentTotalPriceSet.shopMoney", **_MONEY)
    financial = maybe_text(raw, "displayFinancialStatus")
    status, word = _status(text(raw, "displayFulfillmentStatus"), financial, find(raw, "cancelledAt") is not None)
    need(raw, "lineItems.nodes")
    return Order(
        account=account,
        marketplace=marketplace,
        order_id=OrderId(text(raw, "id")),
        status=status,
        status_raw=word,
        purchased_at=moment(raw, "createdAt"),
        updated_at=moment(raw, "updatedAt"),
        currency=total.currency,
        total=total,
        country=maybe_text(raw, "shippingAddress.countryCodeV2"),
        fulfilment=FULFILMENT,
        lines=tuple(_line(node) for node in items(raw, "lineItems.nodes")),
    )


def webhook_order(raw: bytes, *, account: AccountId, marketplace: MarketplaceId) -> Order:
    """The payload of an `orders/...` webhook, as the same record that GraphQL gives: ids are gids here too."""
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise ParseFailed("webhook", "not JSON") from None
    currency = text(body, "currency")
    financial = maybe_text(body, "financial_status")
    fulfilment = maybe_text(body, "fulfillment_status")
    word = _REST_WORDS.get(fulfilment) or str(fulfilment).upper()
    status, word = _status(word, financial.upper() if financial else None, find(body, "cancelled_at") is not None)
    total = Money.of(maybe_text(body, "current_total_price") or text(body, "total_price"), currency)
    need(body, "line_items")
    return Order(
        account=account,
        marketplace=marketplace,
        order_id=OrderId(_gid(body, "Order")),
        status=status,
        status_raw=word,
        purchased_at=moment(body, "created_at"),
        updated_at=moment(body, "updated_at"),
        currency=currency,
        total=total,
        country=maybe_text(body, "shipping_address.country_code"),
        fulfilment=FULFILMENT,
        lines=tuple(_webhook_line(line, currency) for line in items(body, "line_items")),
        buyer=_buyer(body),
    )


def _buyer(body: Any) -> Buyer | None:
    """The shop's customer, as webhooks tell him; GraphQL shows customers only to apps that were allowed to see them."""
    customer = find(body, "customer")
    if not isinstance(customer, Mapping) or not customer.get("id"):
        return None
    name = joined(body, "customer", ("first_name", "last_name"))
    return Buyer(
        "shopify",
        f"gid://shopify/Customer/{customer['id']}",
        name=None if name is None else name.replace(", ", " "),
        email=next(iter(hints(body, "customer.email") + hints(body, "email")), None),
        phone=next(iter(hints(body, "customer.phone") + hints(body, "phone")), None),
        address=joined(body, "shipping_address", _ADDRESS),
    )


def _status(fulfilment: str, financial: str | None, cancelled: bool) -> tuple[OrderStatus, str]:
    """Our status, and Shopify's words in one text: "UNFULFILLED/PAID"."""
    word = "/".join(part for part in (fulfilment, financial, "CANCELLED" if cancelled else None) if part)
    if cancelled:
        return OrderStatus.CANCELLED, word
    status = STATUS.get(fulfilment, OrderStatus.UNMAPPED)
    unpaid = status is OrderStatus.UNSHIPPED and financial == "PENDING"
    return (OrderStatus.PENDING if unpaid else status), word


def _line(raw: Any) -> OrderLine:
    sku = maybe_text(raw, "sku")
    return OrderLine(
        line_id=text(raw, "id"),
        sku=Sku(sku) if sku else None,
        external_id=maybe_text(raw, "variant.id"),
        title=maybe_text(raw, "title") or "",
        quantity=count(raw, "quantity"),
        unit_price=unit_price(raw, "originalUnitPriceSet.shopMoney", **_MONEY),
        total=money(raw, "originalTotalSet.shopMoney", **_MONEY),
    )


def _webhook_line(raw: Any, currency: str) -> OrderLine:
    """REST gives the unit price only; a line's total is it times the quantity."""
    sku, quantity = maybe_text(raw, "sku"), count(raw, "quantity")
    price = unit_price(
        {"of": {"price": need(raw, "price"), "currency": currency}}, "of", amount="price", currency="currency"
    )
    variant = find(raw, "variant_id")
    return OrderLine(
        line_id=_gid(raw, "LineItem"),
        sku=Sku(sku) if sku else None,
        external_id=f"gid://shopify/ProductVariant/{variant}" if variant else None,
        title=maybe_text(raw, "title") or "",
        quantity=quantity,
        unit_price=price,
        total=None if price is None else price * quantity,
    )


def _gid(raw: Any, kind: str) -> str:
    """The gid as told; made from the number where it is not (numbers above 2^53 may have been rounded on their way)."""
    return maybe_text(raw, "admin_graphql_api_id") or f"gid://shopify/{kind}/{need(raw, 'id')}"
