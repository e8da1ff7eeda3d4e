"""Listings Items 2021-08-01: get, search, patch (prices and the stock of what we ship ourselves)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from typing import Any

from platforms.simulated.patches import NoPatch, price_of, read
from platforms.simulated.servers.sp.call import Call, Operation, SpRefused, from_token, invalid, to_token
from platforms.simulated.wire import listings
from platforms.simulated.wire.offers import MARKETPLACE


def _ours(call: Call) -> None:
    if call.path["sellerId"] != call.world.seller_id:
        raise SpRefused(
            403, "Unauthorized", "Access to requested resource is denied.", "The seller is not the token's."
        )
    if not call.many("marketplaceIds"):
        raise invalid("'marketplaceIds' is missing.")
    call.here()


def _known(call: Call) -> str:
    sku = call.path["sku"]
    if sku not in call.world.products:
        raise SpRefused(404, "NOT_FOUND", f"SKU '{sku}' not found in marketplace {MARKETPLACE}")
    return sku


def get(call: Call) -> Any:
    _ours(call)
    return listings.item(call.world, _known(call), call.many("includedData") or ["summaries"])


def search(call: Call) -> Any:
    """All listings, by SKU unless told. The token holds the position."""
    _ours(call)
    identifiers = call.many("identifiers")
    if identifiers and not call.query.get("identifiersType"):
        raise invalid("identifiersType is required when identifiers are provided.")
    now = call.sim.now()
    token = call.query.get("pageToken")
    start = int(from_token(token, now, "pageToken")["start"]) if token else 0
    size = call.whole("pageSize", 10, 1, 20)
    fits = _wanted(call, identifiers)
    found = [sku for sku in sorted(call.world.products) if fits(sku)]
    if call.query.get("sortOrder") == "DESC":
        found.reverse()
    page = found[start : start + size]
    included = call.many("includedData") or ["summaries"]
    answer: dict[str, Any] = {
        "numberOfResults": len(found),
        "items": [listings.item(call.world, sku, included) for sku in page],
    }
    if start + size < len(found):
        answer["pagination"] = {"nextToken": to_token({"start": start + size}, now, timedelta(hours=1))}
    return answer


def _wanted(call: Call, identifiers: Collection[str]) -> Callable[[str], bool]:
    """What the search asks for, read once: it is held against every SKU for every page."""
    world, kind = call.world, call.query.get("identifiersType", "")
    after, before = call.moment("lastUpdatedAfter"), call.moment("lastUpdatedBefore")
    with_status, without_status = call.many("withStatus"), call.many("withoutStatus")

    def fits(sku: str) -> bool:
        product, changed = world.products[sku], listings.changed_at(world, sku)
        shown = {"ASIN": product.asin, "SKU": sku, "FNSKU": product.fnsku}.get(kind, "")
        status = listings.status(world, sku) if with_status or without_status else ()
        return (
            (not identifiers or shown in identifiers)
            and (after is None or changed >= after)
            and (before is None or changed <= before)
            and all(wanted in status for wanted in with_status)
            and not any(unwanted in status for unwanted in without_status)
        )

    return fits


def patch(call: Call) -> Any:
    """ACCEPTED is not applied: the price goes live later. With mode=VALIDATION_PREVIEW nothing is changed."""
    _ours(call)
    sku = _known(call)
    preview = call.query.get("mode") == "VALIDATION_PREVIEW"
    if call.query.get("mode") and not preview:
        raise invalid("'mode' must be VALIDATION_PREVIEW.")
    body = call.body if isinstance(call.body, Mapping) else {}
    patches = body.get("patches")
    if not body.get("productType") or not isinstance(patches, list) or not patches:
        raise invalid("Request body is invalid.", "'productType' and at least one of 'patches' are required.")
    try:
        offers, quantity, issues = read(call.world, sku, patches)
    except NoPatch as wrong:
        raise invalid("Request body is invalid.", str(wrong)) from None
    submission = ""
    if not issues and offers is not None:
        submission = call.sim.do("amazon_price", preview=preview, **price_of(call.world, sku, offers))
    if not issues and quantity is not None and not preview:
        submission = call.sim.do("amazon_quantity", sku=sku, quantity=quantity)
    status = "INVALID" if issues else "VALID" if preview else "ACCEPTED"
    answer: dict[str, Any] = {"sku": sku, "status": status, "submissionId": submission or "0" * 32, "issues": issues}
    if "identifiers" in call.many("includedData"):
        answer["identifiers"] = [{"marketplaceId": MARKETPLACE, "asin": call.world.products[sku].asin}]
    return answer


OPERATIONS = (
    Operation("getListingsItem", "GET", "/listings/2021-08-01/items/{sellerId}/{sku}", 5, 10, get),
    Operation("patchListingsItem", "PATCH", "/listings/2021-08-01/items/{sellerId}/{sku}", 5, 5, patch, writes=True),
    Operation("searchListingsItems", "GET", "/listings/2021-08-01/items/{sellerId}", 5, 5, search),
)
