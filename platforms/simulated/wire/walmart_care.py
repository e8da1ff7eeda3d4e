"""A return of the Walmart channel as `getReturns` shows it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from platforms.simulated.channels.ids import print_id
from platforms.simulated.channels.model import Channel, Return
from platforms.simulated.state import CURRENCY, WALMART
from platforms.simulated.wire.text import moment
from platforms.simulated.world import World

REASONS: Final = {
    "no_longer_wanted": "CUSTOMER_CHANGED_MIND",
    "not_as_described": "ITEM_NOT_AS_DESCRIBED",
    "damaged": "DAMAGED",
    "wrong_item": "WRONG_ITEM",
    "too_late": "ARRIVED_LATE",
}
STATUS: Final = {
    "requested": ("INITIATED", None),
    "approved": ("INITIATED", None),
    "declined": ("CANCELLED", None),
    "received": ("DELIVERED", None),
    "refunded": ("COMPLETED", "REFUND_COMPLETED"),
}
_COMES_BACK_IN = timedelta(days=30)


def amount(minor: int) -> dict[str, Any]:
    return {"currencyAmount": minor / 100, "currencyUnit": CURRENCY}


def returned(world: World, channel: Channel, one: Return) -> dict[str, Any]:
    sale = channel.sales[one.sale]
    return {
        "returnOrderId": print_id(WALMART, "return", one.number),
        "customerEmailId": f"{sale.customer.number:032X}@relay.walmart.example",
        "returnType": "REFUND",
        "customerOrderId": print_id(WALMART, "customer_order", one.sale),
        "returnOrderDate": moment(one.requested_at),
        "returnByDate": moment(one.requested_at + _COMES_BACK_IN),
        "refundMode": "POST_DELIVERY",
        "totalRefundAmount": amount(one.amount_minor),
        "returnLineGroups": [],
        "returnOrderLines": [_line(world, channel, one)],
        "returnChannel": {"channelName": "ONLINE"},
    }


def _line(world: World, channel: Channel, one: Return) -> dict[str, Any]:
    line = channel.sales[one.sale].line(one.line)
    status, refund = STATUS[one.status]
    told: dict[str, Any] = {
        "returnOrderLineNumber": 1,
        "salesOrderLineNumber": line.place,
        "returnReason": REASONS[one.reason],
        "purchaseOrderId": print_id(WALMART, "sale", one.sale),
        "purchaseOrderLineNumber": line.place,
        "item": {"sku": one.sku, "condition": "New", "productName": world.products[one.sku].title},
        "unitPrice": amount(line.price_minor),
        "chargeTotals": [{"name": "lineTotal", "value": amount(one.amount_minor)}],
        "quantity": {"unitOfMeasure": "EACH", "measurementValue": one.quantity},
        "refundedQty": one.quantity if refund else 0,
        "returnTrackingDetail": _steps(one),
        "status": status,
        "statusTime": moment(one.updated_at),
    }
    return {**told, "currentRefundStatus": refund} if refund else told


def _steps(one: Return) -> list[dict[str, Any]]:
    """Newest first, as Walmart lists them."""
    steps: list[tuple[str, datetime]] = [("RETURN_INITIATED", one.requested_at)]
    if one.received_at:
        steps.append(("RETURN_DELIVERED", one.received_at))
    if one.status == "refunded":
        steps.append(("REFUND_ISSUED", one.updated_at))
    told = [
        {"sequenceNo": number, "eventTag": tag, "eventDescription": tag.replace("_", " "), "eventTime": moment(at)}
        for number, (tag, at) in enumerate(steps)
    ]
    return told[::-1]
