"""Sell Inventory: items, their offers, and what is set on them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from platforms.simulated.channels import reads
from platforms.simulated.channels.model import Item
from platforms.simulated.servers.ebay.call import Answer, Call, EbayRefused, Operation, error, whole
from platforms.simulated.wire import ebay

BASE: Final = "/sell/inventory/v1"
API: Final = "sell.inventory"
PER_DAY: Final = 2_000_000
DOMAIN: Final = "API_INVENTORY"
DRAFTS: Final = "inventory_items"
"""What the account keeps of items that were put here and are no product of this world: they are never sold."""


def items(call: Call) -> Any:
    """Here the offset counts pages."""
    size = whole(call, "limit", 25, 1, 200, 25709, DOMAIN)
    number = whole(call, "offset", 0, 0, 10**9, 25706, DOMAIN)
    kept: list[Item | tuple[str, Any]] = [*call.channel.items.values(), *_drafts(call).items()]
    rows, total = reads.page(kept, number * size, size)
    found = [
        ebay.inventory_item(call.world, row) if isinstance(row, Item) else {"sku": row[0], **row[1]} for row in rows
    ]
    answer: dict[str, Any] = {
        "href": call.href(f"{BASE}/inventory_item", limit=str(size), offset=str(number)),
        "limit": size,
        "size": len(found),
        "total": total,
        "inventoryItems": found,
    }
    if (number + 1) * size < total:
        answer["next"] = call.href(f"{BASE}/inventory_item", limit=str(size), offset=str(number + 1))
    if number:
        answer["prev"] = call.href(f"{BASE}/inventory_item", limit=str(size), offset=str(number - 1))
    return answer


def item(call: Call) -> Any:
    sku = call.path["sku"]
    if sku in _drafts(call):
        return {"sku": sku, **_drafts(call)[sku]}
    return ebay.inventory_item(call.world, _item(call, sku))


def put_item(call: Call) -> Any:
    """Of a product of this world the quantity is taken; anything else is kept as it is, without an offer."""
    sku = call.path["sku"]
    found = call.channel.by_sku.get(sku)
    if found is None:
        call.do("channel_keep", key=DRAFTS, value={**_drafts(call), sku: call.body})
        return Answer({"warnings": []}, 201)
    units = (call.body.get("availability") or {}).get("shipToLocationAvailability", {}).get("quantity")
    if units is not None:
        call.do("channel_quantity", sku=sku, quantity=_checked_units(units))
    return Answer(None, 204)


def offers(call: Call) -> Any:
    """All offers of one SKU: here each has one."""
    sku = call.query.get("sku")
    if not sku:
        raise EbayRefused(400, error(25707, DOMAIN, "Invalid SKU. A SKU value is required.", sku=""))
    wanted = call.query.get("marketplace_id", ebay.MARKETPLACE), call.query.get("format", "FIXED_PRICE")
    known = sku in _drafts(call) or _item(call, sku)
    found = [ebay.offer(call.world, known)] if isinstance(known, Item) else []
    found = [one for one in found if wanted == (one["marketplaceId"], one["format"])]
    if not found:
        raise EbayRefused(404, error(25713, DOMAIN, "This Offer is not available : ."))
    href = call.href(f"{BASE}/offer")
    return {"href": href, "limit": 100, "size": len(found), "total": len(found), "offers": found}


def offer(call: Call) -> Any:
    found = offer_of(call, call.path["offer_id"])
    if found is None:
        raise EbayRefused(404, error(25713, DOMAIN, f"This Offer is not available : {call.path['offer_id'][:40]}."))
    return ebay.offer(call.world, found)


def offer_of(call: Call, text: str) -> Item | None:
    return call.channel.items.get(ebay.offer_number(text) or 0)


def revisions_today(call: Call, sku: str) -> int:
    """How often the listing's price was set since midnight, as eBay counts days."""
    day = (call.now - timedelta(hours=8)).date()
    count = 0
    for write in reversed(call.world.ledger.writes):
        if (write.at - timedelta(hours=8)).date() != day:
            break
        count += write.channel == call.channel.name and write.sku == sku
    return count


def _item(call: Call, sku: str) -> Item:
    found = call.channel.by_sku.get(sku)
    if found is None:
        said = f"{sku[:50]} could not be found or is not available in the system."
        raise EbayRefused(404, error(25702, DOMAIN, said, skuValue=sku[:50]))
    return found


def _drafts(call: Call) -> dict[str, Any]:
    return call.channel.kept.get(DRAFTS) or {}


def _checked_units(units: Any) -> int:
    if type(units) is not int or units < 0:
        raise EbayRefused(400, error(25709, DOMAIN, "Invalid value for quantity.", fieldName="quantity"))
    return units


OPERATIONS: Final = (
    Operation("getInventoryItems", "GET", f"{BASE}/inventory_item", API, PER_DAY, items),
    Operation("getInventoryItem", "GET", f"{BASE}/inventory_item/{{sku:path}}", API, PER_DAY, item),
    Operation(
        "createOrReplaceInventoryItem",
        "PUT",
        f"{BASE}/inventory_item/{{sku:path}}",
        API,
        PER_DAY,
        put_item,
        writes=True,
    ),
    Operation("getOffers", "GET", f"{BASE}/offer", API, PER_DAY, offers),
    Operation("getOffer", "GET", f"{BASE}/offer/{{offer_id}}", API, PER_DAY, offer),
)
