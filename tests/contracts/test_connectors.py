"""Promises of every connector, over all that the registry finds: a new folder under platforms/ is in here at once."""

from __future__ import annotations

import json
import logging
import pickle
from collections.abc import Collection, Iterator
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from vendor_kit import (
    ACCOUNT,
    NOON,
    Vendor,
    always_answered,
    bodies,
    is_login,
    once_answered,
    sample,
    with_currency,
    without,
)

import platforms
from ecom_agent.clock import FrozenClock
from ecom_agent.connector import Capability, ConnectorSpec, Page
from ecom_agent.errors import (
    AuthFailed,
    ConfigError,
    EcomError,
    OutcomeUnknown,
    PlatformError,
    Rejected,
    TerminalError,
    TransientError,
)
from ecom_agent.ids import AccountId, OrderId
from ecom_agent.money import Money
from ecom_agent.ports import reads, writes
from ecom_agent.records.catalog import Listing
from ecom_agent.records.messages import Message
from ecom_agent.records.orders import OrderStatus
from ecom_agent.telemetry import CALLS
from platforms import registry
from platforms._shared.http import TRIES
from platforms._shared.throttle import PATIENCE_S, Quota

METHODS: dict[Capability, tuple[str, ...]] = {
    Capability.READ_ORDERS: ("pull_orders", "get_order"),
    Capability.READ_RETURNS: ("pull_returns",),
    Capability.READ_CHARGES: ("pull_charges",),
    Capability.READ_MESSAGES: ("pull_messages",),
    Capability.READ_STOCK: ("pull_stock", "live_stock"),
    Capability.READ_LISTINGS: ("pull_listings", "live_price"),
    Capability.READ_OFFERS: ("offers",),
    Capability.READ_FEES: ("fees",),
    Capability.READ_EXPECTED_PRICES: ("expected_prices",),
    Capability.READ_EVENTS: ("subscribe", "receive", "acknowledge"),
    Capability.READ_CAMPAIGNS: ("pull_campaigns", "live_bid"),
    Capability.READ_AD_FIGURES: ("pull_ad_figures",),
    Capability.READ_SEARCH_TERMS: ("pull_search_terms",),
    Capability.BULK_ORDERS: ("bulk_orders",),
    Capability.WRITE_PRICE: ("set_price",),
    Capability.WRITE_STOCK: ("set_stock",),
    Capability.WRITE_BID: ("set_bid",),
    Capability.WRITE_MESSAGE: ("send_message", "said_since"),
    Capability.PREVIEW_PRICE: ("preview_price",),
    Capability.VERIFY_WEBHOOK: ("verify_webhook",),
}
PROTOCOLS: dict[Capability, type] = {
    Capability.READ_ORDERS: reads.PullsOrders,
    Capability.READ_RETURNS: reads.PullsReturns,
    Capability.READ_CHARGES: reads.PullsCharges,
    Capability.READ_MESSAGES: reads.PullsMessages,
    Capability.READ_STOCK: reads.PullsStock,
    Capability.READ_OFFERS: reads.PullsOffers,
    Capability.READ_FEES: reads.PullsFees,
    Capability.READ_EXPECTED_PRICES: reads.PullsExpectedPrices,
    Capability.READ_EVENTS: reads.PullsEvents,
    Capability.READ_CAMPAIGNS: reads.PullsCampaigns,
    Capability.READ_AD_FIGURES: reads.PullsAdFigures,
    Capability.READ_SEARCH_TERMS: reads.PullsSearchTerms,
    Capability.WRITE_PRICE: writes.SetsPrice,
    Capability.WRITE_STOCK: writes.SetsStock,
    Capability.WRITE_BID: writes.SetsBid,
    Capability.WRITE_MESSAGE: writes.SendsMessage,
    Capability.PREVIEW_PRICE: writes.PreviewsPrice,
}
STREAMS = {
    Capability.READ_ORDERS: "orders",
    Capability.READ_RETURNS: "returns",
    Capability.READ_CHARGES: "charges",
    Capability.READ_MESSAGES: "messages",
    Capability.READ_STOCK: "stock",
    Capability.READ_LISTINGS: "listings",
    Capability.READ_OFFERS: "offers",
    Capability.READ_FEES: "fees",
    Capability.READ_EXPECTED_PRICES: "expected_prices",
    Capability.READ_CAMPAIGNS: "campaigns",
    Capability.READ_AD_FIGURES: "ad_figures",
    Capability.READ_SEARCH_TERMS: "search_terms",
}
ADS = ("campaigns", "ad_figures", "search_terms")
PULLED = ("orders", "returns", "charges", "messages", "stock", "listings", *ADS)
"""The streams that have a cursor; the others are asked for listings."""
WITH_MONEY = tuple(stream for stream in STREAMS.values() if stream not in ("stock", "messages"))
TIMES = ("updated_at", "seen_at", "quoted_at", "changed_at", "booked_at", "sent_at", "opened_at", "told_at")
AMOUNTS = ("price", "total", "at_price", "referral", "expected", "competing_landed", "bid", "default_bid")
SPECS = list(registry.specs().values())
OVER_HTTP = [spec for spec in SPECS if sample(spec.name, "account").get("speaks_http", True)]
"""Those that a recorded answer can be given to. Mail keeps the same promises against a server: test_mail_promises."""

