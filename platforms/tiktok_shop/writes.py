"""Setting prices of a product's SKUs and the units in a warehouse. Taken is not applied: read back."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Final

from ecom_agent.connector import Receipt
from ecom_agent.errors import OutcomeUnknown, ParseFailed, Rejected
from ecom_agent.money import Money
from ecom_agent.records.catalog import Listing
from ecom_agent.records.stock import StockLevel
from platforms._shared.payload import find, items
from platforms._shared.variants import Variants
from platforms.tiktok_shop import catalog, codes, parse
from platforms.tiktok_shop.client import NAME, TikTokClient, path_of

PRICE: Final = "updatePrice"
STOCK: Final = "updateInventory"
BATCH: Final = 20
MOST_UNITS: Final = 99_999


def prices(client: TikTokClient) -> Variants:
    """How a product's variants are priced; they share a call."""
    return Variants(NAME, PRICE, partial(_set, client))


def _set(client: TikTokClient, product: str, prices: Sequence[tuple[Listing, Money]]) -> Sequence[Receipt]:
    field = "sale_price" if client.settings.global_seller else "amount"
    skus = [
        {"id": listing.external_id, "price": {"currency": price.currency, field: f"{price.major}"}}
        for listing, price in prices
    ]
    path = path_of("/product/202309/products/{product_id}/prices/update", product_id=product)
    answer = client.run("POST", path, operation=PRICE, body={"skus": skus}, write=True)
    return [
        Receipt(listing.external_id, {"price": f"{price.major}", "request_id": _request_id(answer.parsed)})
        for listing, price in prices
    ]


def set_stock(client: TikTokClient, level: StockLevel, quantity: int) -> Receipt:
    """Set the available units in one warehouse. TikTok has no compare-and-swap.

    It wants the units of all warehouses of the SKU: where there are others, theirs are read first and sent along.
    """
    if not 0 <= quantity <= MOST_UNITS:
        raise Rejected(NAME, STOCK, f"wanted 0 to {MOST_UNITS} units for {level.sku}, found {quantity}")
    ref = _ref(level)
    held = {level.location: quantity} if ref.alone else _beside(client, level, ref, quantity)
    inventory = [{"warehouse_id": name, "quantity": units} for name, units in held.items()]
    path = path_of("/product/202309/products/{product_id}/inventory/update", product_id=ref.product)
    body = {"skus": [{"id": ref.sku, "inventory": inventory}]}
    answer = client.run("POST", path, operation=STOCK, body=body, write=True).parsed
    _refused(client, answer, level)
    return Receipt(_request_id(answer) or ref.sku, {"quantity": str(quantity), "warehouses": str(len(held))})


def _ref(level: StockLevel) -> parse.ItemRef:
    if level.item_ref is None:
        raise Rejected(NAME, STOCK, f"{level.sku} has no product id: pull the stock first")
    try:
        return parse.ItemRef.of(level.item_ref)
    except ParseFailed as error:
        raise Rejected(NAME, STOCK, f"{level.sku}: {error}") from None


def _beside(client: TikTokClient, level: StockLevel, ref: parse.ItemRef, quantity: int) -> dict[str, int]:
    held = parse.held_by_sku(catalog.inventory(client, sku_ids=[ref.sku]), ref.sku)
    if held is None or level.location not in held:
        raise Rejected(NAME, STOCK, f"{level.sku} is not kept in warehouse {level.location} any more")
    return {**held, level.location: quantity}


def _refused(client: TikTokClient, answer: Any, level: StockLevel) -> None:
    """Success of the call is not success of its lines: `errors` names those that were not done."""
    try:
        errors = items(answer, "data.errors")
    except ParseFailed:
        raise OutcomeUnknown(NAME, STOCK, f"an answer of another shape for {level.sku}: read back") from None
    if errors:
        words = tuple(client.masked(codes.issue(error)) for error in errors)
        raise Rejected(NAME, STOCK, f"{level.sku} was refused: {'; '.join(words)}", words, 200)


def _request_id(answer: Any) -> str:
    found = find(answer, "request_id")
    return found if isinstance(found, str) else ""
