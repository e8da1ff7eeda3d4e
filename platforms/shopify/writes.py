"""Setting a variant's price and the available units at a location. Taken is not applied: read back."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Final

from ecom_agent.connector import Receipt
from ecom_agent.errors import OutcomeUnknown, ParseFailed, Rejected
from ecom_agent.money import Money
from ecom_agent.records.catalog import Listing
from ecom_agent.records.stock import StockLevel
from platforms._shared.payload import find, items, maybe_text, text
from platforms._shared.variants import Variants
from platforms.shopify.client import NAME, ShopifyClient, refused, user_error_codes
from platforms.shopify.documents import SET_PRICE, SET_STOCK

BATCH: Final = 20
_IN_FLIGHT: Final = "IDEMPOTENCY_CONCURRENT_REQUEST"


def prices(client: ShopifyClient) -> Variants:
    """How a product's variants are priced; they share a call."""
    return Variants(NAME, SET_PRICE.name, partial(_set, client))


def _set(
    client: ShopifyClient, product: str, prices: Sequence[tuple[Listing, Money]]
) -> Sequence[Receipt | OutcomeUnknown]:
    variants = [{"id": listing.external_id, "price": f"{price.major}"} for listing, price in prices]
    variables = {"product": product, "variants": variants}
    payload = find(client.run(SET_PRICE, variables, write=True).parsed, SET_PRICE.name)
    refused(SET_PRICE, payload, client.http)
    return [_shown(payload, listing) for listing, _price in prices]


def _shown(payload: Any, listing: Listing) -> Receipt | OutcomeUnknown:
    try:
        done = next(node for node in items(payload, "productVariants") if text(node, "id") == listing.external_id)
        return Receipt(listing.external_id, {"price": text(done, "price")})
    except (ParseFailed, StopIteration):
        return OutcomeUnknown(NAME, SET_PRICE.name, f"the answer does not show {listing.sku}: read back")


def set_stock(client: ShopifyClient, level: StockLevel, quantity: int, *, idempotency_key: str) -> Receipt:
    """Set the available units, only if they still are `level.fulfillable`: else Rejected, and nothing is changed."""
    if level.item_ref is None:
        raise Rejected(NAME, SET_STOCK.name, f"{level.sku} has no inventory item id: pull the stock first")
    if quantity < 0:
        raise Rejected(NAME, SET_STOCK.name, f"wanted a quantity of zero or more, found {quantity}")
    entry = {
        "inventoryItemId": level.item_ref,
        "locationId": level.location,
        "quantity": quantity,
        "changeFromQuantity": level.fulfillable,
    }
    wish = {"name": "available", "reason": "correction", "quantities": [entry]}
    payload = find(client.run(SET_STOCK, {"input": wish, "key": idempotency_key}, write=True).parsed, SET_STOCK.name)
    if _IN_FLIGHT in user_error_codes(payload):
        raise OutcomeUnknown(NAME, SET_STOCK.name, f"the same wish for {level.sku} is under way: read back")
    refused(SET_STOCK, payload, client.http)
    if find(payload, "userErrors") is None:
        raise OutcomeUnknown(NAME, SET_STOCK.name, f"an answer of another shape for {level.sku}: read back")
    return Receipt(maybe_text(payload, "inventoryAdjustmentGroup.id") or idempotency_key, {"quantity": str(quantity)})
