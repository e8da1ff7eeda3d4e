"""Offers on pages and fee quotes, twenty a batch; featured offer expected prices (FOEP), forty a batch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from ecom_agent.connector import Page
from ecom_agent.records.catalog import Listing
from ecom_agent.records.finance import FeeQuote
from ecom_agent.records.offers import ExpectedPrice, OfferSnapshot
from platforms._shared.paging import chunks
from platforms.amazon import parse
from platforms.amazon.client import AmazonClient, path_of

OFFERS: Final = "getItemOffersBatch"
FEES: Final = "getMyFeesEstimates"
EXPECTED: Final = "getFeaturedOfferExpectedPriceBatch"
BATCH: Final = 20
EXPECTED_BATCH: Final = 40


def offers(client: AmazonClient, listings: Sequence[Listing]) -> Iterator[Page[OfferSnapshot]]:
    """The pages of these listings, each page once. v0 is asked because only it names every seller and his shipping."""
    pages = sorted({(str(x.marketplace), x.external_id, x.condition.capitalize()) for x in listings})
    for batch in chunks(pages, BATCH):
        requests = [
            {
                "uri": path_of("/products/pricing/v0/items/{Asin}/offers", Asin=asin),
                "method": "GET",
                "MarketplaceId": marketplace,
                "ItemCondition": condition,
            }
            for marketplace, asin, condition in batch
        ]
        path = "/batches/products/pricing/v0/itemOffers"
        answer = client.answer("POST", path, operation=OFFERS, body={"requests": requests})
        read = parse.item_offers(answer.parsed, account=client.account, seen_at=client.clock.now())
        yield Page(read.records, None, batch[-1] != pages[-1], OFFERS, answer.raw, read.poison)


def fees(client: AmazonClient, listings: Sequence[Listing]) -> Iterator[Page[FeeQuote]]:
    """Quotes at the listings' present prices; a listing without a price has none to quote at."""
    priced = [(listing, listing.price) for listing in listings if listing.price is not None]
    for start in range(0, len(priced), BATCH):
        batch = priced[start : start + BATCH]
        body = [parse.fee_request(number, listing, price) for number, (listing, price) in enumerate(batch)]
        answer = client.answer("POST", "/products/fees/v0/feesEstimate", operation=FEES, body=body)
        asked = [listing for listing, _ in batch]
        read = parse.fees(answer.parsed, asked, account=client.account, seen_at=client.clock.now())
        yield Page(read.records, None, start + BATCH < len(priced), FEES, answer.raw, read.poison)


def expected_prices(client: AmazonClient, listings: Sequence[Listing]) -> Iterator[Page[ExpectedPrice]]:
    """Pricing 2022-05-01, one batch every 30 seconds: the quota is what makes many listings slow."""
    ours = sorted({(str(x.marketplace), str(x.sku)) for x in listings})
    for batch in chunks(ours, EXPECTED_BATCH):
        requests = [
            {
                "uri": "/products/pricing/2022-05-01/offer/featuredOfferExpectedPrice",
                "method": "GET",
                "marketplaceId": marketplace,
                "sku": sku,
            }
            for marketplace, sku in batch
        ]
        path = "/batches/products/pricing/2022-05-01/offer/featuredOfferExpectedPrice"
        answer = client.answer("POST", path, operation=EXPECTED, body={"requests": requests})
        read = parse.expected_prices(answer.parsed, account=client.account, seen_at=client.clock.now())
        yield Page(read.records, None, batch[-1] != ours[-1], EXPECTED, answer.raw, read.poison)
