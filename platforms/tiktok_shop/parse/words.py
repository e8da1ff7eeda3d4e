"""TikTok Shop's words and ours. A word that is in no table here is kept as it came, and told of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ecom_agent.records.catalog import ListingStatus
from ecom_agent.records.orders import OrderStatus
from ecom_agent.records.returns import ReturnStatus

ORDER: Final[Mapping[str, OrderStatus]] = {
    "UNPAID": OrderStatus.PENDING,
    "ON_HOLD": OrderStatus.PENDING,  # paid, but the buyer may still withdraw: not to be shipped
    "AWAITING_SHIPMENT": OrderStatus.UNSHIPPED,
    "AWAITING_COLLECTION": OrderStatus.UNSHIPPED,  # labelled, still in our house
    "PARTIALLY_SHIPPING": OrderStatus.PARTIALLY_SHIPPED,
    "IN_TRANSIT": OrderStatus.SHIPPED,
    "DELIVERED": OrderStatus.SHIPPED,
    "COMPLETED": OrderStatus.SHIPPED,
    "CANCELLED": OrderStatus.CANCELLED,
}
FULFILMENT: Final[Mapping[str, str]] = {
    "FULFILLMENT_BY_SELLER": "fbm",
    "FULFILLMENT_BY_TIKTOK": "3pl",
    "FULFILLMENT_BY_DILAYANI_TOKOPEDIA": "3pl",
}
RETURN: Final[Mapping[str, ReturnStatus]] = {
    "RETURN_OR_REFUND_REQUEST_PENDING": ReturnStatus.REQUESTED,
    "REPLACEMENT_REQUEST_PENDING": ReturnStatus.REQUESTED,
    "EXCHANGE_REQUEST_PENDING": ReturnStatus.REQUESTED,
    "AWAITING_BUYER_RESPONSE": ReturnStatus.REQUESTED,
    "AWAITING_BUYER_SHIP": ReturnStatus.APPROVED,
    "RETURN_OR_REFUND_REQUEST_SUCCESS": ReturnStatus.APPROVED,  # the money is still to come
    "BUYER_SHIPPED_ITEM": ReturnStatus.IN_TRANSIT,
    "REJECT_RECEIVE_PACKAGE": ReturnStatus.RECEIVED,  # looked at and contested
    "RETURN_OR_REFUND_REQUEST_COMPLETE": ReturnStatus.REFUNDED,
    "REPLACEMENT_REQUEST_REFUND_SUCCESS": ReturnStatus.REFUNDED,
    "EXCHANGE_REQUEST_REFUND_SUCCESS": ReturnStatus.REFUNDED,
    "REFUND_OR_RETURN_REQUEST_REJECT": ReturnStatus.CLOSED,
    "RETURN_OR_REFUND_REQUEST_CANCEL": ReturnStatus.CLOSED,
    "REPLACEMENT_REQUEST_REJECT": ReturnStatus.CLOSED,
    "REPLACEMENT_REQUEST_CANCEL": ReturnStatus.CLOSED,
    "REPLACEMENT_REQUEST_COMPLETE": ReturnStatus.CLOSED,
    "EXCHANGE_REQUEST_CANCEL": ReturnStatus.CLOSED,
    "EXCHANGE_REQUEST_COMPLETE": ReturnStatus.CLOSED,
}
LISTING: Final[Mapping[str, ListingStatus]] = {
    "ACTIVATE": ListingStatus.ACTIVE,
    "DRAFT": ListingStatus.INACTIVE,
    "PENDING": ListingStatus.INACTIVE,
    "SELLER_DEACTIVATED": ListingStatus.INACTIVE,
    "FAILED": ListingStatus.SUPPRESSED,
    "PLATFORM_DEACTIVATED": ListingStatus.SUPPRESSED,
    "FREEZE": ListingStatus.SUPPRESSED,
    "DELETED": ListingStatus.DELETED,
}
FROM_BUYER: Final[Mapping[str, bool]] = {"BUYER": True, "SHOP": False, "CUSTOMER_SERVICE": False, "ROBOT": False}