every = pytest.mark.parametrize("spec", SPECS, ids=lambda s: s.name)


def streams(*, of: Collection[str] = tuple(STREAMS.values()), unless: str = "") -> Any:
    """Every stream of every connector, or those of these names; but for those its account lists under `unless`."""
    offered = [(s, stream) for s in OVER_HTTP for capability, stream in STREAMS.items() if capability in s.capabilities]
    pairs = [
        (s, stream) for s, stream in offered if stream in of and stream not in sample(s.name, "account").get(unless, ())
    ]
    return pytest.mark.parametrize(("spec", "stream"), pairs, ids=lambda value: getattr(value, "name", value))


unanswered = pytest.mark.parametrize(
    "failure",
    [
        httpx.ReadTimeout("slow"),
        httpx.RemoteProtocolError("cut"),
        httpx.ReadError("reset"),
        httpx.Response(500, json={"errors": [{"message": "inside"}]}),
        httpx.Response(502, text="<html>bad gateway</html>"),
        httpx.Response(200, text="<html>welcome to the hotel</html>"),
    ],
    ids=["timeout", "cut", "reset", "500", "502", "not json"],
)


WRITES = (Capability.WRITE_PRICE, Capability.WRITE_STOCK, Capability.WRITE_MESSAGE)
writing = pytest.mark.parametrize(
    ("spec", "capability"),
    [(spec, capability) for spec in OVER_HTTP for capability in WRITES if capability in spec.capabilities],
    ids=lambda value: getattr(value, "name", value),
)
PRIVATE_WORDS = "Your parcel, Mrs Sample, will be with you on Friday"


def can(*capabilities: Capability) -> Any:
    """Every connector that has all of these."""
    have = [spec for spec in OVER_HTTP if set(capabilities) <= spec.capabilities]
    return pytest.mark.parametrize("spec", have, ids=lambda s: s.name)


def pulled(connector: Any, stream: str, cursor: str | None = None, *, of: Any = None) -> Iterator[Page[Any]]:
    """The pages of a stream; those without a cursor are asked for listings: `of`, else those the connector has."""
    pages: Iterator[Page[Any]]
    if stream in PULLED:
        pages = getattr(connector, f"pull_{stream}")(cursor)
    else:
        pages = getattr(connector, stream)(of or listings_of(connector))
    return pages


def known_listings(spec: ConnectorSpec) -> list[Listing]:
    """What streams are asked about that have no cursor; nothing where a platform has no listings."""
    return listings_of(Vendor(spec, "listings").open()) if Capability.READ_LISTINGS in spec.capabilities else []


def listings_of(connector: Any) -> list[Listing]:
    return [listing for page in connector.pull_listings(None) for listing in page.records]


def a_listing(spec: ConnectorSpec) -> Listing:
    return listings_of(Vendor(spec, "listings").open())[0]


def asked(spec: ConnectorSpec) -> Message:
    """A message of a buyer."""
    pages = Vendor(spec, "messages").open().pull_messages(None)
    return next(message for page in pages for message in page.records if message.from_buyer)


def write(connector: Any, spec: ConnectorSpec, capability: Capability) -> Any:
    """The one write that shows a capability at work."""
    if capability is Capability.WRITE_MESSAGE:
        return connector.send_message(asked(spec), PRIVATE_WORDS, idempotency_key="a" * 64)
    if capability is Capability.WRITE_STOCK:
        levels = [level for page in Vendor(spec, "stock").open().pull_stock(None) for level in page.records]
        level = next(x for x in levels if x.location != "fba")
        return connector.set_stock(level, 7, idempotency_key="a" * 64)
    listing = a_listing(spec)
    assert listing.price is not None
    return connector.set_price(listing, listing.price + Money(16, listing.price.currency), idempotency_key="a" * 64)


