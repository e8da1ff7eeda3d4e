"""An order as Selling Partner API shows it: Orders 2026-01-01 and ORDER_CHANGE."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from platforms.simulated.state import Line, Order
from platforms.simulated.wire.offers import MARKETPLACE
from platforms.simulated.wire.text import moment, money

if TYPE_CHECKING:
    from platforms.simulated.world import World

_EVENT_STATUS = {"pending": "Pending", "unshipped": "Unshipped", "shipped": "Shipped", "cancelled": "Canceled"}
SECTIONS = (
    "BUYER", "RECIPIENT", "PROCEEDS", "EXPENSE", "PROMOTION", "CANCELLATION", "FULFILLMENT", "PACKAGES", "TAX",
    "PAYMENT", "FULFILLMENT_ORDERS",
)  # fmt: skip


def order(world: World, found: Order, included: Collection[str]) -> dict[str, Any]:
    """One order with the sections asked for. While it is pending the marketplace does not tell prices."""
    row: dict[str, Any] = {
        "orderId": found.order_id,
        "orderAliases": [],
        "createdTime": moment(found.created_at),
        "lastUpdatedTime": moment(found.updated_at),
        "programs": ["PRIME"] if found.is_fba else [],
        "salesChannel": {"channelName": "AMAZON", "marketplaceId": MARKETPLACE, "marketplaceName": "Amazon.com"},
        "orderItems": [_item(world, found, line, included) for line in found.lines],
    }
    if "BUYER" in included:
        row["buyer"] = {"buyerName": found.buyer.name}
    if "RECIPIENT" in included:
        row["recipient"] = {"deliveryAddress": _address(found)}
    if "PROCEEDS" in included and found.status != "pending":
        row["proceeds"] = {"grandTotal": money(found.total_minor)}
    if "FULFILLMENT" in included:
        row["fulfillment"] = {
            "fulfillmentStatus": found.status.upper(),
            "fulfilledBy": "AMAZON" if found.is_fba else "MERCHANT",
            "fulfillmentServiceLevel": "STANDARD",
            "shipByWindow": {
                "earliestDateTime": moment(found.created_at),
                "latestDateTime": moment(found.ship_by),
            },
        }
    if "PACKAGES" in included:
        row["packages"] = [_package(found)] if found.shipped_at and not found.is_fba else []
    return row


def _address(found: Order) -> dict[str, str]:
    return {
        "city": found.buyer.city,
        "stateOrRegion": found.buyer.region,
        "postalCode": found.buyer.postal_code,
        "countryCode": "US",
    }


def _package(found: Order) -> dict[str, Any]:
    assert found.shipped_at is not None
    return {
        "packageReferenceId": "1",
        "packageStatus": {"status": "SHIPPED"},
        "carrier": "USPS",
        "shipTime": moment(found.shipped_at),
        "packageItems": [{"orderItemId": line.line_id, "quantity": line.quantity} for line in found.lines],
    }


def _item(world: World, found: Order, line: Line, included: Collection[str]) -> dict[str, Any]:
    product = world.products[line.sku]
    told = found.status != "pending"
    shown: dict[str, Any] = {
        "asin": product.asin,
        "title": product.title,
        "sellerSku": line.sku,
        "condition": {"conditionType": "NEW", "conditionSubtype": "NEW"},
    }
    if told:
        shown["price"] = {"unitPrice": money(line.price_minor)}
    row: dict[str, Any] = {"orderItemId": line.line_id, "quantityOrdered": line.quantity, "product": shown}
    if "PROCEEDS" in included and told:
        total = money(line.total_minor)
        row["proceeds"] = {"proceedsTotal": total, "breakdowns": [{"type": "ITEM", "subtotal": total}]}
    if "FULFILLMENT" in included:
        done = line.quantity if found.status == "shipped" else 0
        row["fulfillment"] = {"quantityFulfilled": done, "quantityUnfulfilled": line.quantity - done}
    if "CANCELLATION" in included and found.status == "cancelled":
        row["cancellation"] = {"cancellationExecution": {"cancelledBy": "BUYER", "cancelReason": "BUYER_CANCELED"}}
    return row


def change(world: World, found: Order, seller: str) -> dict[str, Any]:
    """`OrderChangeNotification` at the level of the order."""
    shipped = sum(line.quantity for line in found.lines) if found.status == "shipped" else 0
    return {
        "NotificationLevel": "OrderLevel",
        "SellerId": seller,
        "AmazonOrderId": found.order_id,
        "OrderChangeType": "OrderStatusChange",
        "OrderChangeTrigger": {"TimeOfOrderChange": moment(found.updated_at), "ChangeReason": "Status change"},
        "Summary": {
            "MarketplaceId": MARKETPLACE,
            "OrderStatus": _EVENT_STATUS[found.status],
            "PurchaseDate": moment(found.created_at),
            "DestinationPostalCode": None,
            "FulfillmentType": "AFN" if found.is_fba else "MFN",
            "OrderType": "StandardOrder",
            "NumberOfItemsShipped": shipped,
            "NumberOfItemsUnshipped": sum(line.quantity for line in found.lines) - shipped,
            "EarliestShipDate": moment(found.created_at),
            "LatestShipDate": moment(found.ship_by),
            "LatestDeliveryDate": moment(found.ship_by + timedelta(days=4)),
            "OrderPrograms": ["Prime"] if found.is_fba else [],
            "OrderItems": [
                {
                    "OrderItemId": line.line_id,
                    "SellerSKU": line.sku,
                    "SupplySourceId": None,
                    "OrderItemStatus": "Shipped" if found.status == "shipped" else "Unshipped",
                    "Quantity": line.quantity,
                    "QuantityShipped": line.quantity if found.status == "shipped" else 0,
                }
                for line in found.lines
            ],
        },
    }
