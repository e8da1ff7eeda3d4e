"""Setting one price, and the units of one SKU at one ship node. Taken is not applied: read back."""

from __future__ import annotations

from typing import Any, Final

from ecom_agent.connector import Receipt
from ecom_agent.errors import OutcomeUnknown, ParseFailed, Rejected
from ecom_agent.money import Money
from ecom_agent.records.catalog import Listing
from ecom_agent.records.stock import StockLevel
from platforms._shared.payload import find, maybe_text, text
from platforms.walmart import parse
from platforms.walmart.client import NAME, WalmartClient, issues
from platforms.walmart.parse.values import units

SET_PRICE: Final = "updatePrice"
SET_STOCK: Final = "updateInventoryForAnItem"


def set_price(client: WalmartClient, listing: Listing, price: Money) -> Receipt:
    """Raises Rejected, before anything is sent, for a price that is not positive or in another currency."""
    check(listing, price)
    entry = {"currentPriceType": "BASE", "currentPrice": {"currency": price.currency, "amount": as_number(price)}}
    body = {"sku": listing.sku, "pricing": [entry]}
    answer = client.answer("PUT", "/v3/price", operation=SET_PRICE, body=body, write=True).parsed
    _refused(client, SET_PRICE, answer)
    told = find(answer, "ItemPriceResponse") or answer  # the service wraps it, the contract does not
    _shown(SET_PRICE, told, listing.sku)
    return Receipt(listing.sku, {"price": f"{price.major}", "said": maybe_text(told, "message") or ""})


def set_stock(client: WalmartClient, level: StockLevel, quantity: int) -> Receipt:
    """Replace the units at one of our own ship nodes. Walmart has no compare-and-swap for it."""
    if level.location == parse.WFS:
        raise Rejected(
            NAME, SET_STOCK, "units in Walmart's warehouses are Walmart's to count; only a ship node's are set"
        )
    if quantity < 0:
        raise Rejected(NAME, SET_STOCK, f"wanted a quantity of zero or more, found {quantity}")
    query = {"sku": level.sku, "shipNode": level.location}
    body = {"sku": level.sku, "quantity": {"unit": "EACH", "amount": quantity}}
    answer = client.answer("PUT", "/v3/inventory", operation=SET_STOCK, query=query, body=body, write=True).parsed
    _refused(client, SET_STOCK, answer)
    _shown(SET_STOCK, answer, level.sku)
    try:
        kept = units(answer, "quantity.amount")
    except ParseFailed as error:
        raise OutcomeUnknown(
            NAME, SET_STOCK, f"an answer of another shape ({error}) for {level.sku}: read back"
        ) from None
    return Receipt(f"{level.sku}@{level.location}", {"quantity": str(kept)})


def check(listing: Listing, price: Money) -> None:
    """Raises Rejected."""
    if price.minor <= 0:
        raise Rejected(NAME, SET_PRICE, f"wanted a price above zero for {listing.sku}, found {price}")
    if listing.price is not None and listing.price.currency != price.currency:
        raise Rejected(NAME, SET_PRICE, f"{listing.sku} sells in {listing.price.currency}, found {price}")


def as_number(price: Money) -> float:
    """A JSON number: its shortest text is the amount again, for any price with fewer than sixteen digits."""
    return float(price.major)


def _refused(client: WalmartClient, operation: str, answer: Any) -> None:
    """Some refusals come with status 200."""
    words = tuple(client.http.masked(issue) for issue in issues(answer))
    if words:
        raise Rejected(NAME, operation, "; ".join(words), words, 200)


def _shown(operation: str, told: Any, sku: str) -> None:
    """The answer must be about what was asked; else nobody knows what was done."""
    try:
        if text(told, "sku") == sku:
            return
    except ParseFailed:
        pass
    raise OutcomeUnknown(NAME, operation, f"the answer does not show {sku}: read back")