# --- what a connector is ---


def test_every_folder_with_a_spec_is_found() -> None:
    folder = Path(platforms.__path__[0])
    cards = {f.parent.name for f in folder.glob("[!_]*/__init__.py") if "SPEC = " in f.read_text("utf-8")}
    assert set(registry.specs()) == cards
    assert {"amazon", "shopify"} <= cards


def test_an_unknown_platform_names_the_known_ones() -> None:
    with pytest.raises(ConfigError, match=r"amazn.*amazon.*shopify"):
        registry.open("amazn", ACCOUNT, {}, FrozenClock(NOON), Quota(FrozenClock(NOON)))


@every
def test_what_is_declared_is_there_and_what_is_not_is_not(spec: ConnectorSpec) -> None:
    connector = Vendor(spec).open()
    for capability, methods in METHODS.items():
        present = [name for name in methods if callable(getattr(connector, name, None))]
        assert present == (list(methods) if capability in spec.capabilities else []), capability


@every
def test_declared_capabilities_fulfil_their_ports(spec: ConnectorSpec) -> None:
    connector = Vendor(spec).open()
    for capability, port in PROTOCOLS.items():
        assert isinstance(connector, port) == (capability in spec.capabilities), capability


@every
def test_opening_calls_nobody(spec: ConnectorSpec) -> None:
    vendor = Vendor(spec)
    vendor.open()
    assert vendor.requests == []


@can()
def test_it_says_where_it_calls_and_what_it_sells_on(spec: ConnectorSpec) -> None:
    """Sandbox mode is told from live mode by these addresses: none may be left out."""
    sells = Capability.READ_LISTINGS in spec.capabilities
    vendor = Vendor(spec, *(("listings", "orders") if sells else ("campaigns",)))
    connector = vendor.open()
    list(pulled(connector, "orders" if sells else "campaigns"))
    hosts = {httpx.URL(url).host for url in connector.base_urls}
    assert {request.url.host for request in vendor.requests} <= hosts
    known = (*spec.live_hosts, *spec.login_hosts)
    assert all(any(host == live or host.endswith(f".{live}") for live in known) for host in hosts)
    assert {listing.marketplace for listing in (listings_of(connector) if sells else ())} <= set(connector.marketplaces)


@every
def test_missing_settings_are_named_as_variables_without_values(spec: ConnectorSpec) -> None:
    given = dict(Vendor(spec).account["settings"])
    secret = Vendor(spec).account["secrets"][0]
    kept = given.pop(secret)
    with pytest.raises(ConfigError) as caught:
        registry.settings(spec.name, AccountId("shop_main"), {**given, "NONSENSE": kept})
    assert f"ECOM_SHOP_MAIN__{secret}" in str(caught.value)
    assert "ECOM_SHOP_MAIN__NONSENSE" in str(caught.value)
    assert not any(value in str(caught.value) for value in (*given.values(), kept))


@every
def test_an_empty_setting_is_a_missing_one(spec: ConnectorSpec) -> None:
    given = {**Vendor(spec).account["settings"], Vendor(spec).account["secrets"][0]: ""}
    with pytest.raises(ConfigError, match="missing"):
        registry.settings(spec.name, ACCOUNT, given)


# --- reading ---


@streams()
def test_records_are_canonical_and_paging_ends(spec: ConnectorSpec, stream: str) -> None:
    pages = list(pulled(Vendor(spec, stream).open(), stream))
    records = [record for page in pages for record in page.records]
    assert records
    assert [page.more for page in pages] == [True] * (len(pages) - 1) + [False]
    assert all(isinstance(page.raw, bytes) and json.loads(page.raw) and page.operation for page in pages)
    for record in records:
        assert record.account == ACCOUNT
        moments = [getattr(record, name) for name in TIMES if hasattr(record, name)]
        assert all(at is None or at.tzinfo is UTC for at in moments)
        prices = [getattr(record, name) for name in AMOUNTS if hasattr(record, name)]
        assert all(price is None or price.minor >= 0 for price in prices)


@streams(of=PULLED, unless="rests")
def test_a_second_pull_from_the_last_cursor_moves_on(spec: ConnectorSpec, stream: str) -> None:
    vendor = Vendor(spec, stream)
    connector = vendor.open()
    last = list(pulled(connector, stream))[-1]
    assert last.next_cursor is not None
    vendor.clock.sleep(300)
    again = list(pulled(connector, stream, last.next_cursor))
    assert again[-1].next_cursor not in (None, last.next_cursor)


