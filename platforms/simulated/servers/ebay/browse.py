"""Buy Browse's search: what buyers find under a barcode, cheapest with shipping first. Each rival has own items."""

from __future__ import annotations

from typing import Any, Final

from platforms.simulated.barcodes import upc
from platforms.simulated.channels import reads
from platforms.simulated.servers.ebay.call import Call, EbayRefused, Operation, error, whole
from platforms.simulated.wire import ebay

PATH: Final = "/buy/browse/v1/item_summary/search"
_DOMAIN: Final = "API_BROWSE"
_MOST: Final = 10_000
_SORTS: Final = (None, "price", "-price")


def search(call: Call) -> Any:
    """By barcode only: words find nothing in this world but a barcode that they are."""
    wanted = call.query.get("gtin") or call.query.get("q")
    if not wanted and not call.query.get("epid") and not call.query.get("category_ids"):
        said = "The call must have a valid 'q', 'category_ids', 'epid' or 'gtin' query parameter."
        raise EbayRefused(400, error(12001, _DOMAIN, said))
    if call.query.get("sort") not in _SORTS:
        raise EbayRefused(400, error(12002, _DOMAIN, "The 'sort' value is invalid."))
    size = whole(call, "limit", 50, 1, 200, 12006, _DOMAIN)
    start = whole(call, "offset", 0, 0, _MOST - 1, 12004, _DOMAIN)
    found = [
        (offer.landed_minor, ebay.item_summary(call.world, item, offer, call.channel.seller_id))
        for item in call.channel.items.values()
        if wanted == upc(item.sku) and item.status == "active"
        for offer in reads.offers(call.world, call.channel, item)
    ]
    found.sort(key=lambda pair: pair[0], reverse=call.query.get("sort") == "-price")
    answer: dict[str, Any] = {
        "href": call.href(PATH, limit=str(size), offset=str(start)),
        "total": len(found),
        "limit": size,
        "offset": start,
    }
    if found:
        answer["itemSummaries"] = [printed for _, printed in found[start : start + size]]
    if start + size < len(found):
        answer["next"] = call.href(PATH, limit=str(size), offset=str(start + size))
    return answer


OPERATIONS: Final = (Operation("search_items", "GET", PATH, "buy.browse", 5_000, search, for_anyone=True),)
