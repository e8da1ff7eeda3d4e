"""A listing as Listings Items 2021-08-01 shows it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING, Any

from platforms.simulated.state import CURRENCY
from platforms.simulated.wire import purchasable
from platforms.simulated.wire.offers import MARKETPLACE
from platforms.simulated.wire.text import moment, money

if TYPE_CHECKING:
    from platforms.simulated.world import World


def changed_at(world: World, sku: str) -> datetime:
    page = world.pages[sku]
    return page.priced_at or page.listed_at or world.start


def status(world: World, sku: str) -> list[str]:
    return ["BUYABLE", "DISCOVERABLE"] if world.sellable(sku) > 0 else ["DISCOVERABLE"]


def item(world: World, sku: str, included: Collection[str]) -> dict[str, Any]:
    """One item with the datasets asked for. Prices are those in force now."""
    product, page = world.products[sku], world.pages[sku]
    row: dict[str, Any] = {"sku": sku}
    if "summaries" in included:
        row["summaries"] = [
            {
                "marketplaceId": MARKETPLACE,
                "asin": product.asin,
                "productType": product.category,
                "conditionType": "new_new",
                "status": status(world, sku),
                **({"fnSku": product.fnsku} if product.is_fba else {}),
                "itemName": product.title,
                "createdDate": moment(page.listed_at or world.start),
                "lastUpdatedDate": moment(changed_at(world, sku)),
            }
        ]
    if "attributes" in included:
        row["attributes"] = _attributes(world, sku)
    if "issues" in included:
        row["issues"] = []
    if "offers" in included:
        row["offers"] = _offers(world, sku)
    if "fulfillmentAvailability" in included:
        row["fulfillmentAvailability"] = [_availability(world, sku)]
    if "relationships" in included:
        row["relationships"] = [{"marketplaceId": MARKETPLACE, "relationships": []}]
    if "productTypes" in included:
        row["productTypes"] = [{"marketplaceId": MARKETPLACE, "productType": product.category}]
    return row


def _offers(world: World, sku: str) -> list[dict[str, Any]]:
    """What buyers pay now: consumers the sale price while a sale runs, companies theirs where they have one."""
    sale, business = purchasable.sale_minor(world, sku), purchasable.business_minor(world, sku)
    consumers = world.pages[sku].ours.price_minor if sale is None else sale
    told = [("B2C", "ALL", consumers), *([] if business is None else [("B2B", "B2B", business)])]
    return [
        {"marketplaceId": MARKETPLACE, "offerType": kind, "price": money(minor), "audience": {"value": audience}}
        for kind, audience, minor in told
    ]


def _availability(world: World, sku: str) -> dict[str, Any]:
    if world.products[sku].is_fba:
        return {"fulfillmentChannelCode": "AMAZON_NA"}
    return {"fulfillmentChannelCode": "DEFAULT", "quantity": max(0, world.sellable(sku))}


def _attributes(world: World, sku: str) -> dict[str, Any]:
    product = world.products[sku]
    availability = _availability(world, sku)
    return {
        "item_name": [{"value": product.title, "language_tag": "en_US", "marketplace_id": MARKETPLACE}],
        "condition_type": [{"value": "new_new", "marketplace_id": MARKETPLACE}],
        "merchant_suggested_asin": [{"value": product.asin, "marketplace_id": MARKETPLACE}],
        "list_price": [
            {"currency": CURRENCY, "value_with_tax": product.reference_minor / 100, "marketplace_id": MARKETPLACE}
        ],
        "purchasable_offer": purchasable.live(world, sku),
        "fulfillment_availability": [
            {
                "fulfillment_channel_code": availability["fulfillmentChannelCode"],
                **({"quantity": availability["quantity"]} if "quantity" in availability else {}),
                "marketplace_id": MARKETPLACE,
            }
        ],
    }
