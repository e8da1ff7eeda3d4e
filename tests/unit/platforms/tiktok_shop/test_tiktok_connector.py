"""Business codes, signatures on the wire, tokens, writes and webhooks of the TikTok connector."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vendor_kit import NOON, Vendor, is_login, once_answered

from ecom_agent.errors import AuthFailed, NotFound, OutcomeUnknown, ParseFailed, Rejected, TerminalError, TransientError
from ecom_agent.ids import OrderId
from ecom_agent.money import Money
from ecom_agent.ports.writes import PriceChange
from ecom_agent.records.events import AuthorizationEnded
from platforms import registry
from platforms.tiktok_shop import codes
from platforms.tiktok_shop.signing import request_signature, webhook_signature

SPEC = registry.spec("tiktok_shop")
SECRET, APP_KEY = "sample-app-secret-0001", "sampleappkey"
SHOP = "7490000000000000001"


def said(code: int, message: str = "no", **more: Any) -> httpx.Response:
    return httpx.Response(200, json={"code": code, "message": message, "request_id": "r", **more})


def listings() -> list[Any]:
    return [x for page in Vendor(SPEC, "listings").open().pull_listings(None) for x in page.records]


def levels() -> list[Any]:
    return [x for page in Vendor(SPEC, "stock").open().pull_stock(None) for x in page.records]


def body_of(request: httpx.Request) -> Any:
    return json.loads(request.content)


# --- business codes ---


@pytest.mark.parametrize(
    ("code", "kind"),
    [(105005, AuthFailed), (106001, AuthFailed), (105999, AuthFailed), (36009004, Rejected), (12052023, Rejected)],
)
def test_a_code_is_the_error_that_it_means(code: int, kind: type[TerminalError]) -> None:
    vendor = Vendor(SPEC, change=once_answered(said(code, "not today")))
    with pytest.raises(kind, match="not today") as caught:
        next(iter(vendor.open().pull_orders(None)))
    assert type(caught.value) is kind
    assert caught.value.issues == (f"{code}: not today",)
    assert len(vendor.calls) == 1


def test_an_expired_token_is_renewed_and_the_call_signed_anew() -> None:
    vendor = Vendor(SPEC, "orders", change=once_answered(said(105002)))
    assert next(iter(vendor.open().pull_orders(None))).records
    assert sum(map(is_login, vendor.requests)) == 2
    assert len(vendor.calls) == 2


def test_too_many_requests_are_waited_for_and_counted() -> None:
    vendor = Vendor(SPEC, "orders", change=once_answered(said(36009002), said(36009002)))
    assert next(iter(vendor.open().pull_orders(None))).records
    assert vendor.clock.now() - NOON >= timedelta(seconds=2)
    assert sum(bucket.throttled for bucket in vendor.quota.snapshot()) == 2


def test_an_internal_error_is_tried_again_for_reads_and_unknown_for_writes() -> None:
    vendor = Vendor(SPEC, "orders", change=once_answered(said(36009003)))
    assert next(iter(vendor.open().pull_orders(None))).records
    mug = listings()[0]
    vendor = Vendor(SPEC, "writes", change=once_answered(said(36009003)))
    with pytest.raises(OutcomeUnknown):
        vendor.open().set_price(mug, mug.price, idempotency_key="k")
    assert len(vendor.calls) == 1


@pytest.mark.parametrize("answer", [{"data": {}}, [1], {"code": "0"}, None])
def test_an_answer_of_another_shape_is_transient_for_reads_and_unknown_for_writes(answer: Any) -> None:
    odd = httpx.Response(200, json=answer)
    with pytest.raises(TransientError):
        next(iter(Vendor(SPEC, change=once_answered(odd)).open().pull_orders(None)))
    mug = listings()[0]
    with pytest.raises(OutcomeUnknown):
        Vendor(SPEC, change=once_answered(odd)).open().set_price(mug, mug.price, idempotency_key="k")


def test_words_of_nested_errors_are_all_kept() -> None:
    errors = [{"code": 1, "message": "batch", "detail": {"extra_errors": [{"code": 2, "message": "warehouse"}]}}, "odd"]
    assert codes.issues({"code": 0, "data": {"errors": errors}}) == ("1: batch; 2: warehouse", "odd")
    assert codes.issues([]) == ()


# --- signatures and tokens ---


def test_every_call_is_signed_over_what_is_sent_and_with_the_time_of_its_attempt() -> None:
    busy = [httpx.Response(429, headers={"Retry-After": "90"}, json={})]
    times: list[int] = []

    def change(request: httpx.Request, _facts: dict[str, Any]) -> httpx.Response | None:
        query = dict(request.url.params)
        if is_login(request):
            assert "sign" not in query
            return None
        assert query["sign"] == request_signature(SECRET, request.url.path, query, request.content)
        assert (query["app_key"], query["shop_cipher"]) == (APP_KEY, "TTP_samplecipher")
        assert request.headers["x-tts-access-token"] == "TTP_sample-access-token"
        times.append(int(query["timestamp"]))
        return busy.pop() if busy else None

    connector = Vendor(SPEC, "orders", "listings", change=change).open()
    list(connector.pull_orders(None))
    list(connector.pull_listings(None))
    connector.get_order(OrderId("576000000000000001"))
    assert times[0] == int(NOON.timestamp())
    assert times[1] >= times[0] + 90
    assert len(times) == 6


def test_a_prefix_of_the_address_is_not_signed() -> None:
    vendor = Vendor(SPEC, change=once_answered(said(0, data={"orders": []})))
    list(vendor.open(BASE_URL="https://127.0.0.1:1/tiktok/").pull_orders(None))
    request = vendor.calls[0]
    assert request.url.path == "/tiktok/order/202309/orders/search"
    query = dict(request.url.params)
    assert query["sign"] == request_signature(SECRET, "/order/202309/orders/search", query, request.content)


@settings(max_examples=40)
@given(st.dictionaries(st.text(min_size=1, max_size=5), st.text(max_size=8), max_size=5), st.binary(max_size=20))
def test_a_signature_hangs_on_every_part_but_not_on_their_order(query: dict[str, str], body: bytes) -> None:
    ours = request_signature("s", "/p", query, body)
    assert ours == request_signature("s", "/p", dict(reversed(query.items())), body)
    assert ours == request_signature("s", "/p", {**query, "sign": "x", "access_token": "y"}, body)
    assert ours != request_signature("s", "/p", query, body + b" ")
    assert ours != request_signature("s", "/q", query, body)
    assert request_signature("s", "/p", query, body, "multipart/form-data; boundary=x") == request_signature(
        "s", "/p", query, b""
    )


def test_a_replaced_refresh_token_is_used_the_next_time() -> None:
    token = {
        "access_token": "TTP_first",
        "access_token_expire_in": int(NOON.timestamp()) + 60,
        "refresh_token": "newer",
    }
    answers = [said(0, data=token)]

    def change(request: httpx.Request, _facts: dict[str, Any]) -> httpx.Response | None:
        return answers.pop(0) if is_login(request) and answers else None

    vendor = Vendor(SPEC, "orders", change=change)
    connector = vendor.open()
    for _ in range(2):
        list(connector.pull_orders(None))
        vendor.clock.sleep(300)
    logins = [request.url.params["refresh_token"] for request in vendor.requests if is_login(request)]
    assert logins == ["TTP_sample-refresh-token", "newer"]
    assert "newer" not in repr(vars(connector.client))


@pytest.mark.parametrize("answer", [said(36004004, "invalid refresh token"), said(12345, "app disabled")])
def test_a_refused_refresh_token_is_auth_failed(answer: httpx.Response) -> None:
    def change(request: httpx.Request, _facts: dict[str, Any]) -> httpx.Response | None:
        return httpx.Response(200, content=answer.content) if is_login(request) else None

    with pytest.raises(AuthFailed):
        next(iter(Vendor(SPEC, change=change).open().pull_orders(None)))


# --- writes ---


def test_prices_of_one_product_go_in_one_call() -> None:
    mug, bowl = listings()[:2]
    vendor = Vendor(SPEC, "writes")
    changes = [PriceChange(mug, Money(1300, "USD"), "a"), PriceChange(bowl, Money(950, "USD"), "b")]
    receipts = vendor.open().set_prices(changes)
    assert [receipt.external_ref for receipt in receipts] == [mug.external_id, bowl.external_id]
    (call,) = vendor.calls
    assert body_of(call)["skus"] == [
        {"id": mug.external_id, "price": {"currency": "USD", "amount": "13.00"}},
        {"id": bowl.external_id, "price": {"currency": "USD", "amount": "9.50"}},
    ]


def test_a_global_seller_sets_the_sale_price() -> None:
    vendor = Vendor(SPEC, "writes")
    mug = listings()[0]
    vendor.open(GLOBAL_SELLER="true").set_price(mug, Money(1300, "USD"), idempotency_key="a")
    assert body_of(vendor.calls[0])["skus"][0]["price"] == {"currency": "USD", "sale_price": "13.00"}


def test_refused_together_each_price_is_tried_alone() -> None:
    mug, bowl = listings()[:2]
    vendor = Vendor(SPEC, "writes", change=once_answered(said(12052220), said(12052220, "too low")))
    changes = [PriceChange(mug, Money(1, "USD"), "a"), PriceChange(bowl, Money(950, "USD"), "b")]
    answers = vendor.open().set_prices(changes)
    assert [type(answer).__name__ for answer in answers] == ["Rejected", "Receipt"]
    assert len(vendor.calls) == 3


def test_listings_of_several_products_are_not_mixed() -> None:
    mug, _bowl, other = listings()
    assert mug.parent_id != other.parent_id
    changes = [PriceChange(mug, Money(1300, "USD"), "a"), PriceChange(other, Money(950, "USD"), "b")]
    with pytest.raises(ValueError, match="2 products"):
        Vendor(SPEC, "writes").open().set_prices(changes)


def test_a_sku_in_several_warehouses_sends_the_others_along() -> None:
    level = next(x for x in levels() if x.sku == "MUG-02" and x.location.endswith("2"))
    vendor = Vendor(SPEC, "stock", "writes")
    vendor.open().set_stock(level, 9, idempotency_key="k")
    search, write = vendor.calls
    assert body_of(search) == {"sku_ids": ["1730000000000000102"]}
    held = {entry["warehouse_id"]: entry["quantity"] for entry in body_of(write)["skus"][0]["inventory"]}
    assert held == {"7068000000000000001": 5, "7068000000000000002": 9}
    gone = replace(level, location="7068000000000000009")
    with pytest.raises(Rejected, match="not kept"):
        Vendor(SPEC, "stock", "writes").open().set_stock(gone, 9, idempotency_key="k")


@pytest.mark.parametrize(("quantity", "item_ref"), [(-1, "1/2"), (100_000, "1/2"), (5, None), (5, "1"), (5, "1/2/3")])
def test_units_that_make_no_sense_are_never_sent(quantity: int, item_ref: str | None) -> None:
    vendor = Vendor(SPEC)
    with pytest.raises(Rejected):
        vendor.open().set_stock(replace(levels()[0], item_ref=item_ref), quantity, idempotency_key="k")
    assert vendor.requests == []


def test_success_of_the_call_is_not_success_of_its_lines() -> None:
    with pytest.raises(Rejected, match="The warehouse is closed") as caught:
        Vendor(SPEC, "refusals").open().set_stock(levels()[0], 5, idempotency_key="k")
    assert caught.value.issues
    odd = Vendor(SPEC, change=once_answered(said(0, data={"errors": "many"})))
    with pytest.raises(OutcomeUnknown):
        odd.open().set_stock(levels()[0], 5, idempotency_key="k")


def test_reserved_writes_are_tokens_of_the_price_operation() -> None:
    connector = Vendor(SPEC, "writes").open()
    taken = connector.reserve_writes(50, wait=False)
    assert 0 < taken <= 20
    assert connector.reserve_writes(50, wait=False) == 0
    connector.release_writes()
    assert connector.reserve_writes(50, wait=False) == taken


# --- reads ---


def test_an_order_that_is_not_there_is_not_found() -> None:
    vendor = Vendor(SPEC, change=once_answered(said(0, data={})))
    with pytest.raises(NotFound):
        vendor.open().get_order(OrderId("1"))


def test_who_the_buyer_is_stays_out_of_pages_and_of_what_is_set_aside() -> None:
    order = {"id": "1", "buyer_email": "a@b.c", "recipient_address": {"name": "Ann", "region_code": "US"}, "cpf": "9"}
    vendor = Vendor(SPEC, change=once_answered(said(0, data={"orders": [order, "odd"], "next_page_token": ""})))
    (page,) = vendor.open().pull_orders(None)
    assert len(page.poison) == 2
    for private in ("a@b.c", "Ann", '"9"'):
        assert private not in page.raw.decode()
        assert private not in json.dumps([poison.payload for poison in page.poison])
    assert json.loads(page.raw)["data"]["orders"][0]["recipient_address"] == {"region_code": "US"}


# --- webhooks ---


def hook(**more: Any) -> bytes:
    body = {"type": 1, "tts_notification_id": "n1", "shop_id": SHOP, "timestamp": 1762171200, **more}
    return json.dumps(body).encode()


def signed(raw: bytes) -> dict[str, str]:
    return {"AUTHORIZATION": webhook_signature(APP_KEY, SECRET, raw)}


def test_a_webhook_leads_to_its_order() -> None:
    raw = hook(data={"order_id": "576000000000000001", "order_status": "UNPAID", "update_time": 1762171200})
    vendor = Vendor(SPEC, "orders")
    connector = vendor.open()
    event = connector.verify_webhook(signed(raw), raw)
    assert (event.topic, event.dedupe_id) == ("ORDER_STATUS_CHANGE", "n1")
    change = connector.read_webhook(event.topic, raw)
    assert (change.order_id, change.marketplace) == ("576000000000000001", SHOP)
    assert vendor.requests == []
    assert connector.get_order(change.order_id).order_id == change.order_id
    assert "5760" not in repr(event)
    with pytest.raises(ParseFailed, match="order_id"):
        connector.read_webhook(event.topic, hook(data={}))


def test_webhooks_about_other_things_ask_nobody() -> None:
    vendor = Vendor(SPEC)
    connector = vendor.open()
    for kind, topic in ((14, "NEW_MESSAGE"), (15, "PRODUCT_INFORMATION_CHANGE"), (99, "TYPE_99")):
        raw = hook(type=kind, data={})
        assert connector.verify_webhook(signed(raw), raw).topic == topic
        assert connector.read_webhook(topic, raw) is None
    assert vendor.requests == []


def test_a_seller_who_sends_us_away_is_told_as_what_it_is() -> None:
    raw = hook(type=6, data={"message": "Shop_id is deauthorized"})
    connector = Vendor(SPEC).open()
    event = connector.verify_webhook(signed(raw), raw)
    assert event.signed_at == datetime.fromtimestamp(1762171200, UTC)
    ended = connector.read_webhook(event.topic, raw)
    assert isinstance(ended, AuthorizationEnded)
    assert "REFRESH_TOKEN" in ended.why


def test_webhooks_that_are_not_ours_are_refused() -> None:
    connector = Vendor(SPEC).open()
    raw = hook()
    with pytest.raises(AuthFailed, match="signature"):
        connector.verify_webhook(signed(raw), raw + b" ")
    with pytest.raises(ParseFailed, match="authorization"):
        connector.verify_webhook({}, raw)
    other = hook(shop_id="1")
    with pytest.raises(AuthFailed, match="another shop"):
        connector.verify_webhook(signed(other), other)
    for odd in (b"[]", b"no", b'{"type": "1"}', b'{"type": 1}'):
        with pytest.raises(ParseFailed):
            connector.verify_webhook(signed(odd), odd)


def test_a_webhook_without_an_id_is_known_by_its_body() -> None:
    connector = Vendor(SPEC).open()
    first, second = hook(tts_notification_id=None), hook(tts_notification_id=None, data={})
    ids = [connector.verify_webhook(signed(raw), raw).dedupe_id for raw in (first, second, first)]
    assert ids[0] == ids[2] != ids[1]
