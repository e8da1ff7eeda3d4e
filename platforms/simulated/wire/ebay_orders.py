"""How eBay's Sell Fulfillment prints an order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from platforms.simulated.channels.ids import print_id
from platforms.simulated.channels.model import Channel, Customer, Refund, Sale, SaleLine
from platforms.simulated.state import EBAY
from platforms.simulated.wire.ebay import MARKETPLACE, amount
from platforms.simulated.wire.text import moment

if TYPE_CHECKING:
    from platforms.simulated.world import World

FULFILMENT: Final = {
    "pending": "NOT_STARTED",
    "paid": "NOT_STARTED",
    "part_shipped": "IN_PROGRESS",
    "shipped": "FULFILLED",
    "delivered": "FULFILLED",
    "cancelled": "NOT_STARTED",
}


def username(customer: Customer) -> str:
    """The buyer's name on eBay: it tells nothing of the person."""
    return f"buyer_{customer.number:06d}"


def order(world: World, channel: Channel, sale: Sale) -> dict[str, Any]:
    """Taxes do not exist in this world. The hrefs of parcels are left out: their operation is not simulated."""
    number = print_id(EBAY, "sale", sale.number)
    refunds = [one for one in channel.refunds.values() if one.sale == sale.number] if sale.refunded_minor else []
    return {
        "orderId": number,
        "creationDate": moment(sale.created_at),
        "lastModifiedDate": moment(sale.updated_at),
        "orderFulfillmentStatus": FULFILMENT[sale.status],
        "orderPaymentStatus": _payment(sale),
        "sellerId": channel.seller_id,
        "buyer": {"username": username(sale.customer)},
        "cancelStatus": _cancel(sale),
        "pricingSummary": {
            "priceSubtotal": amount(sale.items_minor),
            "deliveryCost": amount(sale.shipping_minor),
            "total": amount(sale.total_minor),
        },
        "paymentSummary": {
            "totalDueSeller": amount(sale.total_minor - sale.refunded_minor),
            "payments": [_paid(sale)],
            "refunds": [_refund(one, None) for one in refunds],
        },
        "fulfillmentStartInstructions": [_ship_to(sale.customer)],
        "fulfillmentHrefs": [],
        "lineItems": [_line(world, sale, line, refunds) for line in sale.lines],
        "salesRecordReference": str(sale.number),
        "totalFeeBasisAmount": amount(sale.total_minor),
    }


def _payment(sale: Sale) -> str:
    if sale.paid_at is None:
        return "FAILED" if sale.status == "cancelled" else "PENDING"
    if sale.status == "cancelled" or sale.refunded_minor >= sale.total_minor:
        return "FULLY_REFUNDED"
    return "PARTIALLY_REFUNDED" if sale.refunded_minor else "PAID"


def _cancel(sale: Sale) -> dict[str, Any]:
    if sale.status != "cancelled" or sale.cancelled_at is None:
        return {"cancelState": "NONE_REQUESTED", "cancelRequests": []}
    return {"cancelState": "CANCELED", "cancelledDate": moment(sale.cancelled_at), "cancelRequests": []}


def _paid(sale: Sale) -> dict[str, Any]:
    payment = {"paymentMethod": "EBAY", "amount": amount(sale.total_minor)}
    if sale.paid_at is None:
        return {**payment, "paymentStatus": "FAILED" if sale.status == "cancelled" else "PENDING"}
    return {**payment, "paymentStatus": "PAID", "paymentDate": moment(sale.paid_at)}


def _refund(one: Refund, line: int | None) -> dict[str, Any]:
    """Of the whole order, or the part of one line."""
    number = print_id(EBAY, "refund", one.number)
    if line is not None:
        share = sum(minor for found, minor in one.amounts if found == line)
        return {"refundId": number, "refundDate": moment(one.at), "amount": amount(share)}
    return {
        "refundId": number,
        "refundReferenceId": number,
        "refundDate": moment(one.at),
        "refundStatus": "REFUNDED",
        "amount": amount(one.total_minor),
    }


def _ship_to(customer: Customer) -> dict[str, Any]:
    address = {
        "addressLine1": customer.street,
        "city": customer.city,
        "stateOrProvince": customer.region,
        "postalCode": customer.postal_code,
        "countryCode": "US",
    }
    step = {
        "shipTo": {"fullName": customer.name, "contactAddress": address},
        "shippingCarrierCode": "USPS",
        "shippingServiceCode": "USPSGroundAdvantage",
    }
    return {"fulfillmentInstructionsType": "SHIP_TO", "ebaySupportedFulfillment": False, "shippingStep": step}


def _line(world: World, sale: Sale, line: SaleLine, refunds: list[Refund]) -> dict[str, Any]:
    """Shipping is on the first line, as it is charged once."""
    shipping = sale.shipping_minor if line.place == 1 else 0
    own = [one for one in refunds if any(number == line.number for number, _ in one.amounts)]
    done = line.open == 0 and line.shipped > 0
    return {
        "lineItemId": print_id(EBAY, "line", line.number),
        "legacyItemId": print_id(EBAY, "item", line.item),
        "sku": line.sku,
        "title": world.products[line.sku].title,
        "quantity": line.quantity,
        "soldFormat": "FIXED_PRICE",
        "listingMarketplaceId": MARKETPLACE,
        "purchaseMarketplaceId": MARKETPLACE,
        "lineItemCost": amount(line.total_minor),
        "deliveryCost": {"shippingCost": amount(shipping)},
        "total": amount(line.total_minor + shipping),
        "lineItemFulfillmentStatus": "FULFILLED" if done else "IN_PROGRESS" if line.shipped else "NOT_STARTED",
        "lineItemFulfillmentInstructions": {"shipByDate": moment(sale.ship_by), "guaranteedDelivery": False},
        "properties": {"buyerProtection": True, "fromBestOffer": False, "soldViaAdCampaign": False},
        "itemLocation": {"countryCode": "US", "postalCode": "971**"},
        "appliedPromotions": [],
        "taxes": [],
        "refunds": [_refund(one, line.number) for one in own],
    }
