"""FBA Inventory v1: getInventorySummaries."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from platforms.simulated.servers.sp.call import Call, Operation, from_token, invalid, to_token
from platforms.simulated.state import Product
from platforms.simulated.wire.offers import MARKETPLACE
from platforms.simulated.wire.text import seconds

PAGE = 50
PAGE_OF_FEW = 10  # smaller than the real service's, so that paging is met with few products
FEW = 100
TOKEN_LIVES = timedelta(seconds=30)


def summaries(call: Call) -> Any:
    if call.query.get("granularityType") != "Marketplace":
        raise invalid("granularityType must be Marketplace.")
    if call.query.get("granularityId") != MARKETPLACE:
        raise invalid("granularityId must be a marketplace of this seller.")
    call.here()
    now = call.sim.now()
    token = call.query.get("nextToken")
    start = int(from_token(token, now, "nextToken")["start"]) if token else 0
    since = call.moment("startDateTime")
    wanted = call.many("sellerSkus") or call.many("sellerSku")
    found = [
        product
        for product in call.world.products.values()
        if product.is_fba
        and (not wanted or product.sku in wanted)
        and (since is None or call.world.stock[product.sku].fba_updated_at >= since)
    ]
    with_details = call.query.get("details") == "true"
    size = PAGE_OF_FEW if len(call.world.products) <= FEW else PAGE
    page = found[start : start + size]
    answer: dict[str, Any] = {
        "payload": {
            "granularity": {"granularityType": "Marketplace", "granularityId": MARKETPLACE},
            "inventorySummaries": [_summary(call, product, now, with_details) for product in page],
        }
    }
    if start + size < len(found):
        answer["pagination"] = {"nextToken": to_token({"start": start + size}, now, TOKEN_LIVES)}
    return answer


def _summary(call: Call, product: Product, now: datetime, with_details: bool) -> dict[str, Any]:
    stock = call.world.stock[product.sku]
    row: dict[str, Any] = {
        "asin": product.asin,
        "fnSku": product.fnsku,
        "sellerSku": product.sku,
        "condition": "NewItem",
        "lastUpdatedTime": seconds(min(now, stock.fba_updated_at)),
        "productName": product.title,
        "totalQuantity": stock.fba + stock.fba_reserved + stock.fba_inbound + stock.fba_unfulfillable,
        "stores": [],
    }
    if with_details:
        row["inventoryDetails"] = {
            "fulfillableQuantity": stock.fba,
            "inboundWorkingQuantity": 0,
            "inboundShippedQuantity": stock.fba_inbound,
            "inboundReceivingQuantity": 0,
            "reservedQuantity": {
                "totalReservedQuantity": stock.fba_reserved,
                "pendingCustomerOrderQuantity": stock.fba_reserved,
                "pendingTransshipmentQuantity": 0,
                "fcProcessingQuantity": 0,
            },
            "researchingQuantity": {"totalResearchingQuantity": 0, "researchingQuantityBreakdown": []},
            "unfulfillableQuantity": {
                "totalUnfulfillableQuantity": stock.fba_unfulfillable,
                "customerDamagedQuantity": stock.fba_unfulfillable,
                "warehouseDamagedQuantity": 0,
                "distributorDamagedQuantity": 0,
                "carrierDamagedQuantity": 0,
                "defectiveQuantity": 0,
                "expiredQuantity": 0,
            },
        }
    return row


OPERATIONS = (Operation("getInventorySummaries", "GET", "/fba/inventory/v1/summaries", 2, 2, summaries),)
