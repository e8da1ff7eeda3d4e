"""Items, stock and the Buy Box of the Walmart channel as Marketplace v3 and its reports show them."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

from platforms.simulated.channels import reads
from platforms.simulated.channels.ids import print_id
from platforms.simulated.channels.model import Channel, Item
from platforms.simulated.state import WALMART
from platforms.simulated.wire.text import decimal
from platforms.simulated.wire.walmart import amount
from platforms.simulated.world import World

MART: Final = "WALMART_US"
STATUS: Final = {"active": ("PUBLISHED", "ACTIVE"), "ended": ("UNPUBLISHED", "ARCHIVED")}


def item(world: World, one: Item) -> dict[str, Any]:
    product, (published, lifecycle) = world.products[one.sku], STATUS[one.status]
    told: dict[str, Any] = {
        "mart": MART,
        "sku": one.sku,
        "condition": "New",
        "availability": "In_stock" if reads.available(world, one) else "Out_of_stock",
        "wpid": print_id(WALMART, "item", one.number),
        "gtin": f"{one.number:014d}",
        "productName": product.title,
        "productType": product.category,
        "price": amount(one.price_minor),
        "publishedStatus": published,
        "lifecycleStatus": lifecycle,
        "isDuplicate": False,
    }
    if one.status == "ended":
        told["unpublishedReasons"] = {"reason": ["End Date Passed"]}
    return told


def nodes(world: World, one: Item, node: str, taken: int) -> dict[str, Any]:
    """Units at our one ship node; `taken` of them are sold and not sent yet."""
    free = reads.available(world, one)
    told = {"inputQty": quantity(free + taken), "availToSellQty": quantity(free), "reservedQty": quantity(taken)}
    return {"sku": one.sku, "nodes": [{"shipNode": node, **told}]}


def quantity(units: int) -> dict[str, Any]:
    return {"unit": "EACH", "amount": units}


def reserved(channel: Channel) -> Counter[str]:
    """Units sold and not sent yet, by SKU."""
    units: Counter[str] = Counter()
    for sale in channel.sales.values():
        if sale.status in ("pending", "paid", "part_shipped"):
            for line in sale.lines:
                units[line.sku] += line.open
    return units


def box(world: World, channel: Channel, one: Item) -> dict[str, Any]:
    """Who has the Buy Box, and at what price; prices in cents, None where there is none."""
    held = next((o for o in reads.offers(world, channel, one) if o.seller == one.featured), None)
    return {
        "ours": one.featured == channel.seller_id,
        "price": held.price_minor if held else None,
        "shipping": held.shipping_minor if held else None,
    }


def box_row(world: World, channel: Channel, one: Item) -> dict[str, str]:
    """One line of the BUYBOX report."""
    told = box(world, channel, one)
    return {
        "SKU": one.sku,
        "Item ID": print_id(WALMART, "item", one.number),
        "Product Name": world.products[one.sku].title,
        "Product Category": world.products[one.sku].category,
        "Seller Item Price": decimal(one.price_minor),
        "Seller Ship Price": decimal(0),
        "Is Seller Buy Box Winner": "Yes" if told["ours"] else "No",
        "Buy Box Item Price": "" if told["price"] is None else decimal(told["price"]),
        "Buy Box Ship Price": "" if told["shipping"] is None else decimal(told["shipping"]),
    }
