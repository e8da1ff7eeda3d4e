"""Offers → Listing; inventory items → StockLevel. On eBay a SKU is an item, and what is sold of it are its offers."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from ecom_agent.errors import ParseFailed
from ecom_agent.ids import AccountId, MarketplaceId, Sku
from ecom_agent.money import Money
from ecom_agent.records.barcodes import gtin14
from ecom_agent.records.catalog import Listing, ListingStatus
from ecom_agent.records.stock import StockLevel
from platforms._shared.payload import (
    Shape,
    collect,
    find,
    hints,
    items,
    maybe_count,
    maybe_text,
    not_negative,
    text,
    unknown_fields,
)
from platforms._shared.read import Read
from platforms.ebay.parse.amounts import amount
from platforms.ebay.parse.words import LISTING as STATUS
from platforms.ebay.parse.words import NEW as _NEW

SHIP_TO_HOME: Final = "ship_to_home"
"""The location of an item's quantity that is sold by mail: the only one that can be set."""
FIXED: Final = "FIXED_PRICE"
PUBLISHED: Final = "PUBLISHED"
_OFFER: Final[Shape] = {
    "listing": {"listingId": None, "listingStatus": None, "soldQuantity": None, "listingOnHold": None},
    **dict.fromkeys(
        (
            "availableQuantity", "categoryId", "charity", "extendedProducerResponsibility", "format",
            "hideBuyerDetails", "includeCatalogProductDetails", "listingDescription", "listingDuration",
            "listingPolicies", "listingStartDate", "lotSize", "marketplaceId", "merchantLocationKey", "offerId",
            "pricingSummary", "quantityLimitPerBuyer", "regulatory", "secondaryCategoryId", "sku", "status",
            "storeCategoryNames", "tax",
        )
    ),
}  # fmt: skip
_ITEM: Final[Shape] = dict.fromkeys(
    ("availability", "condition", "conditionDescription", "conditionDescriptors", "groupIds", "inventoryItemGroupKeys",
     "locale", "packageWeightAndSize", "product", "sku")
)  # fmt: skip


def listings(body: Any, item: Any, *, account: AccountId, seen_at: datetime) -> Read[Listing]:
    """The fixed-price offers of one inventory item, as `getOffers` gives them. Auctions have no price to set."""
    raws = [raw for raw in items(body, "offers") if find(raw, "format") in (FIXED, None)]
    records, poison = collect(raws, lambda raw: (_listing(raw, item, account, seen_at),), lambda raw: raw["offerId"])
    return Read(records, poison, tuple(sorted(unknown_fields(raws, _OFFER, "offers"))))


def price_of_sku(body: Any, marketplace: MarketplaceId) -> Money | None:
    """The price of the published fixed-price offer on this marketplace, None where there is none."""
    for raw in items(body, "offers"):
        here = (find(raw, "format"), find(raw, "marketplaceId"), find(raw, "status"))
        if here == (FIXED, marketplace, PUBLISHED):
            return _price(raw)
    return None


def levels(body: Any, *, account: AccountId, marketplace: MarketplaceId, seen_at: datetime) -> Read[StockLevel]:
    """A page of `getInventoryItems`. eBay tells no time of change, so what was read later is newer."""
    raws = items(body, "inventoryItems")

    def read(raw: Any) -> tuple[StockLevel, ...]:
        return (_level(raw, account, marketplace, seen_at),)

    records, poison = collect(raws, read, lambda raw: raw["sku"])
    return Read(records, poison, tuple(sorted(unknown_fields(list(raws), _ITEM, "inventoryItems"))))


def quantity(item: Any) -> int | None:
    """Units for sale by mail of one inventory item, None where eBay tells none."""
    return maybe_count(item, "availability.shipToLocationAvailability.quantity")


def _listing(raw: Any, item: Any, account: AccountId, seen_at: datetime) -> Listing:
    """An offer that is not published has no page: it goes by its own id until it has one."""
    word = maybe_text(raw, "listing.listingStatus")
    published = text(raw, "status") == PUBLISHED
    offer_id = text(raw, "offerId")
    status = STATUS.get(word, ListingStatus.UNMAPPED) if word else ListingStatus.ACTIVE
    return Listing(
        account=account,
        marketplace=MarketplaceId(text(raw, "marketplaceId")),
        sku=Sku(text(raw, "sku")),
        external_id=text(raw, "listing.listingId") if published else offer_id,
        parent_id=offer_id,
        title=maybe_text(item, "product.title") or "",
        status=status if published else ListingStatus.INACTIVE,
        price=_price(raw),
        condition=_condition(maybe_text(item, "condition")),
        fulfilment="fbm",
        updated_at=None,
        seen_at=seen_at,
        gtin=_gtin(item),
        brand=next(iter(hints(item, "product.brand") + hints(item, "product.aspects.Brand")), None),
        status_raw=word,
    )


def _gtin(item: Any) -> str | None:
    """The first number that is one: the three lists may hold "Does not apply"."""
    told = (gtin14(code) for name in ("ean", "upc", "isbn") for code in hints(item, f"product.{name}"))
    return next(filter(None, told), None)


def _price(raw: Any) -> Money | None:
    if find(raw, "pricingSummary.price") is None and find(raw, "status") != PUBLISHED:
        return None
    return not_negative(amount(raw, "pricingSummary.price"), "pricingSummary.price")


def _condition(word: str | None) -> str:
    """ "new", "used" or "refurbished": eBay has many words for each. One that is not told counts as new."""
    if word is None or word in _NEW:
        return "new"
    return "refurbished" if "REFURBISHED" in word else "used"


def _level(raw: Any, account: AccountId, marketplace: MarketplaceId, seen_at: datetime) -> StockLevel:
    units = quantity(raw)
    if units is None:
        raise ParseFailed("availability.shipToLocationAvailability.quantity", "missing")
    return StockLevel(
        account=account,
        marketplace=marketplace,
        sku=Sku(text(raw, "sku")),
        location=SHIP_TO_HOME,
        item_ref=None,
        fulfillable=units,
        reserved=None,
        inbound=None,
        unfulfillable=None,
        updated_at=seen_at,
        seen_at=seen_at,
    )
