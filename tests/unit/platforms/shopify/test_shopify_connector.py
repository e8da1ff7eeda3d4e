"""Cost points, GraphQL's errors, writes, stock, and the documents against the official schema."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from graphql import build_client_schema, parse, validate
from vendor_kit import NOON, Vendor, once_answered

from ecom_agent.errors import (
    AuthFailed,
    ConfigError,
    EcomError,
    OutcomeUnknown,
    ParseFailed,
    Rejected,
    TransientError,
)
from ecom_agent.ids import MarketplaceId, Sku
from ecom_agent.money import Money
from ecom_agent.ports.writes import PriceChange
from platforms import registry
from platforms.shopify import documents
from platforms.shopify.client import search_text
from platforms.shopify.settings import API_VERSION
from platforms.shopify.webhooks import signature

SPEC = registry.spec("shopify")
EMPTY = {"orders": {"pageInfo": {"hasNextPage": False}, "nodes": []}}


def answer(
    data: Any, *, cost: float = 10, left: float = 1000, rate: float = 50, most: float = 1000, **more: Any
) -> Any:
    status = {"maximumAvailable": most, "currentlyAvailable": left, "restoreRate": rate}
    return httpx.Response(
        200, json={"data": data, "extensions": {"cost": {"requestedQueryCost": cost, "throttleStatus": status}}, **more}
    )


def throttled(**cost: float) -> Any:
    return answer(None, **cost, errors=[{"message": "Throttled", "extensions": {"code": "THROTTLED"}}])


def errors(code: str | None, data: Any = None) -> httpx.Response:
    error = {"message": "no", **({"extensions": {"code": code}} if code else {})}
    return httpx.Response(200, json={"data": data, "errors": [error]})


# --- points ---


def test_the_bucket_is_what_shopify_says_it_is() -> None:
    vendor = Vendor(SPEC, change=once_answered(answer(EMPTY, left=123)))
    list(vendor.open().pull_orders(None))
    [bucket] = vendor.quota.snapshot()
    assert (bucket.operation, bucket.tokens, bucket.burst, bucket.per_s) == ("graphql", 123, 1000, 50)


def test_throttled_waits_until_the_points_of_the_query_are_back() -> None:
    vendor = Vendor(SPEC, change=once_answered(throttled(cost=500, left=100, rate=50), answer(EMPTY)))
    list(vendor.open().pull_orders(None))
    assert len(vendor.calls) == 2
    assert vendor.clock.now() == NOON + timedelta(seconds=8)
    assert vendor.quota.snapshot()[0].throttled == 1


def test_the_next_call_costs_what_the_last_one_was_said_to_cost() -> None:
    vendor = Vendor(SPEC, change=once_answered(answer(EMPTY, cost=600, left=100, rate=50), answer(EMPTY)))
    connector = vendor.open()
    list(connector.pull_orders(None))
    list(connector.pull_orders(None))
    assert vendor.clock.now() == NOON + timedelta(seconds=10)


def test_throttled_for_ever_is_transient() -> None:
    vendor = Vendor(SPEC, change=lambda *_: throttled(cost=10, left=0, rate=50))
    with pytest.raises(TransientError, match="throttled"):
        list(vendor.open().pull_orders(None))


def test_a_throttled_write_was_not_done_and_is_sent_again() -> None:
    done = {"productVariantsBulkUpdate": {"productVariants": [{"id": "v", "price": "6.66"}], "userErrors": []}}
    vendor = Vendor(SPEC, change=once_answered(throttled(cost=10, left=0), answer(done)))
    listing = next(iter(Vendor(SPEC, "listings").open().pull_listings(None))).records[0]
    with pytest.raises(OutcomeUnknown, match="does not show"):  # answered, but about another variant
        vendor.open().set_price(listing, Money(666, "EUR"), idempotency_key="k")
    assert len(vendor.calls) == 2


# --- GraphQL's errors ---


@pytest.mark.parametrize(
    ("given", "reading", "writing"),
    [
        (errors("ACCESS_DENIED"), AuthFailed, AuthFailed),
        (errors("INTERNAL_SERVER_ERROR"), TransientError, OutcomeUnknown),
        (errors("MAX_COST_EXCEEDED"), Rejected, Rejected),
        (errors(None), Rejected, Rejected),
        (errors(None, {"x": {"y": 1}}), Rejected, OutcomeUnknown),
        (httpx.Response(200, json={"data": None}), TransientError, OutcomeUnknown),
        (httpx.Response(200, json=[]), TransientError, OutcomeUnknown),
    ],
    ids=["scope", "inside", "too dear", "no code", "data beside errors", "no data", "a list"],
)
def test_graphql_errors_are_typed(given: httpx.Response, reading: type[EcomError], writing: type[EcomError]) -> None:
    listing = next(iter(Vendor(SPEC, "listings").open().pull_listings(None))).records[0]
    with pytest.raises(reading):
        list(Vendor(SPEC, change=once_answered(given)).open().pull_orders(None))
    connector = Vendor(SPEC, change=once_answered(given)).open()
    with pytest.raises(writing):
        connector.set_price(listing, Money(666, "EUR"), idempotency_key="k")


# --- writes and stock ---


def variants(*numbers: int) -> list[PriceChange]:
    """Prices for variants of one product: number n costs n euros."""
    listing = next(iter(Vendor(SPEC, "listings").open().pull_listings(None))).records[0]
    of = [replace(listing, sku=Sku(f"V{n}"), external_id=f"gid://shopify/ProductVariant/{n}") for n in numbers]
    return [PriceChange(x, Money(n * 100, "EUR"), f"k{n}") for x, n in zip(of, numbers, strict=True)]


def shown(*numbers: int, refused: bool = False) -> httpx.Response:
    nodes = [{"id": f"gid://shopify/ProductVariant/{n}", "price": f"{n}.00"} for n in numbers]
    wrong = [{"code": "INVALID", "field": ["variants", "1", "price"], "message": "no"}] if refused else []
    return answer({"productVariantsBulkUpdate": {"productVariants": nodes or None, "userErrors": wrong}})


def test_variants_of_one_product_are_priced_in_one_call() -> None:
    vendor = Vendor(SPEC, change=once_answered(shown(1, 2, 3)))
    connector = vendor.open()
    changes = variants(1, 2, 3)
    assert {connector.shares_call(c.listing) for c in changes} == {changes[0].listing.parent_id}
    assert [r.details["price"] for r in connector.set_prices(changes)] == ["1.00", "2.00", "3.00"]
    (call,) = vendor.calls
    assert [v["price"] for v in json.loads(call.content)["variables"]["variants"]] == ["1.00", "2.00", "3.00"]


def test_one_wrong_variant_takes_no_other_with_it() -> None:
    """Together all are refused and none is done, so each is sent alone: certainly not a second time."""
    vendor = Vendor(SPEC, change=once_answered(shown(refused=True), shown(1), shown(refused=True), shown(3)))
    found = vendor.open().set_prices(variants(1, 2, 3))
    assert [type(answer).__name__ for answer in found] == ["Receipt", "Rejected", "Receipt"]
    wrong = [variants(1)[0], variants(2)[0]._replace(price=Money(0, "EUR"))]
    alone = Vendor(SPEC, change=once_answered(shown(1)))
    assert [type(answer).__name__ for answer in alone.open().set_prices(wrong)] == ["Receipt", "Rejected"]
    assert len(alone.calls) == 1


def test_a_variant_that_the_answer_does_not_show_is_of_unknown_outcome_and_a_lost_call_all_of_it() -> None:
    found = Vendor(SPEC, change=once_answered(shown(1))).open().set_prices(variants(1, 2))
    assert [type(answer).__name__ for answer in found] == ["Receipt", "OutcomeUnknown"]
    with pytest.raises(OutcomeUnknown):
        Vendor(SPEC, change=once_answered(httpx.ReadTimeout("slow"))).open().set_prices(variants(1, 2))


def test_a_price_goes_out_as_exact_text_with_its_product() -> None:
    vendor = Vendor(SPEC, "writes")
    listing = next(iter(Vendor(SPEC, "listings").open().pull_listings(None))).records[0]
    vendor.open().set_price(listing, Money(660, "EUR"), idempotency_key="k")
    sent = json.loads(vendor.calls[0].content)["variables"]
    assert sent == {"product": "gid://shopify/Product/1", "variants": [{"id": listing.external_id, "price": "6.60"}]}


def levels() -> list[Any]:
    return [level for page in Vendor(SPEC, "stock").open().pull_stock(None) for level in page.records]


def test_stock_is_swapped_against_what_we_saw_under_the_actions_key() -> None:
    vendor = Vendor(SPEC, "writes")
    vendor.open().set_stock(levels()[0], 7, idempotency_key="key-1")
    sent = json.loads(vendor.calls[0].content)
    assert "@idempotent(key: $key)" in sent["query"]
    assert sent["variables"]["key"] == "key-1"
    [entry] = sent["variables"]["input"]["quantities"]
    assert (entry["quantity"], entry["changeFromQuantity"]) == (7, 30)


def test_stock_that_moved_meanwhile_is_refused() -> None:
    with pytest.raises(Rejected, match="CHANGE_FROM_QUANTITY_STALE"):
        Vendor(SPEC, "refusals").open().set_stock(levels()[0], 7, idempotency_key="k")


def test_the_same_wish_under_way_is_of_unknown_outcome() -> None:
    busy = {"inventorySetQuantities": {"userErrors": [{"code": "IDEMPOTENCY_CONCURRENT_REQUEST", "message": "busy"}]}}
    with pytest.raises(OutcomeUnknown):
        Vendor(SPEC, change=once_answered(answer(busy))).open().set_stock(levels()[0], 7, idempotency_key="k")


def test_stock_is_kept_by_location_and_uncounted_items_are_left_out() -> None:
    first, second, third = levels()
    assert (first.sku, first.location, first.item_ref) == (
        "TEA-01",
        "gid://shopify/Location/1",
        "gid://shopify/InventoryItem/21",
    )
    assert (first.fulfillable, first.reserved, first.inbound, first.unfulfillable) == (30, 3, 50, 1)
    assert (second.sku, second.reserved) == ("TEA-02", None)
    assert (third.sku, third.location, third.fulfillable) == ("TEA-01", "gid://shopify/Location/2", 5)


def test_stock_asks_for_what_changed_and_now_and_then_for_all() -> None:
    vendor = Vendor(SPEC, "stock")
    [*_, last] = vendor.open().pull_stock(None)

    def asked(cursor: str | None, later: timedelta) -> set[str | None]:
        following = Vendor(SPEC, "stock", at=NOON + later)
        list(following.open().pull_stock(cursor))
        sent = [json.loads(call.content) for call in following.calls]
        return {one["variables"]["query"] for one in sent if one["operationName"] == "inventoryLevels"}

    assert asked(last.next_cursor, timedelta(minutes=5)) == {"updated_at:>='2026-11-03T11:58:00Z'"}
    assert asked(last.next_cursor, timedelta(hours=6)) == {None}
    assert asked(None, timedelta()) == {None}


def test_a_location_that_was_taken_away_meanwhile_has_no_levels() -> None:
    def gone(_request: httpx.Request, facts: dict[str, Any]) -> httpx.Response | None:
        return answer({"location": None}) if facts.get("location") == "gid://shopify/Location/1" else None

    pages = list(Vendor(SPEC, "stock", change=gone).open().pull_stock(None))
    assert [level.location for page in pages for level in page.records] == ["gid://shopify/Location/2"]
    assert pages[-1].next_cursor is not None


def test_a_variant_without_sku_is_set_aside_with_what_to_do() -> None:
    pages = list(Vendor(SPEC, "listings").open().pull_listings(None))
    [poison] = [p for page in pages for p in page.poison]
    assert poison.external_id == "gid://shopify/ProductVariant/13"
    assert "give it one in Shopify" in poison.reason


def test_a_sku_shared_by_variants_at_two_prices_has_no_one_price() -> None:
    nodes = [{"id": n, "sku": "TEA-01", "price": price} for n, price in (("a", "1.00"), ("b", "2.00"))]
    data = {"shop": {"currencyCode": "EUR"}, "productVariants": {"nodes": nodes}}
    with pytest.raises(ParseFailed, match="variants share it"):
        Vendor(SPEC, change=once_answered(answer(data))).open().live_price(Sku("TEA-01"), MarketplaceId("x"))


@pytest.mark.parametrize(("sku", "quoted"), [("A 1", '"A 1"'), ('A"B', '"A\\"B"'), ("a\\", '"a\\\\"')])
def test_a_sku_in_a_search_is_never_read_as_an_operator(sku: str, quoted: str) -> None:
    assert search_text(sku) == quoted


def test_a_shop_must_be_shopify_s_own_domain() -> None:
    with pytest.raises(ConfigError, match="SHOP"):
        Vendor(SPEC).open(SHOP="shop.example.com")


# --- webhooks ---


def headers(raw: bytes, secret: str, **changed: str) -> dict[str, str]:
    given = {
        "X-Shopify-Hmac-SHA256": signature(secret, raw),
        "X-Shopify-Topic": "orders/updated",
        "X-Shopify-Webhook-Id": "w-1",
        "X-Shopify-Shop-Domain": "sample-tea.myshopify.com",
        "X-Shopify-Triggered-At": "2026-11-03T12:00:00.123456789Z",
    }
    return {**given, **{name.replace("_", "-"): value for name, value in changed.items()}}


SECRET = "shpss_sample_client_secret"


def test_a_webhook_of_ours_is_taken_whatever_the_case_of_its_headers() -> None:
    raw = b'{"id": 1}'
    for given in (headers(raw, SECRET), {n.lower(): v for n, v in headers(raw, SECRET).items()}):
        event = Vendor(SPEC).open().verify_webhook(given, raw)
        assert (event.topic, event.dedupe_id, event.body) == ("orders/updated", "w-1", raw)
        assert event.signed_at is None, "no time is signed"
        assert repr(raw) not in repr(event)


@pytest.mark.parametrize(
    "given",
    [
        headers(b"{}", "another secret"),
        headers(b"{} ", SECRET),
        headers(b"{}", SECRET, X_Shopify_Shop_Domain="other.myshopify.com"),
        headers(b"{}", SECRET, **{"X-Shopify-Hmac-SHA256": ""}),
        headers(b"{}", SECRET, **{"X-Shopify-Hmac-SHA256": "ünicode"}),
        {},
    ],
    ids=["secret", "body", "shop", "empty", "unicode", "none"],
)
def test_a_webhook_that_is_not_ours_is_refused(given: dict[str, str]) -> None:
    with pytest.raises(AuthFailed):
        Vendor(SPEC).open().verify_webhook(given, b"{}")


def test_a_removed_app_is_told_and_only_by_this_shop() -> None:
    connector = Vendor(SPEC).open()
    ended = connector.read_webhook("app/uninstalled", b'{"myshopify_domain": "Sample-tea.myshopify.com"}')
    assert "ACCESS_TOKEN" in ended.why
    for raw in (b'{"myshopify_domain": "other.myshopify.com"}', b"{}", b"[]", b"no"):
        with pytest.raises(ParseFailed):
            connector.read_webhook("app/uninstalled", raw)


def test_a_webhook_s_time_is_not_signed_so_nothing_hangs_on_it() -> None:
    assert Vendor(SPEC).open().verify_webhook(headers(b"{}", SECRET), b"{}").signed_at is None


def test_without_a_secret_every_webhook_is_refused() -> None:
    with pytest.raises(ConfigError, match="CLIENT_SECRET"):
        Vendor(SPEC).open(CLIENT_SECRET="").verify_webhook(headers(b"{}", SECRET), b"{}")


# --- against the official files ---


@pytest.mark.shared
def test_the_official_signatures_agree(shared_dir: Path) -> None:
    vectors = json.loads((shared_dir / "specs/signatures/test-vectors.json").read_text("utf-8"))["shopify_webhook"]
    assert vectors
    for vector in vectors:
        assert signature(vector["client_secret"], vector["raw_body"].encode()) == vector["x_shopify_hmac_sha256"]


@pytest.mark.shared
def test_every_document_is_valid_in_the_official_schema(shared_dir: Path) -> None:
    with gzip.open(shared_dir / f"specs/shopify/admin_{API_VERSION}.json.gz") as file:
        schema = build_client_schema(json.load(file)["data"], assume_valid=True)
    texts = [d.text for d in vars(documents).values() if isinstance(d, documents.Document)]
    assert len(texts) >= 10
    for text in (*texts, documents.bulk_orders(search_text("created_at:>='2026-10-01T00:00:00Z'"))):
        assert validate(schema, parse(text)) == [], text


@pytest.mark.shared
def test_every_official_example_of_an_order_webhook_can_be_read(shared_dir: Path) -> None:
    examples = sorted((shared_dir / "specs/shopify").glob("webhooks-*/orders__*.example.json"))
    connector, read = Vendor(SPEC).open(), 0
    for file in examples:
        example = json.loads(file.read_text("utf-8"))
        order = connector.read_webhook(example["topic"], json.dumps(example["payload"]).encode())
        read += order is not None
        assert order is None or order.lines
    assert read >= 2
