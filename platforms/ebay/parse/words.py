"""eBay's words and ours. A word that is in no table here is kept as it came, and told of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ecom_agent.records.catalog import ListingStatus
from ecom_agent.records.finance import ChargeKind
from ecom_agent.records.orders import OrderStatus
from ecom_agent.records.returns import ReturnStatus

ORDER: Final[Mapping[str, OrderStatus]] = {
    "NOT_STARTED": OrderStatus.UNSHIPPED,
    "IN_PROGRESS": OrderStatus.PARTIALLY_SHIPPED,
    "FULFILLED": OrderStatus.SHIPPED,
}
UNPAID: Final = frozenset({"PENDING", "FAILED"})
CANCELLED: Final = "CANCELED"
RETURN: Final[Mapping[str, ReturnStatus]] = {
    "RETURN_REQUESTED": ReturnStatus.REQUESTED,
    "RETURN_REQUEST_PENDING": ReturnStatus.REQUESTED,
    "RETURN_REQUEST_PENDING_APPROVAL": ReturnStatus.REQUESTED,
    "RETURN_REQUEST_TIMEOUT": ReturnStatus.CLOSED,
    "PARTIAL_REFUND_REQUESTED": ReturnStatus.REQUESTED,
    "REPLACEMENT_REQUESTED": ReturnStatus.REQUESTED,
    "ESCALATED": ReturnStatus.REQUESTED,
    "RETURN_LABEL_PENDING": ReturnStatus.APPROVED,
    "RETURN_LABEL_REQUESTED": ReturnStatus.APPROVED,
    "READY_FOR_SHIPPING": ReturnStatus.APPROVED,
    "WAITING_FOR_RETURN_LABEL": ReturnStatus.APPROVED,
    "WAITING_FOR_RMA": ReturnStatus.APPROVED,
    "ITEM_READY_TO_SHIP": ReturnStatus.APPROVED,
    "ITEM_SHIPPED": ReturnStatus.IN_TRANSIT,
    "ITEM_DELIVERED": ReturnStatus.RECEIVED,
    "LESS_THAN_A_FULL_REFUND_ISSUED": ReturnStatus.REFUNDED,
    "REFUND_INITIATED": ReturnStatus.REFUNDED,
    "REFUND_ISSUED": ReturnStatus.REFUNDED,
    "CLOSED": ReturnStatus.CLOSED,
}
LISTING: Final[Mapping[str, ListingStatus]] = {
    "ACTIVE": ListingStatus.ACTIVE,
    "OUT_OF_STOCK": ListingStatus.INACTIVE,
    "INACTIVE": ListingStatus.INACTIVE,
    "ENDED": ListingStatus.INACTIVE,
    "EBAY_ENDED": ListingStatus.SUPPRESSED,
    "NOT_LISTED": ListingStatus.INACTIVE,
}
NEW: Final = frozenset({"NEW", "NEW_OTHER", "NEW_WITH_DEFECTS"})
CHARGE: Final[Mapping[str, ChargeKind]] = {
    "SALE": ChargeKind.SALE,
    "REFUND": ChargeKind.REFUND,
    "DISPUTE": ChargeKind.ADJUSTMENT,
    "CREDIT": ChargeKind.ADJUSTMENT,
    "ADJUSTMENT": ChargeKind.ADJUSTMENT,
    "TRANSFER": ChargeKind.ADJUSTMENT,
    "NON_SALE_CHARGE": ChargeKind.FEE,
    "SHIPPING_LABEL": ChargeKind.SHIPPING,
    "WITHDRAWAL": ChargeKind.PAYOUT,
}
