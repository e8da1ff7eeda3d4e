"""What is eBay's alone: tokens, two hosts, windows that shrink, answers entry by entry, pages that are no pages."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from vendor_kit import NOON, Vendor, always_answered, is_login, once_answered, sample

from ecom_agent.errors import AuthFailed, NotFound, OutcomeUnknown, ParseFailed, Rejected, TerminalError, TransientError
from ecom_agent.ids import MarketplaceId, OrderId, Sku
from ecom_agent.money import Money
from ecom_agent.ports.writes import PriceChange
from ecom_agent.records.catalog import ListingStatus
from platforms.ebay import SPEC, catalog, client, rates
from platforms.ebay.parse.catalog import SHIP_TO_HOME

US = MarketplaceId("EBAY_US")


def changes(*minors: int) -> list[PriceChange]:
    """One change for each published listing of the samples, at these prices."""
    listings = [x for page in Vendor(SPEC, "listings").open().pull_listings(None) for x in page.records]
    return [PriceChange(x, Money(m, "USD"), f"k{n}") for n, (x, m) in enumerate(zip(listings, minors, strict=False))]


def answered(*responses: dict[str, Any], status: int = 207) -> httpx.Response:
    return httpx.Response(status, json={"responses": list(responses)})


# --- tokens and addresses ---


def test_the_token_is_fetched_with_basic_auth_and_the_scopes_of_a_seller() -> None:
    vendor = Vendor(SPEC, "orders")
    list(vendor.open().pull_orders(None))
    login = next(request for request in vendor.requests if is_login(request))
    name, secret = vendor.account["settings"]["CLIENT_ID"], vendor.account["settings"]["CLIENT_SECRET"]
    assert login.headers["authorization"] == "Basic " + base64.b64encode(f"{name}:{secret}".encode()).decode()
    form = parse_qs(login.content.decode())
    assert form["grant_type"] == ["refresh_token"]
    assert form["refresh_token"] == [vendor.account["settings"]["REFRESH_TOKEN"]]
    assert {scope.rsplit("/", 1)[1] for scope in form["scope"][0].split()} == {
        "sell.fulfillment",
        "sell.inventory",
        "sell.finances",
        "commerce.message",
    }
    assert vendor.calls[0].headers["authorization"] == f"Bearer {vendor.account['token']}"


def test_a_revoked_refresh_token_is_auth_failed() -> None:
    def revoked(request: httpx.Request, _facts: Any) -> httpx.Response | None:
        body = {"error": "invalid_grant", "error_description": "the provided refresh token is invalid"}
        return httpx.Response(400, json=body) if is_login(request) else None

    with pytest.raises(AuthFailed, match="refresh token is invalid"):
        list(Vendor(SPEC, "orders", change=revoked).open().pull_orders(None))


def test_money_has_a_host_of_its_own_and_post_order_a_word_of_its_own() -> None:
    vendor = Vendor(SPEC, "charges", "returns")
    connector = vendor.open()
    list(connector.pull_charges(None))
    assert {request.url.host for request in vendor.calls} == {"apiz.ebay.com"}
    list(connector.pull_returns(None))
    asked = vendor.calls[-1]
    assert asked.url.host == "api.ebay.com"
    assert asked.headers["authorization"] == f"IAF {vendor.account['token']}"
    assert asked.headers["x-ebay-c-marketplace-id"] == "EBAY_US"
    sandbox = Vendor(SPEC, "orders").open(BASE_URL="https://api.sandbox.ebay.com")
    assert sandbox.base_urls == ("https://api.sandbox.ebay.com", "https://apiz.sandbox.ebay.com")
    elsewhere = Vendor(SPEC, "orders").open(BASE_URL="http://127.0.0.1:1/ebay/")
    assert elsewhere.base_urls == ("http://127.0.0.1:1/ebay",) * 2


def test_no_day_lets_more_calls_through_than_ebay_allows() -> None:
    rate = rates.per_day(100_000)
    assert rate.burst + 86_400 * rate.per_s <= 100_000


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (
            {"errors": [{"errorId": 25002, "message": "bad", "parameters": [{"name": "a", "value": "b"}]}]},
            ("25002: bad (a=b)",),
        ),
        ({"errors": [{"errorId": 1, "message": "m", "longMessage": "m"}, "odd"]}, ("1: m",)),
        ({"errors": [{"domain": "ACCESS", "parameters": "odd"}]}, ('{"domain":"ACCESS","parameters":"odd"}',)),
        ({"error": "invalid_grant"}, ("invalid_grant",)),
        ({"errorMessage": {"error": [{"errorId": 1616, "message": "Invalid input"}]}}, ("1616: Invalid input",)),
        ({"errors": "no"}, ()),
        (["no"], ()),
        (None, ()),
    ],
)
def test_ebays_words_are_kept_in_whatever_shape_they_come(body: Any, said: tuple[str, ...]) -> None:
    assert client.issues(body) == said


# --- windows ---


def test_orders_are_asked_for_up_to_two_minutes_ago_and_a_little_again() -> None:
    vendor = Vendor(SPEC, "orders")
    connector = vendor.open()
    cursor = list(connector.pull_orders(None))[-1].next_cursor
    vendor.clock.sleep(300)
    list(connector.pull_orders(cursor))
    first, second = (
        request.url.params["filter"] for request in (vendor.calls[0], vendor.calls[-1])
    )  # fmt: skip
    assert first == "lastmodifieddate:[2026-10-04T11:58:00.000Z..2026-11-03T11:58:00.000Z]"
    assert second == "lastmodifieddate:[2026-11-03T11:48:00.000Z..2026-11-03T12:03:00.000Z]"


def test_a_window_that_shrinks_while_it_is_read_is_read_again_from_its_start() -> None:
    """An order of the first page moved on: with offsets alone the first one of the second page would be skipped."""
    recorded = sample("ebay", "orders")["exchanges"]
    orders = [order for exchange in recorded[:2] for order in exchange["body"]["orders"]]
    state: dict[str, Any] = {"orders": orders, "pages": 0}

    def shrinking(request: httpx.Request, facts: dict[str, Any]) -> httpx.Response | None:
        if is_login(request):
            return None
        state["pages"] += 1
        if state["pages"] == 2:
            state["orders"] = orders[1:]
        start = int(facts["offset"]) // 200 * 2  # the sample's pages hold two orders
        found = state["orders"][start : start + 2]
        body = {"total": len(state["orders"]), "orders": found}
        return httpx.Response(200, json=body | ({"next": "…"} if start + 2 < len(state["orders"]) else {}))

    pages = list(Vendor(SPEC, change=shrinking).open().pull_orders(None))
    seen = {order.order_id for page in pages for order in page.records}
    assert {order["orderId"] for order in orders[1:]} <= seen
    assert [page.next_cursor is None for page in pages] == [True] * (len(pages) - 1) + [False]
    assert [page.more for page in pages] == [True] * (len(pages) - 1) + [False]


def test_a_window_that_never_stops_shrinking_is_transient() -> None:
    left = iter(range(100, 0, -1))

    def melting(request: httpx.Request, _facts: Any) -> httpx.Response | None:
        if is_login(request):
            return None
        order = sample("ebay", "orders")["exchanges"][2]["body"]
        return httpx.Response(200, json={"total": next(left), "orders": [order], "next": "…"})

    with pytest.raises(TransientError, match="shrank"):
        list(Vendor(SPEC, change=melting).open().pull_orders(None))


def test_a_next_page_after_an_empty_one_ends_as_an_error() -> None:
    empty = httpx.Response(200, json={"total": 0, "orders": [], "next": "…"})
    with pytest.raises(ParseFailed, match="paging would not end"):
        list(Vendor(SPEC, change=always_answered(empty)).open().pull_orders(None))


@pytest.mark.parametrize("stream", ["orders", "charges", "messages", "stock", "listings", "returns"])
def test_an_answer_that_does_not_say_that_there_is_nothing_is_an_error(stream: str) -> None:
    """An odd answer must not pass for "nothing happened": the cursor would move on over what did."""
    for odd in (httpx.Response(200, json={}), httpx.Response(200, content=b""), httpx.Response(200, json={"total": 3})):
        with pytest.raises(ParseFailed, match="missing"):
            list(getattr(Vendor(SPEC, change=always_answered(odd)).open(), f"pull_{stream}")(None))
    said = {"total": 0, "paginationOutput": {"totalEntries": 0}}
    nothing = Vendor(SPEC, change=always_answered(httpx.Response(200, json=said)))
    pages = list(getattr(nothing.open(), f"pull_{stream}")(None))
    assert [page.records for page in pages] == [()]
    assert pages[-1].next_cursor is not None


def test_an_order_that_is_not_ours_is_not_found() -> None:
    for refused in (
        httpx.Response(404, json={}),
        httpx.Response(400, json={"errors": [{"errorId": 32100, "message": "Invalid order ID"}]}),
    ):
        with pytest.raises(NotFound):
            Vendor(SPEC, change=always_answered(refused)).open().get_order(OrderId("1"))


def test_no_transactions_are_an_empty_page_that_moves_the_cursor() -> None:
    (page,) = Vendor(SPEC, change=always_answered(httpx.Response(204))).open().pull_charges(None)
    assert page.records == ()
    assert page.next_cursor is not None
    assert json.loads(page.raw) == {}


def test_returns_that_do_not_fit_into_a_page_are_asked_for_in_halves() -> None:
    body = sample("ebay", "returns")["exchanges"][0]["body"]

    def crowded(request: httpx.Request, facts: dict[str, Any]) -> httpx.Response | None:
        if is_login(request):
            return None
        whole = facts["creation_date_range_from"] == "2026-08-05T11:58:00.000Z"
        total = 9 if whole and facts["creation_date_range_to"] == "2026-11-03T11:58:00.000Z" else 4
        return httpx.Response(200, json={**body, "paginationOutput": {"totalEntries": total}})

    vendor = Vendor(SPEC, change=crowded)
    pages = list(vendor.open().pull_returns(None))
    assert [(len(page.records), page.more, page.next_cursor is None) for page in pages] == [
        (4, True, True),
        (4, False, False),
    ]
    windows = [(r.url.params["creation_date_range_from"], r.url.params["creation_date_range_to"]) for r in vendor.calls]
    assert windows[1:] == [
        ("2026-08-05T11:58:00.000Z", "2026-09-19T11:58:00.000Z"),
        ("2026-09-19T11:58:00.000Z", "2026-11-03T11:58:00.000Z"),
    ]


def test_a_full_page_of_returns_without_a_total_counts_as_crowded() -> None:
    (one, *_) = sample("ebay", "returns")["exchanges"][0]["body"]["members"]
    full = httpx.Response(200, json={"members": [one] * 200})
    with pytest.raises(TerminalError, match="more than 200"):
        list(Vendor(SPEC, change=always_answered(full)).open().pull_returns(None))


def test_more_returns_than_a_page_within_a_minute_are_said_not_skipped() -> None:
    full = httpx.Response(200, json={"members": [], "paginationOutput": {"totalEntries": 201}})
    with pytest.raises(TerminalError, match="more than 200"):
        list(Vendor(SPEC, change=always_answered(full)).open().pull_returns(None))


# --- messages and listings ---


def test_a_conversation_that_is_gone_is_set_aside_and_the_others_go_on() -> None:
    def gone(request: httpx.Request, _facts: Any) -> httpx.Response | None:
        return httpx.Response(404, json={}) if request.url.path.endswith("/c1") else None

    pages = list(Vendor(SPEC, "messages", change=gone).open().pull_messages(None))
    assert [message.message_id for page in pages for message in page.records] == ["m4"]
    assert [poison.external_id for page in pages for poison in page.poison] == ["c1"]
    assert pages[-1].next_cursor is not None


def test_messages_know_who_speaks_and_older_ones_are_left_out() -> None:
    found = {m.message_id: m for page in Vendor(SPEC, "messages").open().pull_messages(None) for m in page.records}
    assert {name: m.from_buyer for name, m in found.items()} == {"m1": True, "m2": False, "m3": True, "m4": True}
    assert {m.buyer for m in found.values()} == {"tea_friend_1", "tea_friend_2"}
    assert found["m3"].listing_id == "110000000001"
    assert found["m4"].listing_id is None
    assert "loose" not in repr(found["m1"])
    later = Vendor(SPEC, "messages", at=NOON - timedelta(hours=2)).open()
    cursor = '{"after":"2026-11-02T09:20:00Z"}'
    assert {m.message_id for page in later.pull_messages(cursor) for m in page.records} == {"m3", "m4"}


def test_listings_are_published_offers_and_ended_ones_stay_known() -> None:
    found = {x.sku: x for page in Vendor(SPEC, "listings").open().pull_listings(None) for x in page.records}
    told = {sku: (x.external_id, x.parent_id, x.status, x.condition) for sku, x in found.items()}
    assert told == {
        "TEA-01": ("110000000001", "8001", ListingStatus.ACTIVE, "new"),
        "TEA-02": ("110000000002", "8002", ListingStatus.INACTIVE, "new"),
        "TEA/03": ("8003", "8003", ListingStatus.INACTIVE, "used"),
    }


def test_what_sells_where_the_account_does_not_is_left_out() -> None:
    connector = Vendor(SPEC, "listings").open(MARKETPLACES="EBAY_US")
    assert {x.sku for page in connector.pull_listings(None) for x in page.records} == {"TEA-01", "TEA-02"}


def test_a_pull_reads_some_pages_of_listings_and_the_next_one_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog, "SLICE", 1)
    monkeypatch.setattr(catalog, "AT_ONCE", 2)
    vendor = Vendor(SPEC, "listings")
    connector, cursor, seen = vendor.open(), None, []
    for _ in range(3):
        (page,) = connector.pull_listings(cursor)
        assert page.more is False
        seen.append([listing.sku for listing in page.records])
        cursor = page.next_cursor
    assert seen == [["TEA-01", "TEA-02"], ["TEA/03"], ["TEA-01", "TEA-02"]]
    with pytest.raises(ParseFailed, match="page is not a number"):
        list(connector.pull_listings('{"page":"x"}'))


def test_what_ebay_does_not_have_has_no_live_price_and_no_live_stock() -> None:
    connector = Vendor(SPEC, change=always_answered(httpx.Response(404, json={}))).open()
    assert connector.live_price(Sku("NO"), US) is None
    assert connector.live_stock(Sku("NO"), US, SHIP_TO_HOME) is None
    assert connector.live_stock(Sku("NO"), US, "the moon") is None
    assert Vendor(SPEC, "listings").open().live_price(Sku("TEA/03"), MarketplaceId("EBAY_DE")) is None
    with pytest.raises(TransientError):
        Vendor(SPEC, change=always_answered(httpx.Response(500))).open().live_price(Sku("NO"), US)


# --- writes ---


def test_prices_go_out_together_and_each_has_its_own_answer() -> None:
    refused = {"offerId": "8002", "statusCode": 400, "errors": [{"errorId": 25002, "message": "too low"}]}
    vendor = Vendor(SPEC, change=once_answered(answered({"offerId": "8001", "statusCode": 200}, refused)))
    done, wrong, unsaid = vendor.open().set_prices(changes(700, 300, 990))
    assert (done.external_ref, done.details) == ("8001", {"price": "7.00"})
    assert isinstance(wrong, Rejected)
    assert wrong.issues == ("25002: too low",)
    assert isinstance(unsaid, OutcomeUnknown)
    (call,) = vendor.calls
    sent = json.loads(call.content)["requests"]
    assert sent[0] == {"offers": [{"offerId": "8001", "price": {"currency": "USD", "value": "7.00"}}]}
    assert [one["offers"][0]["offerId"] for one in sent] == ["8001", "8002", "8003"]


def test_what_is_refused_as_a_whole_is_sent_one_by_one() -> None:
    whole = httpx.Response(400, json={"errors": [{"errorId": 25709, "message": "Invalid value"}]})
    alone = (answered({"offerId": "8001", "statusCode": 200}), whole)
    vendor = Vendor(SPEC, change=once_answered(whole, *alone))
    first, second = vendor.open().set_prices(changes(700, 300))
    assert first.external_ref == "8001"
    assert isinstance(second, Rejected)
    assert len(vendor.calls) == 3


def test_prices_that_make_no_sense_stay_here_and_the_others_go() -> None:
    vendor = Vendor(SPEC, "writes")
    wrong, done = vendor.open().set_prices([changes(0)[0], changes(700)[0]])
    assert isinstance(wrong, Rejected)
    assert done.external_ref == "8001"
    unknown = Vendor(SPEC, change=once_answered(httpx.ReadTimeout("slow"))).open().set_prices(changes(1, 2))
    assert [type(answer) for answer in unknown] == [OutcomeUnknown, OutcomeUnknown]


def test_at_most_25_prices_share_a_call() -> None:
    (one,) = changes(700)
    many = [one._replace(idempotency_key=str(n)) for n in range(60)]
    vendor = Vendor(SPEC, "writes")
    assert len(vendor.open().set_prices(many)) == 60
    assert [len(json.loads(call.content)["requests"]) for call in vendor.calls] == [25, 25, 10]
    connector = vendor.open()
    assert connector.reserve_writes(100, wait=True) == 25
    assert connector.shares_call(one.listing) == "bulkUpdatePriceQuantity"
    assert connector.release_writes() is None


@pytest.mark.parametrize(
    "answer",
    [
        answered(status=200),
        answered({"offerId": "8001"}, status=200),
        answered({"offerId": "8001", "statusCode": 500, "errors": 7}),
        answered({"offerId": "8001", "statusCode": "200"}),
        answered({"offerId": "8001", "statusCode": 200, "errors": [{"errorId": 1, "message": "hm"}]}),
        httpx.Response(200, json={"responses": {"odd": 1}}),
        httpx.Response(200, json={}),
    ],
)
def test_an_answer_that_does_not_say_so_leaves_the_outcome_unknown(answer: httpx.Response) -> None:
    one = changes(700)[0]
    with pytest.raises(OutcomeUnknown, match="read back"):
        Vendor(SPEC, change=once_answered(answer)).open().set_price(one.listing, one.price, idempotency_key="k")


def test_stock_is_set_where_ebay_lets_us_and_nowhere_else() -> None:
    vendor = Vendor(SPEC, "stock", "writes")
    connector = vendor.open()
    level = next(iter(connector.pull_stock(None))).records[0]
    assert connector.set_stock(level, 7, idempotency_key="k").details == {"quantity": "7"}
    sent = json.loads(vendor.calls[-1].content)
    assert sent == {"requests": [{"sku": "TEA-01", "shipToLocationAvailability": {"quantity": 7}}]}
    with pytest.raises(Rejected, match="zero or more"):
        connector.set_stock(level, -1, idempotency_key="k")
    with pytest.raises(Rejected, match="ship_to_home"):
        connector.set_stock(replace(level, location="store-1"), 1, idempotency_key="k")


def test_a_listing_without_an_offer_id_is_not_priced() -> None:
    bare = replace(changes(700)[0].listing, parent_id=None)
    with pytest.raises(Rejected, match="no offer id"):
        Vendor(SPEC).open().set_price(bare, Money(700, "USD"), idempotency_key="k")
