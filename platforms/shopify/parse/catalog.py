"""Product variants → Listing: what is sold in a shop is its variants."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from ecom_agent.errors import ParseFailed
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
    maybe_moment,
    maybe_text,
    need,
    not_negative,
    text,
    unknown_fields,
)
from platforms._shared.read import Read
from platforms.shopify.parse.words import LISTING as STATUS

_PAGE: Final[Shape] = {
    "shop": {"currencyCode": None},
    "productVariants": {
        "pageInfo": None,
        "nodes": {
            "id": None, "sku": None, "displayName": None, "price": None, "updatedAt": None, "barcode": None,
            "product": {"id": None, "status": None, "vendor": None},
        },
    },
}  # fmt: skip


def listings(data: Any, *, account: AccountId, marketplace: MarketplaceId, seen_at: datetime) -> Read[Listing]:
    """A page of `productVariants`. A variant without SKU is set aside: nothing of ours can be bound to it."""
    currency = text(data, "shop.currencyCode")
    nodes = items(need(data, "productVariants"), "nodes")

    def read(raw: Any) -> tuple[Listing, ...]:
        return (_listing(raw, currency, account, marketplace, seen_at),)

    records, poison = collect(nodes, read, lambda raw: raw["id"])
    return Read(records, poison, tuple(sorted(unknown_fields(data, _PAGE))))


def price_of_sku(data: Any, sku: Sku) -> Money | None:
    """The price of the variant with exactly this SKU, None where there is none.

    Raises ParseFailed where several variants share the SKU and ask different prices.
    """
    currency = text(data, "shop.currencyCode")
    prices = {
        _price(node, currency) for node in items(need(data, "productVariants"), "nodes") if find(node, "sku") == sku
    }
    if len(prices) > 1:
        raise ParseFailed("productVariants", f"{len(prices)} prices for SKU {sku}: variants share it")
    return prices.pop() if prices else None


def _listing(raw: Any, currency: str, account: AccountId, marketplace: MarketplaceId, seen_at: datetime) -> Listing:
    sku = maybe_text(raw, "sku")
    if sku is None:
        raise ParseFailed("sku", "a variant without SKU: give it one in Shopify")
    word = text(raw, "product.status")
    return Listing(
        account=account,
        marketplace=marketplace,
        sku=Sku(sku),
        external_id=text(raw, "id"),
        parent_id=text(raw, "product.id"),
        title=maybe_text(raw, "displayName") or "",
        status=STATUS.get(word, ListingStatus.UNMAPPED),
        price=_price(raw, currency),
        condition="new",
        fulfilment="fbm",
        updated_at=maybe_moment(raw, "updatedAt"),
        seen_at=seen_at,
        gtin=next(filter(None, map(gtin14, hints(raw, "barcode"))), None),
        brand=next(iter(hints(raw, "product.vendor")), None),
        status_raw=word,
    )


def _price(raw: Any, currency: str) -> Money:
    return not_negative(Money.of(text(raw, "price"), currency), "price")