@can(Capability.READ_ORDERS)
def test_a_pull_taken_up_at_any_page_loses_no_order(spec: ConnectorSpec) -> None:
    pages = list(Vendor(spec, "orders").open().pull_orders(None))
    everything = {order.order_id for page in pages for order in page.records}
    for stop, page in enumerate(pages):
        before = {order.order_id for p in pages[: stop + 1] for order in p.records}
        taken_up = Vendor(spec, "orders", at=NOON + timedelta(minutes=1)).open()
        after = {order.order_id for p in taken_up.pull_orders(page.next_cursor) for order in p.records}
        assert before | after == everything


@can(Capability.READ_ORDERS)
def test_a_damaged_cursor_is_a_clear_error(spec: ConnectorSpec) -> None:
    with pytest.raises(EcomError, match="cursor"):
        list(Vendor(spec, "orders").open().pull_orders("page 7 please"))


@can(Capability.READ_ORDERS)
def test_a_status_we_do_not_know_is_kept_and_a_new_field_is_reported(spec: ConnectorSpec) -> None:
    pages = list(Vendor(spec, "orders").open().pull_orders(None))
    odd = [order for page in pages for order in page.records if order.status is OrderStatus.UNMAPPED]
    assert [order.status_raw.split("/")[0] for order in odd] == ["ON_THE_MOON"]
    assert any("moonPhase" in name for page in pages for name in page.unknown_fields)


@can(Capability.READ_ORDERS)
def test_one_order_is_the_same_as_in_the_pull(spec: ConnectorSpec) -> None:
    vendor = Vendor(spec, "orders")
    connector = vendor.open()
    one = connector.get_order(OrderId(vendor.account["order_id"]))
    assert one in [order for page in connector.pull_orders(None) for order in page.records]


@streams(of=WITH_MONEY, unless="names_no_currency")
def test_an_unknown_currency_is_set_aside_not_guessed(spec: ConnectorSpec, stream: str) -> None:
    vendor = Vendor(spec, stream)
    bodies(vendor, with_currency("ZZZ"), only=stream)
    pages = list(pulled(vendor.open(), stream, of=known_listings(spec)))
    assert any("ZZZ" in poison.reason for page in pages for poison in page.poison)
    assert not any("ZZZ" in repr(record) for page in pages for record in page.records)


@streams()
def test_a_missing_field_is_poison_with_its_name_and_the_page_goes_on(spec: ConnectorSpec, stream: str) -> None:
    for field in Vendor(spec).account["required"][stream]:
        vendor = Vendor(spec, stream)
        bodies(vendor, without(field), only=stream)
        pages = list(pulled(vendor.open(), stream, of=known_listings(spec)))
        assert any(field in poison.reason for page in pages for poison in page.poison), field
        assert pages[-1].more is False


@can(Capability.READ_LISTINGS)
def test_the_live_price_is_the_one_of_the_listing(spec: ConnectorSpec) -> None:
    listing = a_listing(spec)
    assert Vendor(spec, "listings").open().live_price(listing.sku, listing.marketplace) == listing.price


@can(Capability.READ_STOCK)
def test_the_live_stock_is_the_one_of_the_level(spec: ConnectorSpec) -> None:
    level = next(iter(Vendor(spec, "stock").open().pull_stock(None))).records[0]
    live = Vendor(spec, "stock").open().live_stock(level.sku, level.marketplace, level.location)
    assert live == level.fulfillable


# --- when the outside says no, or nothing ---


@unanswered
@can(Capability.READ_ORDERS)
def test_a_read_without_an_answer_is_tried_again(spec: ConnectorSpec, failure: Any) -> None:
    vendor = Vendor(spec, "orders", change=once_answered(failure, failure))
    assert next(iter(vendor.open().pull_orders(None))).records
    assert vendor.clock.now() > NOON


@unanswered
@can(Capability.READ_ORDERS)
def test_a_read_that_never_gets_an_answer_is_transient_and_bounded(spec: ConnectorSpec, failure: Any) -> None:
    vendor = Vendor(spec, change=always_answered(failure))
    with pytest.raises(TransientError):
        next(iter(vendor.open().pull_orders(None)))
    assert len(vendor.calls) == TRIES
    assert vendor.clock.now() - NOON < timedelta(seconds=PATIENCE_S)


