"""Offers, listings, stock, fees and notifications: Amazon's words → ours."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vendor_kit import ACCOUNT, NOON, sample

from ecom_agent.errors import ParseFailed
from ecom_agent.ids import MarketplaceId
from ecom_agent.money import Money
from ecom_agent.records.catalog import ListingStatus
from ecom_agent.records.offers import Offer, OfferSnapshot
from platforms.amazon import parse
from platforms.amazon.parse.notifications import OrderChange, PricingHealth
from platforms.amazon.parse.offers import offer, with_winner
from platforms.amazon.parse.purchasable import business, sale

US = MarketplaceId("ATVPDKIKX0DER")


def body(name: str, number: int) -> Any:
    return json.loads(json.dumps(sample("amazon", name)["exchanges"][number]["body"]))


def an_offer(seller: str, price: str, shipping: str | None = "0.00", featured: bool | None = None) -> Offer:
    ship = None if shipping is None else Money.of(shipping, "USD")
    return Offer(seller, Money.of(price, "USD"), ship, None, True, featured, None, None, None, None)


def test_an_offer_without_shipping_has_an_unknown_landed_price() -> None:
    [page] = parse.item_offers(body("offers", 0), account=ACCOUNT, seen_at=NOON).records
    assert [o.shipping for o in page.offers] == [Money(0, "USD"), Money(0, "USD"), None]
    assert page.offers[2].landed is None
    assert (page.condition, str(page.buy_box_landed)) == ("new", "12.05 USD")


def test_a_page_that_amazon_refuses_is_set_aside_with_its_words() -> None:
    [poison] = parse.item_offers(body("offers", 0), account=ACCOUNT, seen_at=NOON).poison
    assert poison.external_id == "B0COAST001"
    assert "404" in poison.reason
    assert "No such page" in poison.reason


def test_the_holder_of_the_buy_box_is_derived_where_nobody_says() -> None:
    [page] = parse.item_offers(body("offers", 0), account=ACCOUNT, seen_at=NOON).records
    assert [o.seller_id for o in page.offers if o.is_featured] == ["A2RIVAL"]


@pytest.mark.parametrize(
    ("offers", "holder", "landed", "found"),
    [
        ([an_offer("a", "9"), an_offer("b", "8")], None, "8.00", "b"),
        ([an_offer("a", "8"), an_offer("b", "8")], None, "8.00", None),
        ([an_offer("a", "8"), an_offer("b", "8")], "b", "8.00", "b"),
        ([an_offer("a", "8")], None, "7.00", None),
        ([an_offer("a", "8", None)], None, "8.00", None),
        ([an_offer("a", "8"), an_offer("b", "9", featured=True)], None, "8.00", "b"),
    ],
    ids=["cheapest", "two alike", "named", "nobody", "shipping unknown", "told"],
)
def test_only_one_offer_at_the_price_is_taken_for_the_holder(
    offers: list[Offer], holder: str | None, landed: str, found: str | None
) -> None:
    derived = with_winner(offers, holder, Money.of(landed, "USD"))
    assert [o.seller_id for o in derived if o.is_featured] == ([found] if found else [])


def test_points_are_yen_in_japan_and_nothing_elsewhere() -> None:
    raw = {"SellerId": "a", "Shipping": {"Amount": 0, "CurrencyCode": "JPY"}, "Points": {"PointsNumber": 30}}
    yen = offer({**raw, "ListingPrice": {"Amount": 1000.0, "CurrencyCode": "JPY"}})
    assert yen.landed == Money(970, "JPY")
    raw["Shipping"] = {"Amount": 0, "CurrencyCode": "USD"}
    assert offer({**raw, "ListingPrice": {"Amount": 10.0, "CurrencyCode": "USD"}}).points is None


def test_a_negative_price_is_refused() -> None:
    with pytest.raises(ParseFailed, match="ListingPrice"):
        offer({"SellerId": "a", "ListingPrice": {"Amount": -1.0, "CurrencyCode": "USD"}})


def test_listings_have_our_words() -> None:
    read = parse.search_listings(body("listings", 1), account=ACCOUNT, marketplace=US, seen_at=NOON)
    mug, coaster = read.records
    assert (mug.external_id, mug.parent_id, mug.condition) == ("B0MUG00001", "DRINKING_CUP", "new")
    assert (mug.status, mug.fulfilment, str(mug.price)) == (ListingStatus.ACTIVE, "fba", "12.30 USD")
    assert (coaster.status, coaster.fulfilment) == (ListingStatus.INACTIVE, "fbm")
    [gone] = parse.search_listings(body("listings", 0), account=ACCOUNT, marketplace=US, seen_at=NOON).records
    assert (gone.status, gone.price) == (ListingStatus.SUPPRESSED, None)


def test_a_listing_of_another_marketplace_gives_no_record() -> None:
    other = MarketplaceId("A2EUQ1WTGCTBG2")
    read = parse.search_listings(body("listings", 1), account=ACCOUNT, marketplace=other, seen_at=NOON)
    assert (read.records, read.poison) == ((), ())


def test_a_listing_off_offer_has_no_price_though_one_was_submitted() -> None:
    """Accepted is not applied: what was submitted counts only where Amazon leaves offers out."""
    submitted = {"marketplace_id": US, "currency": "USD", "our_price": [{"schedule": [{"value_with_tax": 9.99}]}]}
    attributes = {"attributes": {"purchasable_offer": [submitted]}}
    assert parse.live_price({**attributes, "offers": []}, US, NOON) is None
    assert parse.live_price(attributes, US, NOON) == Money(999, "USD")


def an_item(*submitted: dict[str, Any], shown: str, companies: str | None = None) -> dict[str, Any]:
    """A listing's price parts; `shown`: what consumers pay now."""
    offers = [("B2C", shown), *([] if companies is None else [("B2B", companies)])]
    return {
        "attributes": {"purchasable_offer": [{"marketplace_id": US, "currency": "USD", **one} for one in submitted]},
        "offers": [
            {"marketplaceId": US, "offerType": kind, "price": {"amount": amount, "currencyCode": "USD"}}
            for kind, amount in offers
        ],
    }


