"""Amazon's words and ours. A word that is in no table here is kept as it came, and told of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ecom_agent.records.orders import OrderStatus

ORDER: Final[Mapping[str, OrderStatus]] = {
    "PENDING_AVAILABILITY": OrderStatus.PENDING,
    "PENDING": OrderStatus.PENDING,
    "UNSHIPPED": OrderStatus.UNSHIPPED,
    "PARTIALLY_SHIPPED": OrderStatus.PARTIALLY_SHIPPED,
    "SHIPPED": OrderStatus.SHIPPED,
    "CANCELLED": OrderStatus.CANCELLED,
}
"""UNFULFILLABLE is left out on purpose: no word of ours fits and a person should look."""
FULFILMENT: Final[Mapping[str, str]] = {"AMAZON": "fba", "MERCHANT": "fbm"}
SUPPRESSED: Final = frozenset({"LISTING_SUPPRESSED", "CATALOG_ITEM_REMOVED", "SEARCH_SUPPRESSED"})