@unanswered
@writing
def test_a_write_without_an_answer_is_of_unknown_outcome_and_not_sent_twice(
    spec: ConnectorSpec, capability: Capability, failure: Any
) -> None:
    vendor = Vendor(spec, change=always_answered(failure))
    with pytest.raises(OutcomeUnknown):
        write(vendor.open(), spec, capability)
    assert len(vendor.calls) == 1


@can(Capability.WRITE_PRICE)
def test_a_write_that_never_left_us_is_only_transient(spec: ConnectorSpec) -> None:
    vendor = Vendor(spec, change=always_answered(httpx.ConnectError("refused")))
    with pytest.raises(TransientError):
        write(vendor.open(), spec, Capability.WRITE_PRICE)


@writing
def test_a_write_comes_back_with_a_receipt(spec: ConnectorSpec, capability: Capability) -> None:
    vendor = Vendor(spec, "writes")
    assert write(vendor.open(), spec, capability).external_ref
    assert len(vendor.calls) == 1


@can(Capability.WRITE_PRICE)
def test_a_refused_price_is_rejected_with_the_words_of_the_platform(spec: ConnectorSpec) -> None:
    with pytest.raises(Rejected) as caught:
        write(Vendor(spec, "refusals").open(), spec, Capability.WRITE_PRICE)
    assert caught.value.issues
    assert caught.value.platform == spec.name


@can(Capability.WRITE_PRICE)
def test_a_price_that_makes_no_sense_is_never_sent(spec: ConnectorSpec) -> None:
    listing = a_listing(spec)
    assert listing.price is not None
    for price in (Money(0, listing.price.currency), Money(-5, listing.price.currency), Money(1230, "ZAR")):
        vendor = Vendor(spec)
        with pytest.raises(Rejected):
            vendor.open().set_price(listing, price, idempotency_key="k")
        assert vendor.requests == []


@can(Capability.WRITE_MESSAGE)
def test_an_answer_stands_in_its_conversation(spec: ConnectorSpec) -> None:
    pages = list(Vendor(spec, "messages").open().pull_messages(None))
    every = [message for page in pages for message in page.records]
    ours = next(message for message in every if not message.from_buyer)
    found = Vendor(spec, "messages").open().said_since(ours.conversation_id, ours.sent_at)
    again = next(message for message in found if message.message_id == ours.message_id)
    assert (again.text, again.from_buyer, again.sent_at) == (ours.text, False, ours.sent_at)
    assert all(message.sent_at >= ours.sent_at for message in found)


@can(Capability.WRITE_MESSAGE)
def test_a_text_that_makes_no_sense_is_never_sent(spec: ConnectorSpec) -> None:
    to, vendor = asked(spec), Vendor(spec)
    connector = vendor.open()
    for text in ("", " \n", "x" * (connector.longest_message + 1)):
        with pytest.raises(Rejected):
            connector.send_message(to, text, idempotency_key="k")
    assert vendor.requests == []