def scheduled(value: float, **when: str) -> list[dict[str, Any]]:
    return [{"schedule": [{"value_with_tax": value, **when}]}]


ON_SALE = {"our_price": scheduled(12.0), "discounted_price": scheduled(9.0, start_at="2026-11-01", end_at="2026-11-05")}


def test_while_a_sale_runs_the_regular_price_is_the_submitted_one() -> None:
    assert parse.live_price(an_item(ON_SALE, shown="9.00"), US, NOON) == Money(1200, "USD")
    assert parse.live_price(an_item(ON_SALE, shown="9.00"), US, NOON + timedelta(days=9)) == Money(900, "USD")
    assert parse.live_price(an_item(ON_SALE, shown="11.00"), US, NOON) == Money(1100, "USD"), "not live yet"


def test_a_sale_has_its_days_in_whatever_zone_the_marketplace_lies() -> None:
    found = sale(an_item(ON_SALE, shown="9.00"), US, NOON)
    assert found is not None
    assert (str(found.price), found.since, found.until) == (
        "9.00 USD", datetime(2026, 10, 31, 10, tzinfo=UTC), datetime(2026, 11, 6, 12, tzinfo=UTC)
    )  # fmt: skip
    assert found.runs(NOON)
    assert not found.runs(NOON - timedelta(days=9))
    assert sale(an_item(ON_SALE, shown="12.00"), US, NOON + timedelta(days=9)) is None


def levels(kind: str, *steps: tuple[int, float]) -> list[dict[str, Any]]:
    told = [{"lower_bound": units, "value": value} for units, value in steps]
    return [{"schedule": [{"discount_type": kind, "levels": told}]}]


