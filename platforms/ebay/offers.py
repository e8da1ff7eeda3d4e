"""Rivals' offers, by Browse `search`: each seller has pages of their own, and the GTIN says which sell the same.

eBay allows 5,000 of these calls a day and one asks for one product, so a sweep takes what calls there are just now.
It begins where the calls of the sweep before ended: as time passes, calls grow back as fast as the beginning moves on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from ecom_agent.connector import Page
from ecom_agent.records.catalog import Listing
from ecom_agent.records.offers import OfferSnapshot
from ecom_agent.telemetry import log
from platforms.ebay import parse, rates
from platforms.ebay.client import EbayClient, Operation, listed

SEARCH: Final = Operation("search", "GET", "/buy/browse/v1/item_summary/search", rates.BROWSE)
_A_PAGE: Final = "200"
"""The cheapest that many, with shipping: nobody who matters to a price is dearer than 200 others."""
_UPC_PAD: Final = "00"
_log = log(__name__)


def offers(client: EbayClient, listings: Sequence[Listing]) -> Iterator[Page[OfferSnapshot]]:
    """A page for each listing that was asked for. One without a GTIN is not: its title would match other things."""
    able = sorted((x for x in listings if x.gtin is not None), key=lambda x: (x.gtin, x.marketplace, x.sku))
    if len(able) < len(listings):
        _log.info(
            "listings without a GTIN are not asked for rivals", account=client.account, count=len(listings) - len(able)
        )
    taken = client.quota.reserve(client.account, SEARCH.bucket, len(able), wait=False) if able else 0
    if taken < len(able):
        _log.info("calls for rivals are short", account=client.account, listings=len(able), calls=taken)
        start = int(client.clock.now().timestamp() * rates.RATES[SEARCH.bucket].per_s) % len(able)
        able = [*able[start:], *able[:start]][:taken]
    try:
        for number, listing in enumerate(able, start=1):
            yield _page(client, listing, more=number < len(able))
    finally:
        client.quota.give_back(client.account, SEARCH.bucket)


def _page(client: EbayClient, listing: Listing, *, more: bool) -> Page[OfferSnapshot]:
    query = {**_asked(listing.gtin or ""), "filter": "buyingOptions:{FIXED_PRICE}", "sort": "price", "limit": _A_PAGE}
    answer = client.call(SEARCH, query=query, as_application=True, marketplace=listing.marketplace)
    found = listed(answer, "itemSummaries")
    read = parse.offers(found, listing, seller=client.settings.seller, seen_at=client.clock.now())
    return Page(read.records, None, more, SEARCH.name, answer.raw, read.poison, read.unknown_fields)


def _asked(gtin: str) -> dict[str, str]:
    """eBay searches by UPC only (12 digits); the other forms of a GTIN are words to it."""
    return {"gtin": gtin[len(_UPC_PAD) :]} if gtin.startswith(_UPC_PAD) else {"q": gtin.lstrip("0")}
