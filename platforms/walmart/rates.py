"""Seeds of the token buckets, one per operation.

Walmart prints no figures in its contracts: each answer tells what is left (X-Current-Token-Count) and when more comes
(X-Next-Replenishment-Time). These are general knowledge, not confirmed, and on the careful side.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ecom_agent.connector import Rate

# (requests a second, burst): operations
_PLANS: Final[Mapping[tuple[float, float], str]] = {
    (10.0, 20.0): "tokenAPI getAllOrders getAnOrder getReturns getFeedItemStatus",
    (5.0, 10.0): "getAllItems getAnItem",
    (5.0, 50.0): (
        "getMultiNodeInventoryForAllSkuAndAllShipNodes getMultiNodeInventoryForSkuAndAllShipnodes "
        "getWFSInventoryDetails"
    ),
    (3.0, 10.0): "updateInventoryForAnItem updatePrice",
    (0.5, 10.0): (
        "getRequestsStatus getSingleRequestStatus downloadReport getAvailableV1ReconReportDates "
        "getAvailableV1ReconReportAsJson"
    ),
    (0.005, 10.0): "priceAndPromotionFeed generateReport",
}
RATES: Final[Mapping[str, Rate]] = {
    operation: Rate(per_s, burst) for (per_s, burst), operations in _PLANS.items() for operation in operations.split()
}