@pytest.mark.parametrize(
    ("offer", "read"),
    [
        ({"our_price": scheduled(11.0)}, "USD 1:1100"),
        (
            {"our_price": scheduled(11.0), "quantity_discount_plan": levels("fixed", (5, 10.5), (9, 9.99))},
            "USD 1:1100 5:1050 9:999",
        ),
        ({"our_price": scheduled(11.0), "quantity_discount_plan": levels("percent", (5, 2.5))}, "USD 1:1100 5:1073"),
        ({"our_price": scheduled(11.0), "quantity_discount_plan": levels("odd", (5, 1))}, None),
        ({"our_price": scheduled(11.0), "quantity_discount_plan": levels("fixed", (5, 12.0))}, None),
        ({"automated_pricing_merchandising_rule_plan": [{}]}, None),
        (None, "none"),
    ],
)
def test_prices_for_companies_are_read_or_left_alone(offer: dict[str, Any] | None, read: str | None) -> None:
    submitted = [{"our_price": scheduled(12.0)}, *([] if offer is None else [{"audience": "B2B", **offer}])]
    found = business(an_item(*submitted, shown="12.00"), US)
    assert (None if found is None else found.told()) == read
    assert business({"offers": []}, US) is None, "attributes that are not told"


def test_prices_for_companies_are_live_once_amazon_shows_them() -> None:
    plan = levels("fixed", (5, 10.5))
    both = (
        {"our_price": scheduled(12.0)},
        {"audience": "B2B", "our_price": scheduled(11.0), "quantity_discount_plan": plan},
    )
    live = [parse.live_business(an_item(*both, shown="12.00", companies=x), US) for x in ("11.00", "10.80", None)]
    assert [str(x) for x in live] == ["1+: 11.00 USD, 5+: 10.50 USD", "1+: 10.80 USD", "none"]


def test_stock_keeps_its_states_apart() -> None:
    read = parse.inventory_summaries(body("stock", 2), account=ACCOUNT, marketplace=US, seen_at=NOON)
    [level] = read.records
    assert (level.fulfillable, level.reserved, level.inbound, level.unfulfillable) == (40, 4, 24, 2)
    [bare] = parse.inventory_summaries(body("stock", 1), account=ACCOUNT, marketplace=US, seen_at=NOON).records
    assert (bare.fulfillable, bare.reserved, bare.inbound, bare.unfulfillable) == (0, None, None, None)


def test_fees_sum_up_to_amazon_s_total_in_whatever_order_they_come() -> None:
    listings = parse.search_listings(body("listings", 1), account=ACCOUNT, marketplace=US, seen_at=NOON).records
    quotes = parse.fees(body("fees", 0), listings, account=ACCOUNT, seen_at=NOON).records
    assert {q.sku: (str(q.referral), str(q.total)) for q in quotes} == {
        "MUG-01": ("1.85 USD", "5.07 USD"),
        "COASTER-04": ("0.75 USD", "1.25 USD"),
    }


def test_an_expected_price_is_the_one_to_be_set_and_where_there_is_none_amazon_s_status_says_why() -> None:
    read = parse.expected_prices(body("expected_prices", 0), account=ACCOUNT, seen_at=NOON)
    alone, mug = read.records
    assert (mug.sku, str(mug.expected), mug.status) == ("MUG-01", "12.01 USD", "VALID_FOEP")
    assert mug.competing_landed == Money(1010 + 200 - 5, "USD")
    assert (alone.expected, alone.competing_landed, alone.status) == (None, None, "NO_COMPETING_OFFERS")
    [poison] = read.poison
    assert (poison.external_id, "INVALID_SKU" in poison.reason) == ("POT-09", True)


