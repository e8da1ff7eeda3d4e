"""Products → Listing, one for each SKU: as `searchProducts` lists them and as `getProduct` shows one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ecom_agent.errors import ParseFailed
from ecom_agent.ids import AccountId, MarketplaceId, Sku
from ecom_agent.money import Money
from ecom_agent.records.catalog import Listing, ListingStatus
from platforms._shared.payload import collect, find, items, maybe_text, need, not_negative, text, unknown_fields
from platforms._shared.read import Read
from platforms.tiktok_shop.parse.pairs import of_products
from platforms.tiktok_shop.parse.scalars import amount, maybe_at
from platforms.tiktok_shop.parse.shapes import PRODUCT
from platforms.tiktok_shop.parse.words import LISTING as STATUS


def products(
    body: Any, *, account: AccountId, marketplace: MarketplaceId, global_seller: bool, seen_at: datetime
) -> Read[Listing]:
    """A page of `searchProducts`. A SKU that cannot be read is set aside alone: its siblings go on."""
    found = items(need(body, "data"), "products")

    def read(pair: Any) -> tuple[Listing, ...]:
        return (_listing(pair["product"], pair["sku"], account, marketplace, global_seller, seen_at),)

    records, poison = collect(of_products(found), read, lambda pair: pair["sku"]["id"])
    return Read(records, poison, tuple(sorted(unknown_fields(found, PRODUCT, "products"))))


def product_ids(body: Any) -> tuple[str, ...]:
    """Which products a page of `searchProducts` holds."""
    found = items(need(body, "data"), "products")
    return tuple(raw["id"] for raw in found if isinstance(raw, dict) and isinstance(raw.get("id"), str))


def price_in(body: Any, sku: Sku, *, global_seller: bool) -> Money | None:
    """The price of our SKU in the answer of `getProduct`; None where the product has no such SKU."""
    for raw in items(need(body, "data"), "skus"):
        if find(raw, "seller_sku") == sku:
            return _price(raw, global_seller)
    return None


def _listing(
    product: Any, raw: Any, account: AccountId, marketplace: MarketplaceId, global_seller: bool, seen_at: datetime
) -> Listing:
    sku = maybe_text(raw, "seller_sku")
    if sku is None:
        raise ParseFailed("seller_sku", "a SKU without ours: give it one in Seller Center")
    return Listing(
        account=account,
        marketplace=marketplace,
        sku=Sku(sku),
        external_id=text(raw, "id"),
        parent_id=text(product, "id"),
        title=maybe_text(product, "title") or "",
        status=_status(product, raw),
        price=_price(raw, global_seller),
        condition="new",
        fulfilment=None,
        updated_at=maybe_at(product, "update_time"),
        seen_at=seen_at,
        status_raw=text(product, "status"),
    )


def _status(product: Any, raw: Any) -> ListingStatus:
    """The product's, unless this SKU of it is switched off or the product is a gift only."""
    known = STATUS.get(text(product, "status"), ListingStatus.UNMAPPED)
    off = find(raw, "status_info.status") == "DEACTIVATED" or find(product, "is_not_for_sale") is True
    return ListingStatus.INACTIVE if off and known is ListingStatus.ACTIVE else known


def _price(raw: Any, global_seller: bool) -> Money:
    """What the page shows before discounts: a global seller's `sale_price`, a local one's `tax_exclusive_price`."""
    field = "sale_price" if global_seller else "tax_exclusive_price"
    return not_negative(amount(raw, f"price.{field}", text(raw, "price.currency")), f"price.{field}")
