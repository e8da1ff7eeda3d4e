"""An order as the shop's webhooks carry it: the REST shape, snake_case, ids as numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from platforms.simulated.state import CURRENCY, Line, Order
from platforms.simulated.wire.text import decimal, seconds

if TYPE_CHECKING:
    from platforms.simulated.world import World


def number(gid: str) -> int:
    """gid://shopify/Order/12 → 12"""
    return int(gid.rsplit("/", 1)[1])


def price_set(minor: int) -> dict[str, Any]:
    both = {"amount": decimal(minor), "currency_code": CURRENCY}
    return {"shop_money": both, "presentment_money": dict(both)}


def financial(found: Order) -> str:
    if found.status == "cancelled" or found.refunded_minor >= found.items_minor:
        return "refunded"
    return "partially_refunded" if found.refunded_minor else "paid"


def order(world: World, found: Order) -> dict[str, Any]:
    """The body of orders/create and orders/updated. The buyer is invented; no mail, no phone."""
    cancelled = found.status == "cancelled"
    left = 0 if cancelled else found.total_minor - found.refunded_minor
    fulfilment = "fulfilled" if found.status == "shipped" else None
    return {
        "id": number(found.order_id),
        "admin_graphql_api_id": found.order_id,
        "name": f"#{1000 + found.number}",
        "number": found.number,
        "order_number": 1000 + found.number,
        "created_at": seconds(found.created_at),
        "updated_at": seconds(found.updated_at),
        "processed_at": seconds(found.created_at),
        "cancelled_at": seconds(found.cancelled_at) if found.cancelled_at else None,
        "cancel_reason": "customer" if cancelled else None,
        "closed_at": None,
        "confirmed": True,
        "currency": CURRENCY,
        "presentment_currency": CURRENCY,
        "financial_status": financial(found),
        "fulfillment_status": fulfilment,
        "email": "",
        "phone": None,
        "note": None,
        "tags": "",
        "test": False,
        "source_name": "web",
        "subtotal_price": decimal(found.items_minor),
        "subtotal_price_set": price_set(found.items_minor),
        "total_line_items_price": decimal(found.items_minor),
        "total_line_items_price_set": price_set(found.items_minor),
        "total_price": decimal(found.total_minor),
        "total_price_set": price_set(found.total_minor),
        "current_total_price": decimal(left),
        "current_total_price_set": price_set(left),
        "current_subtotal_price": decimal(max(0, left - found.shipping_minor)),
        "total_shipping_price_set": price_set(found.shipping_minor),
        "total_tax": "0.00",
        "total_discounts": "0.00",
        "taxes_included": False,
        "shipping_address": {
            "city": found.buyer.city,
            "province_code": found.buyer.region,
            "zip": found.buyer.postal_code,
            "country": "United States",
            "country_code": "US",
        },
        "line_items": [_line(world, found, line) for line in found.lines],
        "refunds": [],
        "fulfillments": [],
    }


def _line(world: World, found: Order, line: Line) -> dict[str, Any]:
    product = world.products[line.sku]
    kept = 0 if found.status == "cancelled" else line.quantity - line.returned
    return {
        "id": number(line.line_id),
        "admin_graphql_api_id": line.line_id,
        "sku": line.sku,
        "title": product.title,
        "name": product.title,
        "quantity": line.quantity,
        "current_quantity": kept,
        "fulfillable_quantity": kept if found.status == "unshipped" else 0,
        "fulfillment_status": "fulfilled" if found.status == "shipped" else None,
        "grams": product.weight_g,
        "price": decimal(line.price_minor),
        "price_set": price_set(line.price_minor),
        "product_id": 7_900_000_000_000 + (product.shop_no or 0),
        "variant_id": 44_000_000_000_000 + (product.shop_no or 0),
        "requires_shipping": True,
        "taxable": True,
        "total_discount": "0.00",
    }
