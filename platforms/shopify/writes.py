"""Setting a variant's price and the available units at a location. Taken is not applied: read back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from ecom_agent.connector import Receipt
from ecom_agent.errors import EcomError, OutcomeUnknown, ParseFailed, Rejected
from ecom_agent.money import Money
from ecom_agent.ports.writes import PriceChange
from ecom_agent.records.catalog import Listing
from ecom_agent.records.stock import StockLevel
from platforms._shared.payload import find, items, maybe_text, text
from platforms.shopify.client import NAME, ShopifyClient, refused, user_error_codes
from platforms.shopify.documents import SET_PRICE, SET_STOCK

BATCH: Final = 20
_IN_FLIGHT: Final = "IDEMPOTENCY_CONCURRENT_REQUEST"


def set_price(client: ShopifyClient, listing: Listing, price: Money) -> Receipt:
    """Raises Rejected, before anything is sent, for a price that is not positive or in another currency."""
    answer = _set(client, _checked(listing, price), [(listing, price)])[0]
    if isinstance(answer, Exception):
        raise answer
    return answer


def set_prices(client: ShopifyClient, changes: Sequence[PriceChange]) -> Sequence[Receipt | Exception]:
    """Variants of one product in one call, all or none; where Shopify refuses them together each is tried alone.

    Gives what became of each, in order. Raises what the call raised where it failed as a whole.
    """
    answers: dict[str, Receipt | Exception] = {}
    good: list[PriceChange] = []
    for change in changes:
        try:
            _checked(change.listing, change.price)
            good.append(change)
        except Rejected as error:
            answers[change.idempotency_key] = error
    for change, answer in zip(good, _together(client, good), strict=True):
        answers[change.idempotency_key] = answer
    return [answers[change.idempotency_key] for change in changes]


def _together(client: ShopifyClient, changes: Sequence[PriceChange]) -> Sequence[Receipt | Exception]:
    if not changes:
        return []
    parents = {change.listing.parent_id for change in changes}
    if len(parents) > 1:
        raise ValueError(f"wanted variants of one product, found {len(parents)}")
    try:
        return _set(client, changes[0].listing.parent_id or "", [(x.listing, x.price) for x in changes])
    except Rejected:
        if len(changes) == 1:
            raise
    return [_alone(client, change) for change in changes]  # nothing of it was done: it is safe to send again


def _alone(client: ShopifyClient, change: PriceChange) -> Receipt | Exception:
    try:
        return set_price(client, change.listing, change.price)
    except EcomError as error:
        return error


def _checked(listing: Listing, price: Money) -> str:
    """The product whose variant it is. Raises Rejected."""
    if price.minor <= 0:
        raise Rejected(NAME, SET_PRICE.name, f"wanted a price above zero for {listing.sku}, found {price}")
    if listing.price is not None and listing.price.currency != price.currency:
        raise Rejected(NAME, SET_PRICE.name, f"{listing.sku} sells in {listing.price.currency}, found {price}")
    if listing.parent_id is None:
        raise Rejected(NAME, SET_PRICE.name, f"{listing.sku} has no product id: pull the listings first")
    return listing.parent_id


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
