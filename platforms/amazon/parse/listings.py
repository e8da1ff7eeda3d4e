"""Listings Items 2021-08-01: `searchListingsItems` and `getListingsItem` → Listing, live price, merchant's stock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from ecom_agent.errors import ParseFailed
from ecom_agent.ids import AccountId, MarketplaceId, Sku
from ecom_agent.money import Money
from ecom_agent.records.barcodes import gtin14
from ecom_agent.records.business import NOT_OFFERED, BusinessPrices
from ecom_agent.records.catalog import Listing, ListingStatus
from ecom_agent.records.stock import StockLevel
from platforms._shared.payload import (
    Shape,
    collect,
    find,
    hints,
    items,
    maybe_count,
    maybe_moment,
    maybe_text,
    money,
    need,
    not_negative,
    text,
    unknown_fields,
)
from platforms._shared.read import Read
from platforms.amazon.parse.purchasable import COMPANIES, CONSUMERS, business, sale, submitted_price
from platforms.amazon.parse.words import SUPPRESSED as _SUPPRESSED

FBM: Final = "fbm"
MERCHANT_CHANNEL: Final = "DEFAULT"

_SUMMARY: Final[Shape] = {
    "marketplaceId": None, "asin": None, "productType": None, "conditionType": None, "status": None, "fnSku": None,
    "itemName": None, "createdDate": None, "lastUpdatedDate": None, "mainImage": None,
}  # fmt: skip
_OFFER: Final[Shape] = {"marketplaceId": None, "offerType": None, "price": None, "points": None, "audience": None}
_ITEM: Final[Shape] = {
    "sku": None, "summaries": _SUMMARY, "attributes": None, "issues": None, "offers": _OFFER,
    "fulfillmentAvailability": {"fulfillmentChannelCode": None, "quantity": None}, "procurement": None,
    "relationships": None, "productTypes": None,
}  # fmt: skip
_PAGE: Final[Shape] = {"numberOfResults": None, "pagination": None, "items": _ITEM}


def search_listings(body: Any, *, account: AccountId, marketplace: MarketplaceId, seen_at: datetime) -> Read[Listing]:
    """A page of `searchListingsItems`; an item that has no page on `marketplace` gives no record."""
    need(body, "items")

    def read(raw: Any) -> tuple[Listing, ...]:
        summary = _of(raw, "summaries", marketplace)
        return () if summary is None else (_listing(raw, summary, account, marketplace, seen_at),)

    records, poison = collect(items(body, "items"), read, lambda raw: raw["sku"])
    return Read(records, poison, tuple(sorted(unknown_fields(body, _PAGE))))


def mfn_stock(body: Any, *, account: AccountId, marketplace: MarketplaceId, seen_at: datetime) -> Read[StockLevel]:
    """What the merchant keeps himself, from the same page. Listings carry no time for it: it is as of `seen_at`."""
    need(body, "items")

    def read(raw: Any) -> tuple[StockLevel, ...]:
        quantity = mfn_quantity(raw)
        sku = Sku(text(raw, "sku"))
        return (
            ()
            if quantity is None
            else (StockLevel(account, marketplace, sku, FBM, None, quantity, None, None, None, seen_at, seen_at),)
        )

    records, poison = collect(items(body, "items"), read, lambda raw: raw["sku"])
    return Read(records, poison, tuple(sorted(unknown_fields(body, _PAGE))))


def live_price(body: Any, marketplace: MarketplaceId, at: datetime) -> Money | None:
    """The regular consumer price: what is on offer, or, where Amazon left offers out, what was submitted.

    While a sale runs Amazon shows that one's price: then the regular one is known only as it was submitted.
    """
    if find(body, "offers") is None:
        return submitted_price(body, marketplace)
    shown = _on_offer(body, marketplace)
    instead = None if shown is None else sale(body, marketplace, at)
    if instead is not None and instead.runs(at) and instead.price == shown:
        return submitted_price(body, marketplace) or shown
    return shown


def live_business(body: Any, marketplace: MarketplaceId) -> BusinessPrices | None:
    """What companies pay. Amazon shows the price of one unit among the offers, the tiers only as submitted.

    None where what was submitted is not told or cannot be read.
    """
    submitted, shown = business(body, marketplace), _on_offer(body, marketplace, COMPANIES)
    if submitted is None or submitted.price == shown:
        return submitted
    return NOT_OFFERED if shown is None else BusinessPrices(shown)


def _on_offer(body: Any, marketplace: MarketplaceId, audience: str = CONSUMERS) -> Money | None:
    kind = "B2C" if audience == CONSUMERS else "B2B"
    for offer in items(body, "offers"):
        named = maybe_text(offer, "audience.value") or audience
        if find(offer, "marketplaceId") == marketplace and find(offer, "offerType") == kind and named == audience:
            return not_negative(money(offer, "price", amount="amount", currency="currencyCode"), "offers.price")
    return None


def mfn_quantity(raw: Any) -> int | None:
    """Units the merchant says he has; None for a SKU that Amazon fulfils."""
    for channel in items(raw, "fulfillmentAvailability"):
        if find(channel, "fulfillmentChannelCode") == MERCHANT_CHANNEL:
            quantity = maybe_count(channel, "quantity")
            if quantity is not None and quantity < 0:
                raise ParseFailed("fulfillmentAvailability.quantity", f"wanted zero or more, found {quantity}")
            return quantity
    return None


def _listing(
    raw: Any, summary: Mapping[str, Any], account: AccountId, marketplace: MarketplaceId, seen_at: datetime
) -> Listing:
    return Listing(
        account=account,
        marketplace=marketplace,
        sku=Sku(text(raw, "sku")),
        external_id=text(summary, "asin"),
        parent_id=text(summary, "productType"),
        title=maybe_text(summary, "itemName") or "",
        status=_status(raw, summary, marketplace),
        price=live_price(raw, marketplace, seen_at),
        condition=(maybe_text(summary, "conditionType") or "new_new").split("_", 1)[0],
        fulfilment=_fulfilment(raw),
        updated_at=maybe_moment(summary, "lastUpdatedDate"),
        seen_at=seen_at,
        gtin=next(filter(None, map(gtin14, _told(raw, "externally_assigned_product_identifier", marketplace))), None),
        brand=next(iter(_told(raw, "brand", marketplace)), None),
        sale=sale(raw, marketplace, seen_at),
        business=business(raw, marketplace),
    )


def _told(raw: Any, attribute: str, marketplace: MarketplaceId) -> list[str]:
    """An attribute's texts for this marketplace."""
    found = find(raw, "attributes") if isinstance(find(raw, "attributes"), Mapping) else {}
    entries = found.get(attribute)
    here = [e for e in entries if isinstance(e, Mapping)] if isinstance(entries, list) else []
    return [t for e in here if e.get("marketplace_id") in (None, marketplace) for t in hints(e, "value")]


def _status(raw: Any, summary: Mapping[str, Any], marketplace: MarketplaceId) -> ListingStatus:
    if "BUYABLE" in items(summary, "status"):
        return ListingStatus.ACTIVE
    for issue in items(raw, "issues"):
        elsewhere = find(issue, "marketplaceIds") and marketplace not in items(issue, "marketplaceIds")
        actions = {find(action, "action") for action in items(issue, "enforcements.actions")}
        if not elsewhere and actions & _SUPPRESSED:
            return ListingStatus.SUPPRESSED
    return ListingStatus.INACTIVE


def _fulfilment(raw: Any) -> str | None:
    codes = {find(channel, "fulfillmentChannelCode") for channel in items(raw, "fulfillmentAvailability")}
    if any(isinstance(code, str) and code.startswith("AMAZON") for code in codes):
        return "fba"
    return FBM if MERCHANT_CHANNEL in codes else None


def _of(raw: Any, path: str, marketplace: MarketplaceId) -> Mapping[str, Any] | None:
    """The entry of a list that is about this marketplace."""
    for entry in items(raw, path):
        if find(entry, "marketplaceId") == marketplace:
            return entry if isinstance(entry, Mapping) else None
    return None
