"""Changing a listing with `patchListingsItem`: price and merchant's stock. Accepted is not applied: read back."""

from __future__ import annotations

from typing import Any, Final

from ecom_agent.connector import Receipt
from ecom_agent.errors import OutcomeUnknown, ParseFailed, Rejected
from ecom_agent.ids import MarketplaceId, Sku
from ecom_agent.money import Money
from ecom_agent.records.catalog import Listing
from ecom_agent.records.stock import StockLevel
from platforms._shared.payload import find, items, text
from platforms.amazon.client import NAME, AmazonClient, path_of
from platforms.amazon.listings import PATH
from platforms.amazon.parse.fees import as_number
from platforms.amazon.parse.listings import FBM, MERCHANT_CHANNEL

PATCH: Final = "patchListingsItem"
ANY_TYPE: Final = "PRODUCT"
"""The product type that fits every listing as long as only the offer is patched."""
_TAKEN: Final = ("ACCEPTED", "VALID")


def set_price(client: AmazonClient, listing: Listing, price: Money, *, preview: bool) -> Receipt:
    """Offer `listing` at `price`; with `preview` Amazon only checks it.

    Raises Rejected, before anything is sent, for a price that is not positive or in another currency.
    """
    _check_price(listing, price)
    offer = {
        "marketplace_id": listing.marketplace,
        "currency": price.currency,
        "our_price": [{"schedule": [{"value_with_tax": as_number(price)}]}],
    }
    return _patch(
        client,
        listing.sku,
        listing.marketplace,
        listing.parent_id or ANY_TYPE,
        "purchasable_offer",
        offer,
        preview=preview,
    )


def set_stock(client: AmazonClient, level: StockLevel, quantity: int) -> Receipt:
    """Set the merchant's own stock. Amazon has no compare-and-swap for it."""
    if level.location != FBM:
        raise Rejected(NAME, PATCH, f"stock at {level.location!r} is Amazon's to count; only {FBM!r} can be set")
    if quantity < 0:
        raise Rejected(NAME, PATCH, f"wanted a quantity of zero or more, found {quantity}")
    shelf = {"fulfillment_channel_code": MERCHANT_CHANNEL, "quantity": quantity}
    return _patch(client, level.sku, level.marketplace, ANY_TYPE, "fulfillment_availability", shelf, preview=False)


def _check_price(listing: Listing, price: Money) -> None:
    if price.minor <= 0:
        raise Rejected(NAME, PATCH, f"wanted a price above zero for {listing.sku}, found {price}")
    if listing.price is not None and listing.price.currency != price.currency:
        raise Rejected(NAME, PATCH, f"{listing.sku} sells in {listing.price.currency}, found {price}")


def _patch(
    client: AmazonClient,
    sku: Sku,
    marketplace: MarketplaceId,
    product_type: str,
    attribute: str,
    value: Any,
    *,
    preview: bool,
) -> Receipt:
    answer = client.answer(
        "PATCH",
        path_of(PATH + "/{sku}", sellerId=client.settings.seller_id, sku=sku),
        operation=PATCH,
        query={"marketplaceIds": marketplace, "mode": "VALIDATION_PREVIEW" if preview else None},
        body={
            "productType": product_type,
            "patches": [{"op": "replace", "path": f"/attributes/{attribute}", "value": [value]}],
        },
        write=not preview,
    )
    return _receipt(answer.parsed, sku)


def _receipt(body: Any, sku: Sku) -> Receipt:
    """INVALID is a no with Amazon's reasons; an answer that makes no sense leaves the outcome unknown."""
    try:
        status = text(body, "status")
        issues = tuple(_issue(raw) for raw in items(body, "issues"))
        if status == "INVALID":
            raise Rejected(NAME, PATCH, f"{sku} was refused: {'; '.join(issues)}", issues)
        if status not in _TAKEN:
            raise OutcomeUnknown(NAME, PATCH, f"status {status[:40]!r} for {sku} is not known: read back")
        return Receipt(text(body, "submissionId"), {"status": status, "issues": "; ".join(issues)})
    except ParseFailed as error:
        raise OutcomeUnknown(NAME, PATCH, f"an answer of another shape ({error}) for {sku}: read back") from None


def _issue(raw: Any) -> str:
    return f"{find(raw, 'code')}: {find(raw, 'message')}"