@pytest.mark.parametrize("status", [400, 403, 500])
@can(Capability.WRITE_MESSAGE)
def test_no_refusal_of_a_message_repeats_it(spec: ConnectorSpec, status: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    said = {"errorId": 3, "code": 45101003, "message": f"not allowed: {PRIVATE_WORDS[5:40]}"}
    refusal = httpx.Response(status, json={**said, "errors": [said]})
    with pytest.raises(PlatformError) as caught:
        write(Vendor(spec, change=always_answered(refusal)).open(), spec, Capability.WRITE_MESSAGE)
    told = f"{caught.value} {caught.value!r} {getattr(caught.value, 'issues', ())} {caplog.text}"
    assert "Mrs Sample" not in told
    assert isinstance(caught.value, OutcomeUnknown) == (status == 500)


@can(Capability.READ_ORDERS)
def test_a_refused_token_is_renewed_once_and_then_it_is_auth_failed(spec: ConnectorSpec) -> None:
    vendor = Vendor(spec, "orders", change=always_answered(httpx.Response(401, json={"errors": "no"})))
    with pytest.raises(AuthFailed):
        next(iter(vendor.open().pull_orders(None)))
    if not vendor.account["renews_token"]:
        assert len(vendor.calls) == 1
        return
    assert len(vendor.calls) == 2
    assert sum(map(is_login, vendor.requests)) == 2
    cured = Vendor(spec, "orders", change=once_answered(httpx.Response(401, json={})))
    assert next(iter(cured.open().pull_orders(None))).records


@pytest.mark.parametrize("capability", [Capability.READ_ORDERS, Capability.WRITE_PRICE])
@can(Capability.READ_ORDERS, Capability.WRITE_PRICE)
def test_too_many_calls_are_waited_for(spec: ConnectorSpec, capability: Capability) -> None:
    """A 429 was not done, so a write may be sent again."""
    busy = httpx.Response(429, headers={"Retry-After": "7"}, json={"errors": [{"message": "slow down"}]})
    vendor = Vendor(spec, "orders", "writes", change=once_answered(busy))
    if capability is Capability.READ_ORDERS:
        assert next(iter(vendor.open().pull_orders(None))).records
    else:
        assert write(vendor.open(), spec, capability).external_ref
    assert vendor.clock.now() - NOON >= timedelta(seconds=7)
    assert sum(bucket.throttled for bucket in vendor.quota.snapshot()) == 1


@can(Capability.READ_ORDERS)
def test_too_many_calls_for_too_long_are_transient_with_the_wait(spec: ConnectorSpec) -> None:
    busy = httpx.Response(429, headers={"Retry-After": "3600"}, json={})
    vendor = Vendor(spec, change=always_answered(busy))
    with pytest.raises(TransientError) as caught:
        next(iter(vendor.open().pull_orders(None)))
    assert caught.value.retry_after_s is not None
    assert caught.value.retry_after_s > 3000
    assert len(vendor.calls) <= TRIES
    assert vendor.clock.now() - NOON <= timedelta(seconds=PATIENCE_S)


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, Rejected), (403, AuthFailed), (404, TerminalError), (418, TerminalError), (422, Rejected)],
)
@can(Capability.READ_ORDERS)
def test_refusals_are_typed_and_not_tried_again(spec: ConnectorSpec, status: int, kind: type[TerminalError]) -> None:
    body = {"errors": [{"code": "One", "message": "first"}, {"code": "Two", "message": "second", "details": "more"}]}
    vendor = Vendor(spec, change=always_answered(httpx.Response(status, json=body)))
    with pytest.raises(kind) as caught:
        next(iter(vendor.open().pull_orders(None)))
    assert type(caught.value) is kind
    assert caught.value.status == status
    assert len(caught.value.issues) == 2
    assert len(vendor.calls) == 1
    assert pickle.loads(pickle.dumps(caught.value)).issues == caught.value.issues


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500])
@can(Capability.READ_ORDERS, Capability.WRITE_PRICE)
def test_secrets_never_show(spec: ConnectorSpec, status: int, caplog: pytest.LogCaptureFixture) -> None:
    """Even where the platform repeats them to us."""
    secrets = Vendor(spec).secrets()
    echo = httpx.Response(status, json={"errors": [{"code": "Echo", "message": f"you sent {' and '.join(secrets)}"}]})
    connector = Vendor(spec, change=always_answered(echo)).open()
    shown = [repr(connector), repr(vars(connector)), str(connector)]
    with caplog.at_level(logging.DEBUG):
        for attempt in (
            lambda: next(iter(connector.pull_orders(None))),
            lambda: write(connector, spec, Capability.WRITE_PRICE),
        ):
            with pytest.raises(PlatformError) as caught:
                attempt()
            shown += [str(caught.value), repr(caught.value), repr(vars(caught.value))]
    shown += [record.getMessage() for record in caplog.records]
    for secret in secrets:
        assert not any(secret in text for text in shown), secret[:4]


@can(Capability.READ_ORDERS)
def test_calls_are_counted_and_identify_us(spec: ConnectorSpec) -> None:
    def counted() -> float:
        return sum(
            s.value
            for metric in CALLS.collect()
            for s in metric.samples
            if s.name.endswith("_total") and s.labels["platform"] == spec.name and s.labels["status"] == "200"
        )

    before, vendor = counted(), Vendor(spec, "orders")
    list(vendor.open().pull_orders(None))
    assert counted() - before == len(vendor.requests)
    assert all("ecom-agent" in request.headers["user-agent"] for request in vendor.requests)


@streams()
def test_every_call_has_a_published_rate(spec: ConnectorSpec, stream: str) -> None:
    vendor = Vendor(spec, stream)
    list(pulled(vendor.open(), stream))
    unseeded = {bucket.operation for bucket in vendor.quota.snapshot()} - set(spec.rates)
    assert unseeded <= {"lwaToken"}
