"""How eBay prints what is for sale: inventory items and their offers."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any, Final

from platforms.simulated.barcodes import upc
from platforms.simulated.channels import reads
from platforms.simulated.channels.ids import print_id, read_id
from platforms.simulated.channels.model import Item
from platforms.simulated.shelf import item_shown
from platforms.simulated.state import CURRENCY, EBAY, Offer
from platforms.simulated.wire.text import decimal

if TYPE_CHECKING:
    from platforms.simulated.world import World

MARKETPLACE: Final = "EBAY_US"
WAREHOUSE: Final = "warehouse-1"


def amount(minor: int) -> dict[str, str]:
    """{"value": "12.30", "currency": "USD"}"""
    return {"value": decimal(minor), "currency": CURRENCY}


def offer_number(text: str) -> int | None:
    """The number of the item behind an offer's id; None when it cannot be one of ours."""
    return read_id(EBAY, "offer", text)


def ship_to_home(world: World, item: Item) -> int:
    """Units of an item that may be sold by mail, whether it is on offer just now or not."""
    return item_shown(world, item)


def inventory_item(world: World, item: Item) -> dict[str, Any]:
    """`aspects` is an object, as the service gives it; the contract file says text."""
    product, units = world.products[item.sku], ship_to_home(world, item)
    return {
        "sku": item.sku,
        "locale": "en_US",
        "condition": "NEW",
        "availability": {
            "shipToLocationAvailability": {"quantity": units, "allocationByFormat": {"fixedPrice": units}}
        },
        "product": {
            "title": product.title,
            "aspects": {"Brand": ["Unbranded"]},
            "brand": "Unbranded",
            "upc": [upc(item.sku)],
        },
    }


def item_summary(world: World, item: Item, one: Offer, us: str) -> dict[str, Any]:
    """One seller's item as a search shows it. A rival's item has an id that is made of ours and the seller's name."""
    number = print_id(EBAY, "item", item.number)
    if one.seller != us:
        number = f"9{zlib.crc32(f'{number}/{one.seller}'.encode()):011d}"
    return {
        "itemId": f"v1|{number}|0",
        "legacyItemId": number,
        "title": world.products[item.sku].title,
        "condition": "New",
        "conditionId": "1000",
        "buyingOptions": ["FIXED_PRICE"],
        "price": amount(one.price_minor),
        "shippingOptions": [{"shippingCostType": "FIXED", "shippingCost": amount(one.shipping_minor)}],
        "seller": {
            "username": one.seller,
            "feedbackPercentage": f"{one.rating * 100:.1f}",
            "feedbackScore": one.feedback,
        },
        "itemLocation": {"country": "US"},
    }


def offer(world: World, item: Item) -> dict[str, Any]:
    """An item that was ended has an offer still, without a listing."""
    published = item.status == "active"
    units = reads.available(world, item)
    printed: dict[str, Any] = {
        "offerId": print_id(EBAY, "offer", item.number),
        "sku": item.sku,
        "marketplaceId": MARKETPLACE,
        "format": "FIXED_PRICE",
        "listingDuration": "GTC",
        "availableQuantity": ship_to_home(world, item),
        "categoryId": "38181",
        "merchantLocationKey": WAREHOUSE,
        "pricingSummary": {"price": amount(item.price_minor)},
        "status": "PUBLISHED" if published else "UNPUBLISHED",
    }
    if published:
        printed["listing"] = {
            "listingId": print_id(EBAY, "item", item.number),
            "listingStatus": "ACTIVE" if units else "OUT_OF_STOCK",
            "listingOnHold": False,
        }
    return printed