def test_a_competing_offer_without_shipping_has_an_unknown_landed_price() -> None:
    answer = body("expected_prices", 0)
    [result] = answer["responses"][1]["body"]["featuredOfferExpectedPriceResults"]
    del result["competingFeaturedOffer"]["price"]["shippingPrice"]
    mug = parse.expected_prices(answer, account=ACCOUNT, seen_at=NOON).records[1]
    assert (mug.expected, mug.competing_landed) == (Money(1201, "USD"), None)


def test_two_currencies_in_one_expected_price_and_an_answer_without_a_result_are_set_aside() -> None:
    answer = body("expected_prices", 0)
    alone, mug, _ = answer["responses"]
    mug["body"]["featuredOfferExpectedPriceResults"][0]["featuredOfferExpectedPrice"]["listingPrice"] = {
        "amount": 12.01,
        "currencyCode": "EUR",
    }
    alone["body"]["featuredOfferExpectedPriceResults"] = []
    read = parse.expected_prices(answer, account=ACCOUNT, seen_at=NOON)
    assert read.records == ()
    assert [p.external_id for p in read.poison] == ["COASTER-04", "MUG-01", "POT-09"]
    assert "wanted EUR, found USD" in read.poison[1].reason


def notification(name: str) -> parse.Notification:
    raw = orjson.dumps(sample("amazon", "notifications")[name])
    return parse.notification(raw, account=ACCOUNT, seen_at=NOON)


def test_notifications_become_records() -> None:
    changed = notification("any_offer_changed")
    assert isinstance(changed.content, OfferSnapshot)
    assert changed.content.changed_at == datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
    assert changed.content.event_id == changed.id == "11111111-2222-3333-4444-555555555555"
    assert [o.is_featured for o in changed.content.offers] == [True]
    order = notification("order_change")
    assert isinstance(order.content, OrderChange)
    assert (order.content.order_id, order.seller_id) == ("114-0000000-0000001", "A1SAMPLESELLER")
    health = notification("pricing_health")
    assert isinstance(health.content, PricingHealth)
    assert str(health.content.competitive_price_threshold) == "12.10 USD"
    assert (health.content.issue, health.content.our_shipping) == ("BuyBoxDisqualification", Money(0, "USD"))


def test_a_copy_of_a_message_has_the_same_id_even_without_one() -> None:
    raw = {**sample("amazon", "notifications")["order_change"]}
    del raw["NotificationMetadata"]
    one, two = (parse.notification(orjson.dumps(raw), account=ACCOUNT, seen_at=at) for at in (NOON, NOON))
    assert one.id == two.id


def test_a_type_we_do_not_use_is_kept_without_content() -> None:
    raw = orjson.dumps({"NotificationType": "BRANDED_ITEM", "Payload": {}, "EventTime": "Mon Oct 28"})
    read = parse.notification(raw, account=ACCOUNT, seen_at=NOON)
    assert (read.type, read.content, read.event_time) == ("BRANDED_ITEM", None, None)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(["any_offer_changed", "order_change", "pricing_health"]), st.data())
def test_a_damaged_message_is_read_or_refused_never_a_crash(name: str, data: st.DataObject) -> None:
    raw = json.loads(json.dumps(sample("amazon", "notifications")[name]))
    node = raw
    while isinstance(node, dict | list) and node:
        key = data.draw(st.sampled_from(sorted(node) if isinstance(node, dict) else list(range(len(node)))))
        if not isinstance(node[key], dict | list) or data.draw(st.booleans()):
            node[key] = data.draw(st.none() | st.integers() | st.text(max_size=3) | st.just([1]) | st.just({"x": 1}))
            break
        node = node[key]
    with contextlib.suppress(ParseFailed):
        parse.notification(json.dumps(raw).encode(), account=ACCOUNT, seen_at=NOON)


@pytest.mark.parametrize("raw", [b"", b"\xff", b"[]", b"{}", b'{"NotificationType": "X"}', b'"text"'])
def test_what_is_no_notification_is_refused(raw: bytes) -> None:
    with pytest.raises(ParseFailed):
        parse.notification(raw, account=ACCOUNT, seen_at=NOON)
