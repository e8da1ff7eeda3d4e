"""Promises of every connector, over all that the registry finds: a new folder under platforms/ is in here at once.

What it is and what it reads; what happens where the outside says no stands in `test_connectors_refused.py`.
"""

from __future__ import annotations

import json
from datetime import UTC, timedelta
from pathlib import Path

import httpx
import pytest
from connector_kit import (
    AMOUNTS,
    PULLED,
    TIMES,
    WITH_MONEY,
    a_listing,
    can,
    every,
    known_listings,
    listings_of,
    pulled,
    streams,
)
from vendor_kit import ACCOUNT, NOON, Vendor, bodies, with_currency, without

import platforms
from ecom_agent.clock import FrozenClock
from ecom_agent.connector import Capability, ConnectorSpec
from ecom_agent.errors import ConfigError, EcomError
from ecom_agent.ids import AccountId, OrderId
from ecom_agent.ports import reads, writes
from ecom_agent.records.orders import OrderStatus
from platforms import registry
from platforms._shared.throttle import Quota

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
