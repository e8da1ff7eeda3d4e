"""Shopify's words and ours. A word that is in no table here is kept as it came, and told of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ecom_agent.records.catalog import ListingStatus
from ecom_agent.records.orders import OrderStatus

ORDER: Final[Mapping[str, OrderStatus]] = {
    "UNFULFILLED": OrderStatus.UNSHIPPED,
    "OPEN": OrderStatus.UNSHIPPED,
    "SCHEDULED": OrderStatus.UNSHIPPED,
    "ON_HOLD": OrderStatus.UNSHIPPED,
    "IN_PROGRESS": OrderStatus.UNSHIPPED,
    "PENDING_FULFILLMENT": OrderStatus.UNSHIPPED,
    "REQUEST_DECLINED": OrderStatus.UNSHIPPED,
    "RESTOCKED": OrderStatus.UNSHIPPED,
    "PARTIALLY_FULFILLED": OrderStatus.PARTIALLY_SHIPPED,
    "FULFILLED": OrderStatus.SHIPPED,
    "FULFILLMENT_NOT_REQUIRED": OrderStatus.SHIPPED,
}
REST_WORDS: Final = {None: "UNFULFILLED", "partial": "PARTIALLY_FULFILLED"}
"""REST has its own words for two of them; the others are the same in lower case."""
LISTING: Final[Mapping[str, ListingStatus]] = {
    "ACTIVE": ListingStatus.ACTIVE,
    "UNLISTED": ListingStatus.ACTIVE,  # not shown in lists, sold to whoever has the link
    "DRAFT": ListingStatus.INACTIVE,
    "ARCHIVED": ListingStatus.INACTIVE,
}
