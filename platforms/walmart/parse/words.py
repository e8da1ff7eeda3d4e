"""Walmart's words and ours. A word that is in no table here is kept as it came, and told of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ecom_agent.records.catalog import ListingStatus
from ecom_agent.records.finance import ChargeKind
from ecom_agent.records.orders import OrderStatus
from ecom_agent.records.returns import ReturnStatus

ORDER: Final[Mapping[str, OrderStatus]] = {
    "Created": OrderStatus.UNSHIPPED,
    "Acknowledged": OrderStatus.UNSHIPPED,
    "Shipped": OrderStatus.SHIPPED,
    "Delivered": OrderStatus.SHIPPED,
    "Refund": OrderStatus.SHIPPED,  # money went back for units that had gone out
    "Cancelled": OrderStatus.CANCELLED,
}
"""Of so many units of a line; an order's own status is put together from all of them."""
FULFILMENT: Final[Mapping[str, str]] = {"SellerFulfilled": "fbm", "WFSFulfilled": "wfs", "3PLFulfilled": "3pl"}
RETURN: Final[Mapping[tuple[str, str | None], ReturnStatus]] = {
    ("INITIATED", None): ReturnStatus.APPROVED,  # Walmart grants returns itself
    ("INITIATED", "REFUND_INITIATED"): ReturnStatus.APPROVED,
    ("INITIATED", "REFUND_COMPLETED"): ReturnStatus.REFUNDED,
    ("DELIVERED", None): ReturnStatus.RECEIVED,
    ("DELIVERED", "REFUND_INITIATED"): ReturnStatus.RECEIVED,
    ("DELIVERED", "REFUND_COMPLETED"): ReturnStatus.REFUNDED,
    ("COMPLETED", None): ReturnStatus.CLOSED,
    ("COMPLETED", "REFUND_INITIATED"): ReturnStatus.RECEIVED,
    ("COMPLETED", "REFUND_COMPLETED"): ReturnStatus.REFUNDED,
    ("CANCELLED", None): ReturnStatus.CLOSED,
}
"""Of a line: its status, and how far the refund is (None = none told)."""
PUBLISHED: Final[Mapping[str, ListingStatus]] = {
    "PUBLISHED": ListingStatus.ACTIVE,
    "READY_TO_PUBLISH": ListingStatus.INACTIVE,
    "IN_PROGRESS": ListingStatus.INACTIVE,
    "STAGE": ListingStatus.INACTIVE,
    "UNPUBLISHED": ListingStatus.SUPPRESSED,
    "SYSTEM_PROBLEM": ListingStatus.SUPPRESSED,
}
LIFECYCLE: Final[Mapping[str, ListingStatus]] = {
    "ACTIVE": ListingStatus.ACTIVE,
    "ARCHIVED": ListingStatus.INACTIVE,
    "RETIRED": ListingStatus.DELETED,
}
"""Of an item that is not ACTIVE here, it decides; else the publishing status does."""
CHARGE: Final[Mapping[tuple[str, str], ChargeKind]] = {
    ("Sale", "Product Price"): ChargeKind.SALE,
    ("Sale", "Item Price"): ChargeKind.SALE,
    ("Refund", "Product Price"): ChargeKind.REFUND,
    ("Refund", "Item Price"): ChargeKind.REFUND,
}
CHARGE_BY_AMOUNT: Final[Mapping[str, ChargeKind]] = {
    "Shipping": ChargeKind.SHIPPING,
    "Product Tax": ChargeKind.TAX,
    "Shipping Tax": ChargeKind.TAX,
    "Product tax withheld": ChargeKind.TAX,
    "Shipping tax withheld": ChargeKind.TAX,
    "Commission on Product": ChargeKind.FEE,
    "Commission on Shipping": ChargeKind.FEE,
    "Item Fee": ChargeKind.FEE,
    "Item fee withheld": ChargeKind.FEE,
    "WFS Fulfillment fee": ChargeKind.FEE,
    "Fee/Reimbursement": ChargeKind.ADJUSTMENT,
    "Total Walmart Funded Savings": ChargeKind.ADJUSTMENT,
}
"""Whatever the transaction is. Only "Product Price" of a sale is in the contract's example; the others are Walmart's
words as general knowledge has them, and what is not here comes as UNMAPPED."""
