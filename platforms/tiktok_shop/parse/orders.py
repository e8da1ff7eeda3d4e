"""`getOrderList` and `getOrderDetail` → Order. A line item is one unit: TikTok has no quantities."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from ecom_agent.ids import AccountId, MarketplaceId, OrderId, Sku
from ecom_agent.records.orders import Order, OrderLine, OrderStatus
from ecom_agent.records.people import Buyer
from platforms._shared.payload import collect, hints, items, maybe_text, need, not_negative, text, unknown_fields
from platforms._shared.read import Read
from platforms.tiktok_shop.parse.scalars import amount, at
from platforms.tiktok_shop.parse.shapes import ORDER
from platforms.tiktok_shop.parse.words import FULFILMENT
from platforms.tiktok_shop.parse.words import ORDER as STATUS

BUYERS: Final = frozenset({"buyer_email", "buyer_message", "buyer_nickname", "buyer_avatar", "cpf", "cpf_name"})
"""Fields that tell who the buyer is: nobody downstream needs them, so they are taken out before anything is kept.
What stays is `user_id`, TikTok's number for him."""


def without_buyer(body: Any) -> Any:
    """The answer without who the buyer is: of the address only its country stays."""
    data = body.get("data") if isinstance(body, dict) else None
    found = data.get("orders") if isinstance(data, dict) else None
    if not isinstance(found, list):
        return body
    return {**body, "data": {**data, "orders": [_anonymous(raw) for raw in found]}}  # type: ignore[dict-item]


def _anonymous(raw: Any) -> Any:
    if not isinstance(raw, dict):
        return raw
    kept = {name: value for name, value in raw.items() if name not in BUYERS}
    address = kept.get("recipient_address")
    if address is not None:
        country = address.get("region_code") if isinstance(address, dict) else None
        kept["recipient_address"] = {"region_code": country}
    return kept


def orders(body: Any, *, account: AccountId, marketplace: MarketplaceId) -> Read[Order]:
    """A page of orders; none where the list is missing, as TikTok does for an empty page."""
    found = items(need(body, "data"), "orders")

    def read(raw: Any) -> Iterable[Order]:
        return (order(raw, account=account, marketplace=marketplace),)

    records, poison = collect(found, read, lambda raw: raw["id"])
    return Read(records, poison, tuple(sorted(unknown_fields(found, ORDER, "orders"))))


def order(raw: Any, *, account: AccountId, marketplace: MarketplaceId) -> Order:
    """One order. `total` is what the buyer pays, tax and shipping in it; lines are sale prices. Raises ParseFailed."""
    need(raw, "line_items")
    currency, word = text(raw, "payment.currency"), text(raw, "status")
    fulfilled_by = maybe_text(raw, "fulfillment_type")
    return Order(
        account=account,
        marketplace=marketplace,
        order_id=OrderId(text(raw, "id")),
        status=STATUS.get(word, OrderStatus.UNMAPPED),
        status_raw=word,
        purchased_at=at(raw, "create_time"),
        updated_at=at(raw, "update_time"),
        currency=currency,
        total=amount(raw, "payment.total_amount", currency),
        country=maybe_text(raw, "recipient_address.region_code"),
        fulfilment=FULFILMENT.get(fulfilled_by, fulfilled_by) if fulfilled_by else None,
        lines=tuple(_line(line, currency) for line in items(raw, "line_items")),
        buyer=next((Buyer("tiktok_shop", told) for told in hints(raw, "user_id")), None),
    )


def _line(raw: Any, currency: str) -> OrderLine:
    """The sale price is after all discounts, TikTok's own too. `external_id` is TikTok's SKU id."""
    price = not_negative(amount(raw, "sale_price", maybe_text(raw, "currency") or currency), "sale_price")
    sku, name, variant = maybe_text(raw, "seller_sku"), maybe_text(raw, "product_name"), maybe_text(raw, "sku_name")
    return OrderLine(
        line_id=text(raw, "id"),
        sku=Sku(sku) if sku else None,
        external_id=maybe_text(raw, "sku_id"),
        title=", ".join(part for part in (name, variant) if part),
        quantity=1,
        unit_price=price,
        total=price,
    )
