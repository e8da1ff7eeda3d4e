"""Products, their stock and the daily statements as TikTok prints them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final

from platforms.simulated.channels import reads
from platforms.simulated.channels.ids import print_id
from platforms.simulated.channels.model import Channel, Charge, Item
from platforms.simulated.state import CURRENCY, TIKTOK
from platforms.simulated.wire.text import decimal
from platforms.simulated.wire.tiktok import WAREHOUSE, unix

if TYPE_CHECKING:
    from platforms.simulated.world import World

STATUS: Final = {"active": "ACTIVATE", "ended": "SELLER_DEACTIVATED"}
_STATEMENTS_FROM: Final = 7_238_804_564_097_000_000
_OPEN: Final = frozenset({"pending", "paid", "part_shipped"})


def product(world: World, item: Item) -> dict[str, Any]:
    """As `searchProducts` and `getProduct` both show it. One SKU each: the world has no variants."""
    price = decimal(item.price_minor)
    return {
        "id": print_id(TIKTOK, "item", item.number),
        "title": world.products[item.sku].title,
        "status": STATUS[item.status],
        "create_time": unix(item.created_at),
        "update_time": unix(item.updated_at),
        "is_not_for_sale": False,
        "skus": [
            {
                "id": print_id(TIKTOK, "sku", item.number),
                "seller_sku": item.sku,
                "price": {"currency": CURRENCY, "sale_price": price, "tax_exclusive_price": price},
                "inventory": [{"warehouse_id": WAREHOUSE, "quantity": reads.available(world, item)}],
                "status_info": {"status": "NORMAL"},
            }
        ],
    }


def committed(channel: Channel) -> dict[int, int]:
    """Units of open orders, by item."""
    units: dict[int, int] = {}
    for sale in channel.sales.values():
        if sale.status in _OPEN:
            for line in sale.lines:
                units[line.item] = units.get(line.item, 0) + line.open
    return units


def inventory(world: World, item: Item, held: int) -> dict[str, Any]:
    """One product's units: `held` are committed to orders."""
    available = reads.available(world, item)
    entry = {"warehouse_id": WAREHOUSE, "available_quantity": available, "committed_quantity": held}
    return {
        "product_id": print_id(TIKTOK, "item", item.number),
        "skus": [
            {
                "id": print_id(TIKTOK, "sku", item.number),
                "seller_sku": item.sku,
                "total_available_quantity": available,
                "total_committed_quantity": held,
                "warehouse_inventory": [entry],
            }
        ],
    }


@dataclass(slots=True)
class Statement:
    """One day's charges, in groups by order; it exists from the next midnight (UTC) on."""

    day: date
    orders: dict[int, list[Charge]] = field(default_factory=dict)

    @property
    def at(self) -> datetime:
        return datetime.combine(self.day, time(), UTC) + timedelta(days=1)

    @property
    def number(self) -> str:
        return str(_STATEMENTS_FROM + self.day.toordinal())

    @property
    def total_minor(self) -> int:
        return sum(charge.amount_minor for charges in self.orders.values() for charge in charges)


def statements(channel: Channel, now: datetime) -> list[Statement]:
    """All that are finished, oldest first. Payouts are no part of them."""
    days: dict[date, Statement] = {}
    for charge in channel.charges:
        if charge.sale is not None and charge.kind != "payout":
            made = days.setdefault(charge.at.date(), Statement(charge.at.date()))
            made.orders.setdefault(charge.sale, []).append(charge)
    return [one for _, one in sorted(days.items()) if one.at <= now]


def statement(found: Statement) -> dict[str, Any]:
    every = [charge for charges in found.orders.values() for charge in charges]
    return {
        "id": found.number,
        "statement_time": unix(found.at),
        "currency": CURRENCY,
        "settlement_amount": decimal(found.total_minor),
        "revenue_amount": decimal(_sum(every, "sale", "refund")),
        "net_sales_amount": decimal(_sum(every, "sale", "refund")),
        "shipping_cost_amount": decimal(_sum(every, "shipping")),
        "fee_amount": decimal(_sum(every, "fee", "fee_refund")),
        "adjustment_amount": decimal(0),
        "payment_status": "PROCESSING",
    }


def transaction(channel: Channel, number: int, charges: list[Charge]) -> dict[str, Any]:
    """One order's part of a statement. What is taken is below zero."""
    sale = channel.sales[number]
    sold, refunded, shipping = _sum(charges, "sale"), _sum(charges, "refund"), _sum(charges, "shipping")
    fees = _sum(charges, "fee", "fee_refund")
    return {
        "id": print_id(TIKTOK, "charge", charges[0].number),
        "type": "ORDER",
        "order_id": print_id(TIKTOK, "sale", number),
        "order_create_time": unix(sale.created_at),
        "settlement_amount": decimal(sold + refunded + shipping + fees),
        "revenue_amount": decimal(sold + refunded),
        "revenue_breakdown": {
            "subtotal_before_discount_amount": decimal(sold),
            "refund_subtotal_before_discount_amount": decimal(refunded),
            "seller_discount_amount": decimal(0),
        },
        "shipping_cost_amount": decimal(shipping),
        "shipping_cost_breakdown": {"customer_paid_shipping_fee_amount": decimal(shipping)},
        "fee_tax_amount": decimal(fees),
        "fee_tax_breakdown": {"fee": {"referral_fee_amount": decimal(fees)}},
        "adjustment_amount": decimal(0),
    }


def _sum(charges: Iterable[Charge], *kinds: str) -> int:
    return sum(charge.amount_minor for charge in charges if charge.kind in kinds)
