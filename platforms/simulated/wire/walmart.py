"""An order of the Walmart channel as Marketplace v3 shows it, in a list and alone. The buyer is nobody real."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from platforms.simulated.channels.ids import print_id
from platforms.simulated.channels.model import Sale, SaleLine, Shipment
from platforms.simulated.state import CURRENCY, WALMART
from platforms.simulated.wire.text import seconds
from platforms.simulated.world import World

_DELIVERS_IN = timedelta(days=4)


def ms(at: datetime) -> int:
    """Milliseconds since 1970: how lists of orders and feeds write times."""
    return round(at.timestamp() * 1000)


def amount(minor: int) -> dict[str, Any]:
    """{"currency": "USD", "amount": 12.3}"""
    return {"currency": CURRENCY, "amount": minor / 100}


def units(count: int) -> dict[str, str]:
    return {"unitOfMeasurement": "EACH", "amount": str(count)}


def order(world: World, sale: Sale, *, node: str) -> dict[str, Any]:
    """As in `getAllOrders`."""
    return {
        "purchaseOrderId": print_id(WALMART, "sale", sale.number),
        "customerOrderId": print_id(WALMART, "customer_order", sale.number),
        "customerEmailId": f"{sale.customer.number:032X}@relay.walmart.example",
        "orderType": "REGULAR",
        "orderDate": ms(sale.created_at),
        "shippingInfo": _shipping(sale),
        "orderLines": {"orderLine": [_line(world, sale, line) for line in sale.lines]},
        "orderSummary": {"totalAmount": {"currencyAmount": sale.total_minor / 100, "currencyUnit": CURRENCY}},
        "shipNode": {"type": "SellerFulfilled", "id": node},
    }


def alone(world: World, sale: Sale, *, node: str) -> dict[str, Any]:
    """As in `getAnOrder`: the order's date is a text there."""
    return {**order(world, sale, node=node), "orderDate": seconds(sale.created_at)}


def as_created(world: World, sale: Sale, at: datetime, *, node: str) -> dict[str, Any]:
    """As it was when it came, whatever happened since: what a notification of then says."""
    told = order(world, sale, node=node)
    for line, told_line in zip(sale.lines, told["orderLines"]["orderLine"], strict=True):
        told_line["statusDate"] = ms(at)
        state = {"status": "Created", "statusQuantity": units(line.quantity)}
        told_line["orderLineStatuses"] = {"orderLineStatus": [state]}
    return told


def _shipping(sale: Sale) -> dict[str, Any]:
    buyer = sale.customer
    return {
        "phone": "0000000000",
        "estimatedDeliveryDate": ms(sale.ship_by + _DELIVERS_IN),
        "estimatedShipDate": ms(sale.ship_by),
        "methodCode": "Value",
        "postalAddress": {
            "name": buyer.name,
            "address1": buyer.street,
            "city": buyer.city,
            "state": buyer.region,
            "postalCode": buyer.postal_code,
            "country": "USA",
            "addressType": "RESIDENTIAL",
        },
    }


def _line(world: World, sale: Sale, line: SaleLine) -> dict[str, Any]:
    """Shipping is charged once: on the first line."""
    charges = [{"chargeType": "PRODUCT", "chargeName": "ItemPrice", "chargeAmount": amount(line.total_minor)}]
    if line.place == 1 and sale.shipping_minor:
        paid = amount(sale.shipping_minor)
        charges.append({"chargeType": "SHIPPING", "chargeName": "Shipping", "chargeAmount": paid})
    return {
        "lineNumber": str(line.place),
        "item": {"productName": world.products[line.sku].title, "sku": line.sku, "condition": "New"},
        "charges": {"charge": charges},
        "orderLineQuantity": units(line.quantity),
        "statusDate": ms(sale.updated_at),
        "orderLineStatuses": {"orderLineStatus": _states(sale, line)},
        "fulfillment": {"fulfillmentOption": "S2H", "shipMethod": "VALUE"},
    }


def _states(sale: Sale, line: SaleLine) -> list[dict[str, Any]]:
    """So many units in each state."""
    found: list[dict[str, Any]] = []
    if line.cancelled:
        found.append(
            {
                "status": "Cancelled",
                "statusQuantity": units(line.cancelled),
                "cancellationReason": "CUSTOMER_REQUESTED_SELLER_TO_CANCEL",
            }
        )
    if line.shipped:
        parcel = next(p for p in reversed(sale.shipments) if any(n == line.number for n, _ in p.lines))
        word = "Delivered" if sale.delivered_at else "Shipped"
        found.append({"status": word, "statusQuantity": units(line.shipped), "trackingInfo": _tracking(parcel)})
    if line.open:
        word = "Acknowledged" if sale.acknowledged_at else "Created"
        found.append({"status": word, "statusQuantity": units(line.open)})
    return found


def _tracking(parcel: Shipment) -> dict[str, Any]:
    return {
        "shipDateTime": ms(parcel.at),
        "carrierName": {"otherCarrier": parcel.carrier},
        "methodCode": "Value",
        "trackingNumber": parcel.tracking,
        "trackingURL": f"https://tracking.example/{parcel.tracking}",
    }
