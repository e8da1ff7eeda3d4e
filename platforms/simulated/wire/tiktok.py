"""Orders, returns and messages as TikTok prints them: ids and amounts as text, Unix seconds, one line for each unit."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import orjson

from platforms.simulated.channels.ids import print_id
from platforms.simulated.channels.model import Channel, Letter, Return, Sale, SaleLine, Thread
from platforms.simulated.state import CURRENCY, TIKTOK
from platforms.simulated.wire.text import decimal

if TYPE_CHECKING:
    from platforms.simulated.world import World

WAREHOUSE: Final = "7068517275539719942"
STATUS: Final = {
    "pending": "UNPAID",
    "paid": "AWAITING_SHIPMENT",
    "part_shipped": "PARTIALLY_SHIPPING",
    "shipped": "IN_TRANSIT",
    "delivered": "DELIVERED",
    "cancelled": "CANCELLED",
}
RETURN_STATUS: Final = {
    "requested": "RETURN_OR_REFUND_REQUEST_PENDING",
    "approved": "AWAITING_BUYER_SHIP",
    "declined": "REFUND_OR_RETURN_REQUEST_REJECT",
    "received": "RETURN_OR_REFUND_REQUEST_SUCCESS",
    "refunded": "RETURN_OR_REFUND_REQUEST_COMPLETE",
}
_INITIATOR: Final = {"buyer": "BUYER", "seller": "SELLER"}
_BUYERS_FROM: Final = 7_021_436_810_468_000_000


def unix(at: datetime) -> int:
    return int(at.timestamp())


def buyer_id(number: int) -> str:
    return str(_BUYERS_FROM + number)


def order(world: World, sale: Sale) -> dict[str, Any]:
    """The buyer is invented; phone and mail are masked as TikTok masks them."""
    who, total = sale.customer, decimal(sale.total_minor)
    found: dict[str, Any] = {
        "id": print_id(TIKTOK, "sale", sale.number),
        "status": STATUS[sale.status],
        "create_time": unix(sale.created_at),
        "update_time": unix(sale.updated_at),
        "rts_sla_time": unix(sale.ship_by),
        "user_id": buyer_id(who.number),
        "buyer_email": f"v{who.number}@scs.tiktokw.us",
        "fulfillment_type": "FULFILLMENT_BY_SELLER",
        "delivery_type": "HOME_DELIVERY",
        "shipping_type": "SELLER",
        "order_type": "NORMAL",
        "commerce_platform": "TIKTOK_SHOP",
        "warehouse_id": WAREHOUSE,
        "is_cod": False,
        "is_sample_order": False,
        "is_on_hold_order": False,
        "payment_method_name": "CCDC",
        "recipient_address": {
            "name": who.name,
            "full_address": f"{who.street}, {who.city}, {who.region} {who.postal_code}",
            "address_line1": who.street,
            "phone_number": "(+1)***-***-1234",
            "postal_code": who.postal_code,
            "region_code": "US",
        },
        "payment": {
            "currency": CURRENCY,
            "sub_total": decimal(sale.items_minor),
            "shipping_fee": decimal(sale.shipping_minor),
            "tax": "0.00",
            "total_amount": total,
            "original_total_product_price": decimal(sale.items_minor),
            "original_shipping_fee": decimal(sale.shipping_minor),
            "seller_discount": "0.00",
            "platform_discount": "0.00",
        },
        "packages": [{"id": print_id(TIKTOK, "shipment", parcel.number)} for parcel in sale.shipments],
        "line_items": [unit for line in sale.lines for unit in _units(world, sale, line)],
    }
    for name, at in (("paid_time", sale.paid_at), ("delivery_time", sale.delivered_at)):
        if at is not None:
            found[name] = unix(at)
    if sale.shipments:
        found["rts_time"] = unix(sale.shipments[0].at)
        found["tracking_number"] = sale.shipments[-1].tracking
    if sale.cancelled_at is not None:
        found |= {
            "cancel_time": unix(sale.cancelled_at),
            "cancel_reason": sale.cancel_reason or "",
            "cancellation_initiator": _INITIATOR.get(sale.cancelled_by or "", "SYSTEM"),
        }
    return found


def _units(world: World, sale: Sale, line: SaleLine) -> list[dict[str, Any]]:
    """Cancelled units last: those that left come first."""
    product, units = world.products[line.sku], []
    for unit in range(line.quantity):
        if unit < line.shipped:
            status = "DELIVERED" if sale.status == "delivered" else "IN_TRANSIT"
        elif unit >= line.quantity - line.cancelled:
            status = "CANCELLED"
        else:
            status = "UNPAID" if sale.status == "pending" else "AWAITING_SHIPMENT"
        price = decimal(line.price_minor)
        units.append(
            {
                "id": print_id(TIKTOK, "line", line.number, unit),
                "sku_id": print_id(TIKTOK, "sku", line.item),
                "product_id": print_id(TIKTOK, "item", line.item),
                "product_name": product.title,
                "seller_sku": line.sku,
                "sku_name": "Default",
                "display_status": status,
                "sale_price": price,
                "original_price": price,
                "platform_discount": "0.00",
                "seller_discount": "0.00",
                "currency": CURRENCY,
                "is_gift": False,
                "item_tax": [],
            }
        )
    return units


def returned(world: World, channel: Channel, found: Return) -> dict[str, Any]:
    """One line for each unit; the cents that do not divide go to the first."""
    line = channel.sales[found.sale].line(found.line)
    each, over = divmod(found.amount_minor, found.quantity)
    return {
        "return_id": print_id(TIKTOK, "return", found.number),
        "order_id": print_id(TIKTOK, "sale", found.sale),
        "return_type": "RETURN_AND_REFUND",
        "return_status": RETURN_STATUS[found.status],
        "role": "BUYER",
        "return_reason": f"ecom_order_delivered_refund_and_return_reason_{found.reason}",
        "return_reason_text": found.reason.replace("_", " "),
        "shipment_type": "PLATFORM",
        "create_time": unix(found.requested_at),
        "update_time": unix(found.updated_at),
        "refund_amount": _refund(found.amount_minor),
        "return_line_items": [
            {
                "return_line_item_id": print_id(TIKTOK, "return", found.number, unit + 1),
                "order_line_item_id": print_id(TIKTOK, "line", line.number, unit),
                "sku_id": print_id(TIKTOK, "sku", line.item),
                "seller_sku": found.sku,
                "sku_name": "Default",
                "product_name": world.products[found.sku].title,
                "refund_amount": _refund(each + (over if unit == 0 else 0)),
            }
            for unit in range(found.quantity)
        ],
    }


def _refund(minor: int) -> dict[str, str]:
    text = decimal(minor)
    zero = decimal(0)
    return {
        "currency": CURRENCY, "refund_total": text, "refund_subtotal": text, "refund_shipping_fee": zero,
        "refund_tax": zero,
    }  # fmt: skip


def letter(channel: Channel, found: Letter) -> dict[str, Any]:
    who = channel.threads[found.thread].customer
    role, nickname = ("BUYER", who.name.split()[0]) if found.inbound else ("CUSTOMER_SERVICE", "agent")
    return {
        "id": print_id(TIKTOK, "letter", found.number),
        "type": "TEXT",
        "content": orjson.dumps({"content": found.text}).decode(),
        "create_time": unix(found.at),
        "is_visible": True,
        "index": str(found.number),
        "sender": {"im_user_id": f"im{who.number}" if found.inbound else "im0", "role": role, "nickname": nickname},
    }


def entered(channel: Channel, thread: Thread) -> dict[str, Any] | None:
    """The card that says which order the buyer was looking at; None where there was none."""
    if thread.sale is None or not thread.letters:
        return None
    first = letter(channel, channel.letters[thread.letters[0]])
    return {
        **first,
        "id": print_id(TIKTOK, "letter", thread.letters[0], 1),
        "type": "BUYER_ENTER_FROM_ORDER",
        "content": orjson.dumps({"order_id": print_id(TIKTOK, "sale", thread.sale)}).decode(),
        "index": str(thread.letters[0] - 1),
    }


def conversation(channel: Channel, thread: Thread) -> dict[str, Any]:
    who = thread.customer
    latest = letter(channel, channel.letters[thread.letters[-1]])
    unread = sum(1 for number in thread.letters if not channel.letters[number].read)
    return {
        "id": print_id(TIKTOK, "thread", thread.number),
        "participant_count": 2,
        "can_send_message": True,
        "unread_count": unread,
        "create_time": unix(thread.created_at),
        "participants": [
            {"role": "BUYER", "user_id": buyer_id(who.number), "im_user_id": f"im{who.number}", "nickname": "buyer"},
            {"role": "SHOP", "im_user_id": "im0", "nickname": "ecom agent demo"},
        ],
        "latest_message": latest,
    }
