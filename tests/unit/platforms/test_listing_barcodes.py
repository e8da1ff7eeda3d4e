"""Where a platform tells a product's number and maker, listings have them; misshapen ones cost no listing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from ecom_agent.ids import AccountId, MarketplaceId
from ecom_agent.records.catalog import Listing
from platforms.amazon.parse import listings as amazon
from platforms.ebay.parse import catalog as ebay
from platforms.shopify.parse import catalog as shopify
from platforms.walmart.parse.listings import listings as walmart_listings

A, US, NOON = AccountId("a"), MarketplaceId("ATVPDKIKX0DER"), datetime(2026, 11, 3, 12, tzinfo=UTC)
EAN, WHOLE = "4006381333931", "04006381333931"


def of_amazon(code: Any, brand: Any) -> Listing:
    item = {
        "sku": "PEN",
        "summaries": [{"marketplaceId": US, "asin": "B000PEN", "productType": "PEN", "status": ["BUYABLE"]}],
        "offers": [],
        "attributes": {
            "brand": [{"value": brand, "marketplace_id": US}],
            "externally_assigned_product_identifier": [{"type": "ean", "value": code, "marketplace_id": US}],
        },
    }
    (found,) = amazon.search_listings({"items": [item]}, account=A, marketplace=US, seen_at=NOON).records
    return found


def of_ebay(code: Any, brand: Any) -> Listing:
    offer = {
        "offerId": "1", "sku": "PEN", "marketplaceId": "EBAY_US", "format": "FIXED_PRICE", "status": "PUBLISHED",
        "listing": {"listingId": "2", "listingStatus": "ACTIVE"},
        "pricingSummary": {"price": {"value": "1.00", "currency": "USD"}},
    }  # fmt: skip
    item = {"product": {"title": "Pen", "upc": ["Does not apply"], "ean": code, "aspects": {"Brand": brand}}}
    (found,) = ebay.listings({"offers": [offer]}, item, account=A, seen_at=NOON).records
    return found


def of_shopify(code: Any, brand: Any) -> Listing:
    node = {"id": "gid://1", "sku": "PEN", "price": "1.00", "barcode": code}
    body = {
        "shop": {"currencyCode": "USD"},
        "productVariants": {"nodes": [{**node, "product": {"id": "gid://2", "status": "ACTIVE", "vendor": brand}}]},
    }
    (found,) = shopify.listings(body, account=A, marketplace=US, seen_at=NOON).records
    return found


def of_walmart(code: Any, _brand: Any) -> Listing:
    item = {"sku": "PEN", "publishedStatus": "PUBLISHED", "lifecycleStatus": "ACTIVE", "upc": code, "gtin": "no"}
    (found,) = walmart_listings({"ItemResponse": [item]}, account=A, marketplace=US, seen_at=NOON).records
    return found


@pytest.mark.parametrize("listing_of", [of_amazon, of_ebay, of_shopify, of_walmart])
def test_barcodes_and_brands(listing_of: Any) -> None:
    told = listing_of(EAN, "Stabilo")
    assert told.gtin == WHOLE
    assert told.brand in ("Stabilo", None)
    for odd in (None, 7, {"a": 1}, ["x", 3], "4006381333932", ""):
        assert listing_of(odd, odd).gtin is None
