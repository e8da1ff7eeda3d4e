"""Changing a listing with `patchListingsItem`: prices and merchant's stock. Accepted is not applied: read back."""

from __future__ import annotations

from typing import Any, Final

from ecom_agent.connector import Receipt
from ecom_agent.errors import OutcomeUnknown, ParseFailed, Rejected
from ecom_agent.ids import MarketplaceId, Sku
from ecom_agent.money import Money
from ecom_agent.records.business import BusinessPrices
from ecom_agent.records.catalog import Listing
from ecom_agent.records.stock import StockLevel
from platforms._shared.payload import find, items, text
from platforms.amazon.client import NAME, AmazonClient, path_of
from platforms.amazon.listings import PATH
from platforms.amazon.parse.fees import as_number
from platforms.amazon.parse.listings import FBM, MERCHANT_CHANNEL
from platforms.amazon.parse.purchasable import COMPANIES, CONSUMERS

PATCH: Final = "patchListingsItem"
ANY_TYPE: Final = "PRODUCT"
"""The product type that fits every listing as long as only the offer is patched."""
OFFER: Final = "purchasable_offer"
_TAKEN: Final = ("ACCEPTED", "VALID")


def set_price(
    client: AmazonClient, listing: Listing, price: Money, business: BusinessPrices | None = None, *, preview: bool
) -> Receipt:
    """Offer `listing` at `price`, and to companies at `business` (None: leave that alone); `preview` only checks it.

    Raises Rejected, before anything is sent, for a price that is not positive or in another currency.
    """
    patches = price_patches(listing, price, business)
    return _patch(client, listing.sku, listing.marketplace, product_type(listing), patches, preview=preview)


def price_patches(listing: Listing, price: Money, business: BusinessPrices | None = None) -> list[dict[str, Any]]:
    """What to patch for these prices, whichever way it leaves: one by one, or many in a feed.

    `merge` changes only what is named, of the instance that marketplace, currency and audience name: sale prices, the
    seller's own limits, dates and other audiences stand. A null takes away; a whole instance is taken away by `delete`.

    Raises Rejected for a price that is not positive or in another currency.
    """
    prices = (price,) if business is None else (price, *(step for _, step in business.steps))
    for one in prices:
        _check_price(listing, one)
    merged, patches = [_offer(listing, CONSUMERS, price)], []
    if business is not None and business.price is not None:
        plan = [{"schedule": [{"discount_type": "fixed", "levels": _levels(business)}]}] if business.tiers else None
        merged.append(_offer(listing, COMPANIES, business.price) | {"quantity_discount_plan": plan})
    elif business is not None:
        patches.append(_op("delete", OFFER, _selectors(listing, COMPANIES, price.currency)))
    return [_op("merge", OFFER, *merged), *patches]


def product_type(listing: Listing) -> str:
    return listing.parent_id or ANY_TYPE


def set_stock(client: AmazonClient, level: StockLevel, quantity: int) -> Receipt:
    """Set the merchant's own stock; its handling time and restock date stand. Amazon has no compare-and-swap for it."""
    if level.location != FBM:
        raise Rejected(NAME, PATCH, f"stock at {level.location!r} is Amazon's to count; only {FBM!r} can be set")
    if quantity < 0:
        raise Rejected(NAME, PATCH, f"wanted a quantity of zero or more, found {quantity}")
    shelf = {"fulfillment_channel_code": MERCHANT_CHANNEL, "quantity": quantity}
    patches = [_op("merge", "fulfillment_availability", shelf)]
    return _patch(client, level.sku, level.marketplace, ANY_TYPE, patches, preview=False)


def _check_price(listing: Listing, price: Money) -> None:
    if price.minor <= 0:
        raise Rejected(NAME, PATCH, f"wanted a price above zero for {listing.sku}, found {price}")
    if listing.price is not None and listing.price.currency != price.currency:
        raise Rejected(NAME, PATCH, f"{listing.sku} sells in {listing.price.currency}, found {price}")


def _selectors(listing: Listing, audience: str, currency: str) -> dict[str, Any]:
    """What names one instance of the attribute."""
    return {"marketplace_id": listing.marketplace, "currency": currency, "audience": audience}


def _offer(listing: Listing, audience: str, price: Money) -> dict[str, Any]:
    regular = [{"schedule": [{"value_with_tax": as_number(price)}]}]
    return _selectors(listing, audience, price.currency) | {"our_price": regular}


def _levels(business: BusinessPrices) -> list[dict[str, Any]]:
    return [{"lower_bound": units, "value": as_number(price)} for units, price in business.tiers]


def _op(op: str, attribute: str, *value: Any) -> dict[str, Any]:
    return {"op": op, "path": f"/attributes/{attribute}", "value": list(value)}


def _patch(
    client: AmazonClient,
    sku: Sku,
    marketplace: MarketplaceId,
    product_type: str,
    patches: list[dict[str, Any]],
    *,
    preview: bool,
) -> Receipt:
    answer = client.answer(
        "PATCH",
        path_of(PATH + "/{sku}", sellerId=client.settings.seller_id, sku=sku),
        operation=PATCH,
        query={"marketplaceIds": marketplace, "mode": "VALIDATION_PREVIEW" if preview else None},
        body={"productType": product_type, "patches": patches},
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
