"""Rivals by GTIN: whose offers count, what is not asked for, and how few calls a day go round a big catalogue."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import CapturingLogger
from vendor_kit import NOON, Vendor

from ecom_agent.ids import Sku
from ecom_agent.money import Money
from ecom_agent.records.barcodes import check_digit
from ecom_agent.records.catalog import Listing
from platforms import registry
from platforms._shared.read import Read
from platforms.ebay import offers, parse, rates

SPEC = registry.spec("ebay")


def listings() -> list[Listing]:
    return [one for page in Vendor(SPEC, "listings").open().pull_listings(None) for one in page.records]


def gtin(number: int) -> str:
    payload = f"008{number:010d}"
    return payload + check_digit(payload)


def many(count: int) -> list[Listing]:
    return [replace(listings()[0], sku=Sku(f"TEA-{n:04d}"), gtin=gtin(n)) for n in range(count)]


def asked(vendor: Vendor) -> list[str]:
    return [request.url.params["gtin"] for request in vendor.calls]


class Nothing(Vendor):
    """No seller of anything."""

    def _answer(self, request: Any) -> Any:
        if "/item_summary/" not in request.url.path:
            return super()._answer(request)
        self.requests.append(request)
        return httpx.Response(200, json={"total": 0, "limit": 200, "offset": 0})


def test_of_each_seller_the_cheapest_offer_in_our_condition_counts() -> None:
    vendor = Vendor(SPEC, "offers")
    page = next(iter(vendor.open().offers(listings()[:1])))
    (seen,) = page.records
    assert [(o.seller_id, o.listing_price.minor, o.shipping and o.shipping.minor) for o in seen.offers] == [
        ("leaf_and_cup", 520, 100),
        ("sample_tea", 650, 0),
        ("far_away_teas", 490, None),
    ]
    assert (seen.external_id, seen.condition, seen.buy_box_landed) == ("110000000001", "new", None)
    assert (seen.offers[0].feedback_count, seen.offers[0].feedback_percent) == (812, 99)
    request = vendor.calls[0]
    assert request.headers["X-EBAY-C-MARKETPLACE-ID"] == "EBAY_US"
    assert dict(request.url.params)["gtin"] == "012345678905"


def test_a_used_listing_is_compared_with_what_is_used() -> None:
    used = next(one for one in listings() if one.condition == "used")
    (seen,) = next(iter(Vendor(SPEC, "offers").open().offers([used]))).records
    assert [o.seller_id for o in seen.offers] == ["attic_finds"]


def test_without_a_gtin_nothing_is_asked_and_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    logger = CapturingLogger()
    monkeypatch.setattr(offers, "_log", logger)
    vendor = Vendor(SPEC, "offers")
    unnamed = [replace(one, gtin=None) for one in listings()]
    assert list(vendor.open().offers(unnamed)) == []
    assert vendor.calls == []
    (told,) = logger.calls
    assert "without a GTIN" in told.args[0]
    assert told.kwargs["count"] == len(unnamed)


def test_other_barcodes_than_upcs_are_words_to_ebay() -> None:
    vendor = Nothing(SPEC)
    list(vendor.open().offers([replace(listings()[0], gtin="04006381333931")]))
    assert dict(vendor.calls[0].url.params)["q"] == "4006381333931"


def test_a_product_that_nobody_sells_is_an_empty_page_of_sellers() -> None:
    (page,) = Nothing(SPEC).open().offers(many(1))
    assert page.records[0].offers == ()


def test_a_sweep_takes_no_more_calls_than_there_are_and_waits_for_none() -> None:
    vendor = Nothing(SPEC)
    pages = list(vendor.open().offers(many(300)))
    assert len(pages) == len(asked(vendor)) == int(rates.RATES[rates.BROWSE].burst)
    assert [page.more for page in pages] == [True] * (len(pages) - 1) + [False]
    assert vendor.clock.now() == NOON


def test_sweep_after_sweep_goes_round_a_big_catalogue() -> None:
    vendor = Nothing(SPEC)
    catalogue, asks = many(200), []
    for _ in range(18):
        vendor.clock.sleep(timedelta(minutes=15).total_seconds())
        before = len(vendor.calls)
        list(vendor.open().offers(catalogue))  # another process each time
        asks.append(asked(vendor)[before:])
    assert len(asks[0]) == 200
    assert len({one for ask in asks[2:7] for one in ask}) > 195
    assert len({one for ask in asks[2:] for one in ask}) == 200
    assert len(asked(vendor)) <= 250 + 18 * 900 * rates.RATES[rates.BROWSE].per_s + 1


def test_calls_that_were_not_made_are_given_back() -> None:
    vendor = Nothing(SPEC)
    pages = vendor.open().offers(many(10))
    next(iter(pages))
    pages.close()
    left = next(q for q in vendor.quota.snapshot() if q.operation == rates.BROWSE)
    assert left.tokens == pytest.approx(rates.RATES[rates.BROWSE].burst - 1)


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.sampled_from(
        ["price", "seller", "username", "conditionId", "value", "currency", "shippingOptions", "shippingCost"]
    ), below, max_size=4),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(JUNK, max_size=4))
def test_whatever_comes_is_an_offer_or_set_aside(summaries: list[Any]) -> None:
    read: Read[Any] = parse.offers(summaries, listings()[0], seller="sample_tea", seen_at=NOON)
    assert len(read.records) == 1
    assert all(isinstance(offer.listing_price, Money) for offer in read.records[0].offers)
    assert len(read.poison) <= len(summaries)
