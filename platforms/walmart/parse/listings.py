"""`getAllItems` and `getAnItem` → Listing, live price."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from ecom_agent.ids import AccountId, MarketplaceId, Sku
from ecom_agent.money import Money
from ecom_agent.records.barcodes import gtin14
from ecom_agent.records.catalog import Listing, ListingStatus
from platforms._shared.payload import (
    Shape,
    collect,
    find,
    hints,
    items,
    maybe_text,
    money,
    need,
    not_negative,
    text,
    unknown_fields,
)
from platforms._shared.read import Read
from platforms.walmart.parse.words import LIFECYCLE, PUBLISHED

_ITEM: Final[Shape] = dict.fromkeys(
    (
        "mart", "sku", "condition", "availability", "wpid", "upc", "gtin", "productName", "shelf", "productType",
        "price", "publishedStatus", "additionalAttributes", "unpublishedReasons", "lifecycleStatus",
        "variantGroupId", "variantGroupInfo", "isCustomerFavorite", "isDuplicate", "duplicateItemInfo", "bundles",
    )
)  # fmt: skip


def listings(body: Any, *, account: AccountId, marketplace: MarketplaceId, seen_at: datetime) -> Read[Listing]:
    """A page of `getAllItems`. Raises ParseFailed where the page itself has another shape."""
    need(body, "ItemResponse")
    found = items(body, "ItemResponse")

    def read(raw: Any) -> tuple[Listing, ...]:
        return (_listing(raw, account, marketplace, seen_at),)

    records, poison = collect(found, read, lambda raw: raw["sku"])
    return Read(records, poison, tuple(sorted(unknown_fields(list(found), _ITEM, "ItemResponse"))))


def price_of_item(body: Any, sku: Sku) -> Money | None:
    """The price in `getAnItem`'s answer: a list of one as the service gives it, one record by the contract."""
    found = [*items(body, "ItemResponse"), find(body, "responseRecord")]
    mine = next((item for item in found if item is not None and find(item, "sku") == sku), None)
    return None if mine is None else _price(mine)


def _listing(raw: Any, account: AccountId, marketplace: MarketplaceId, seen_at: datetime) -> Listing:
    """An item that Walmart has not set up yet has no product id: its SKU stands for the page that is to come."""
    sku = text(raw, "sku")
    return Listing(
        account=account,
        marketplace=MarketplaceId(maybe_text(raw, "mart") or marketplace),
        sku=Sku(sku),
        external_id=maybe_text(raw, "wpid") or sku,
        parent_id=None,
        title=maybe_text(raw, "productName") or "",
        status=_status(raw),
        price=_price(raw),
        condition=(maybe_text(raw, "condition") or "New").lower(),
        fulfilment=None,
        updated_at=None,
        seen_at=seen_at,
        gtin=next(filter(None, map(gtin14, hints(raw, "gtin") + hints(raw, "upc"))), None),
        status_raw="/".join(_words(raw)),
    )


def _status(raw: Any) -> ListingStatus:
    published, lifecycle = _words(raw)
    standing = LIFECYCLE.get(lifecycle, ListingStatus.UNMAPPED)
    return PUBLISHED.get(published, ListingStatus.UNMAPPED) if standing is ListingStatus.ACTIVE else standing


def _words(raw: Any) -> tuple[str, str]:
    """How it is published, and where it is in its life."""
    return text(raw, "publishedStatus"), maybe_text(raw, "lifecycleStatus") or "ACTIVE"


def _price(raw: Any) -> Money | None:
    """None where the item has no price yet."""
    if find(raw, "price.amount") is None:
        return None
    return not_negative(money(raw, "price", amount="amount", currency="currency"), "price")
