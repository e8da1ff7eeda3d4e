"""Listings Items 2021-08-01: get, search, patch (prices and the stock of what we ship ourselves)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from typing import Any

from platforms.simulated.servers.sp.call import Call, Operation, SpRefused, from_token, invalid, to_token
from platforms.simulated.servers.sp.purchasable import patched, price_minor
from platforms.simulated.wire import listings, purchasable
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
    offers, quantity, issues = _read(call, sku, patches)
    submission = ""
    if not issues and offers is not None:
        submission = _offer(call, sku, offers, preview)
    if not issues and quantity is not None and not preview:
        submission = call.sim.do("amazon_quantity", sku=sku, quantity=quantity)
    status = "INVALID" if issues else "VALID" if preview else "ACCEPTED"
    answer: dict[str, Any] = {"sku": sku, "status": status, "submissionId": submission or "0" * 32, "issues": issues}
    if "identifiers" in call.many("includedData"):
        answer["identifiers"] = [{"marketplaceId": MARKETPLACE, "asin": call.world.products[sku].asin}]
    return answer


def _offer(call: Call, sku: str, offers: list[dict[str, Any]], preview: bool) -> str:
    beside = purchasable.without_price(offers)
    also = {} if beside == purchasable.without_price(purchasable.submitted(call.world, sku)) else {"beside": beside}
    told = call.sim.do("amazon_price", sku=sku, price_minor=price_minor(offers), preview=preview, **also)
    return str(told)


def _read(
    call: Call, sku: str, patches: list[Any]
) -> tuple[list[dict[str, Any]] | None, int | None, list[dict[str, Any]]]:
    offers: list[dict[str, Any]] | None = None
    quantity: int | None = None
    issues: list[dict[str, Any]] = []
    for one in patches:
        op, path, value = (
            (one.get("op"), one.get("path"), one.get("value")) if isinstance(one, Mapping) else (None,) * 3
        )
        if op not in ("add", "replace", "merge", "delete") or not isinstance(path, str):
            raise invalid(
                "Request body is invalid.", "A patch needs an 'op' of add, replace, merge, delete and a 'path'."
            )
        try:
            if path == "/attributes/purchasable_offer":
                offers = patched(purchasable.submitted(call.world, sku) if offers is None else offers, op, value)
            elif path == "/attributes/fulfillment_availability" and op != "delete":
                quantity = _quantity(call, sku, value)
            else:
                raise ValueError(f"The simulated marketplace cannot {op} {path}.")
        except (KeyError, IndexError, TypeError, AttributeError):
            issues.append(_issue("4000001", "The attribute does not have the shape of its product type.", path))
        except ValueError as e:
            issues.append(_issue("90220", str(e), path))
    return offers, quantity, issues


def _quantity(call: Call, sku: str, value: Any) -> int:
    quantity = value[0]["quantity"]
    if call.world.products[sku].is_fba or value[0].get("fulfillment_channel_code") != "DEFAULT":
        raise ValueError("'quantity' can only be set for the channel DEFAULT of an offer that the seller fulfils.")
    if type(quantity) is not int or not 0 <= quantity < 10**6:
        raise ValueError("'quantity' must be a whole number from 0.")
    return quantity


def _issue(code: str, message: str, path: str) -> dict[str, Any]:
    return {
        "code": code,
        "message": message,
        "severity": "ERROR",
        "attributeNames": [path.rsplit("/", 1)[-1]],
        "categories": ["INVALID_ATTRIBUTE"],
    }


OPERATIONS = (
    Operation("getListingsItem", "GET", "/listings/2021-08-01/items/{sellerId}/{sku}", 5, 10, get),
    Operation("patchListingsItem", "PATCH", "/listings/2021-08-01/items/{sellerId}/{sku}", 5, 5, patch, writes=True),
    Operation("searchListingsItems", "GET", "/listings/2021-08-01/items/{sellerId}", 5, 5, search),
)
