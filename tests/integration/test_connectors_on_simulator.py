"""The connectors over real sockets, against the simulated market in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from ecom_agent.clock import FrozenClock
from ecom_agent.connector import Page
from ecom_agent.errors import AuthFailed, EcomError, OutcomeUnknown, Rejected
from ecom_agent.ids import AccountId
from ecom_agent.ingest import pull as pulling
from ecom_agent.money import Money
from ecom_agent.records.catalog import ListingStatus
from ecom_agent.records.orders import OrderStatus
from ecom_agent.store.db import Database
from ecom_agent.store.expected_prices import ExpectedPriceStore
from ecom_agent.store.pricing_view import PricingViews
from platforms import registry
from platforms._shared.throttle import Quota
from platforms.simulated.credentials import AMAZON_ACCOUNT, SHOP_ACCOUNT, demo_environment
from platforms.simulated.servers.ebay import credentials as ebay
from platforms.simulated.servers.tiktok import identity as tiktok
from platforms.simulated.servers.walmart import credentials as walmart

pytestmark = pytest.mark.services
START = datetime(2026, 11, 2, 6, 0, tzinfo=UTC)
PLATFORMS = {
    AMAZON_ACCOUNT: "amazon",
    SHOP_ACCOUNT: "shopify",
    tiktok.ACCOUNT: "tiktok_shop",
    ebay.ACCOUNT: "ebay",
    walmart.ACCOUNT: "walmart",
}
OTHERS = (tiktok.environment, ebay.environment, walmart.environment)


class Market:
    """The simulator's address, and a clock that moves it along."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.control = httpx.Client(base_url=f"{url}/_sim", timeout=60)
        self.clock = FrozenClock(datetime.fromisoformat(self.state()["now"]), self._advance)
        self.quota = Quota(self.clock)

    def state(self) -> dict[str, Any]:
        state: dict[str, Any] = self.control.get("/state").raise_for_status().json()
        return state

    def truth(self) -> Any:
        return self.control.get("/truth").raise_for_status().json()

    def faults(self, **chances: float) -> None:
        self.control.post("/faults", json={"chances": chances}).raise_for_status()

    def open(self, account: str, **changed: str) -> Any:
        prefix = f"ECOM_{account.upper()}__"
        given = demo_environment(self.url)
        for environment in OTHERS:
            given |= environment(self.url)
        values = {name.removeprefix(prefix): value for name, value in given.items() if name.startswith(prefix)}
        return registry.open(PLATFORMS[account], AccountId(account), {**values, **changed}, self.clock, self.quota)

    def _advance(self, to: datetime) -> None:
        self.control.post("/advance", json={"to": to.isoformat()}).raise_for_status()


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Market]:
    folder: Path = tmp_path_factory.mktemp("market")
    command = [sys.executable, "-m", "platforms.simulated", "--data-dir", str(folder), "--start", START.isoformat()]
    process = subprocess.Popen([*command, "--faults", "none"], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        ready = process.stdout.readline()
        assert ready, f"the simulator ended with {process.wait()}"
        market = Market(json.loads(ready)["url"])
        market.control.post("/channels", json={"open": ["tiktok", "ebay", "walmart"]}).raise_for_status()
        market.clock.sleep(3 * 3600)
        yield market
    finally:
        process.terminate()
        process.wait(timeout=30)


@pytest.fixture(autouse=True)
def without_faults(market: Market) -> Iterator[None]:
    yield
    market.faults()


def records(pages: Iterator[Page[Any]]) -> list[Any]:
    found = list(pages)
    assert found
    assert found[-1].more is False
    assert [p for page in found for p in page.poison] == []
    assert [name for page in found for name in page.unknown_fields] == []
    return [record for page in found for record in page.records]


@pytest.mark.parametrize("account", PLATFORMS)
def test_everything_can_be_read(market: Market, account: str) -> None:
    connector = market.open(account)
    listings, stock = records(connector.pull_listings(None)), records(connector.pull_stock(None))
    orders = records(connector.pull_orders(None))
    assert listings
    assert {level.sku for level in stock} <= {listing.sku for listing in listings}
    assert stock
    assert orders
    assert all(order.status is not OrderStatus.UNMAPPED for order in orders)
    assert connector.get_order(orders[0].order_id) == orders[0]
    listing, level = listings[0], stock[0]
    assert connector.live_price(listing.sku, listing.marketplace) == listing.price
    assert connector.live_stock(level.sku, level.marketplace, level.location) == level.fulfillable


@pytest.mark.parametrize("account", PLATFORMS)
def test_pulling_again_and_again_sees_every_order(market: Market, account: str) -> None:
    connector = market.open(account)
    seen: dict[str, Any] = {}
    cursor = None
    for _ in range(4):
        for page in connector.pull_orders(cursor):
            seen |= {order.order_id: order for order in page.records}
            cursor = page.next_cursor or cursor
        market.clock.sleep(15 * 60)
    market.clock.sleep(10 * 60)
    seen |= {order.order_id: order for order in records(connector.pull_orders(cursor))}
    whole = {order.order_id: order for order in records(connector.pull_orders(None))}
    assert seen == whole


@pytest.mark.parametrize("account", PLATFORMS)
def test_a_price_is_set_and_read_back(market: Market, account: str) -> None:
    connector = market.open(account)
    listing = next(x for x in records(connector.pull_listings(None)) if x.price is not None)
    wanted = listing.price + Money(1, listing.price.currency)
    assert connector.set_price(listing, wanted, idempotency_key="k1").external_ref
    market.clock.sleep(600)
    assert connector.live_price(listing.sku, listing.marketplace) == wanted
    assert wanted in [x.price for x in records(connector.pull_listings(None)) if x.sku == listing.sku]


@pytest.mark.parametrize("account", PLATFORMS)
def test_wrong_credentials_are_auth_failed(market: Market, account: str) -> None:
    wrong = {
        AMAZON_ACCOUNT: {"CLIENT_SECRET": "not-the-one"},
        SHOP_ACCOUNT: {"ACCESS_TOKEN": "shpat_not_the_one"},
        tiktok.ACCOUNT: {"APP_SECRET": "not-the-one"},
        ebay.ACCOUNT: {"CLIENT_SECRET": "not-the-one"},
        walmart.ACCOUNT: {"CLIENT_SECRET": "not-the-one"},
    }
    with pytest.raises(AuthFailed):
        list(market.open(account, **wrong[account]).pull_orders(None))


def test_amazon_checks_a_price_without_setting_it(market: Market) -> None:
    connector = market.open(AMAZON_ACCOUNT)
    listing = next(x for x in records(connector.pull_listings(None)) if x.price is not None)
    wanted = listing.price + Money(5, listing.price.currency)
    assert connector.preview_price(listing, wanted).details["status"] == "VALID"
    market.clock.sleep(600)
    assert connector.live_price(listing.sku, listing.marketplace) == listing.price


def test_amazon_quotes_fees_and_shows_offers(market: Market) -> None:
    connector = market.open(AMAZON_ACCOUNT)
    listings = [x for x in records(connector.pull_listings(None)) if x.price is not None][:25]
    quotes = records(connector.fees(listings))
    assert {quote.sku for quote in quotes} == {listing.sku for listing in listings}
    assert all(quote.at_price == x.price for quote in quotes for x in listings if x.sku == quote.sku)
    snapshots = records(connector.offers(listings))
    assert {s.external_id for s in snapshots} == {x.external_id for x in listings}
    assert any(offer.is_featured for s in snapshots for offer in s.offers)


def test_amazon_tells_at_or_below_which_price_it_may_feature_our_offer(market: Market) -> None:
    connector = market.open(AMAZON_ACCOUNT)
    listings = [x for x in records(connector.pull_listings(None)) if x.status is ListingStatus.ACTIVE]
    told = {price.sku: price for price in records(connector.expected_prices(listings))}
    assert set(told) == {listing.sku for listing in listings}
    assert any(price.expected is not None and price.competing_landed is not None for price in told.values())
    assert all((price.expected is not None) == (price.status == "VALID_FOEP") for price in told.values())


def test_expected_prices_land_and_are_shown_with_their_listings(market: Market, database: Database) -> None:
    connector, account = market.open(AMAZON_ACCOUNT), AccountId(AMAZON_ACCOUNT)
    pulling.pull("listings", account, connector, database, market.clock)
    report = pulling.pull("expected_prices", account, connector, database, market.clock)
    assert (report.written, report.quarantined) == (report.fetched, 0)
    with database.unit() as unit:
        shown = PricingViews(unit.session, market.clock.now()).listings()
        kept = ExpectedPriceStore(unit.session).all(account, connector.marketplaces[0])
    assert len(kept) == report.written > 0
    assert {x.sku: x.expected_price for x in shown if x.expected_price is not None} == {
        price.sku: price.expected for price in kept if price.expected is not None
    }


@pytest.mark.parametrize("name", [tiktok.ACCOUNT, walmart.ACCOUNT])
def test_what_a_further_channel_tells_lands_whole_and_once(market: Market, database: Database, name: str) -> None:
    connector, account = market.open(name), AccountId(name)
    for stream in ("listings", "stock", "orders"):
        report = pulling.pull(stream, account, connector, database, market.clock)
        assert (report.written, report.quarantined) == (report.fetched, 0)
        assert report.fetched > 0
        again = pulling.pull(stream, account, connector, database, market.clock)
        assert (again.written, again.quarantined) == (0, 0)


def test_walmart_s_buy_box_report_lands_as_offers(market: Market, database: Database) -> None:
    connector, account = market.open(walmart.ACCOUNT), AccountId(walmart.ACCOUNT)
    pulling.pull("listings", account, connector, database, market.clock)
    report = pulling.pull("offers", account, connector, database, market.clock)
    assert (report.written, report.quarantined) == (report.fetched, 0)
    assert report.fetched > 0


def test_amazon_s_notifications_come_through_the_queue(market: Market) -> None:
    connector = market.open(AMAZON_ACCOUNT)
    assert connector.subscribe() == connector.subscribe()
    market.clock.sleep(3600)
    kinds: set[str] = set()
    seen: set[str] = set()
    while events := connector.receive(wait_s=0, most=10):
        for event in events:
            notification = connector.read_event(event)
            assert notification.content is not None
            kinds.add(notification.type)
            seen.add(notification.id)
        connector.acknowledge(events)
    assert "ANY_OFFER_CHANGED" in kinds
    assert len(seen) > 1


def test_shopify_stock_is_swapped_only_where_it_still_is_what_we_saw(market: Market) -> None:
    connector = market.open(SHOP_ACCOUNT)
    level = records(connector.pull_stock(None))[0]
    assert connector.set_stock(level, level.fulfillable + 5, idempotency_key="stock-1").external_ref
    assert connector.live_stock(level.sku, level.marketplace, level.location) == level.fulfillable + 5
    with pytest.raises(Rejected):
        connector.set_stock(level, level.fulfillable + 9, idempotency_key="stock-2")


def test_shopify_s_bulk_file_holds_the_same_orders(market: Market) -> None:
    connector = market.open(SHOP_ACCOUNT)
    pulled = {order.order_id: order for order in records(connector.pull_orders(None))}
    bulk = records(connector.bulk_orders(START - timedelta(days=40), market.clock.now() + timedelta(days=1)))
    assert {order.order_id: order for order in bulk if order.order_id in pulled} == pulled


@pytest.mark.parametrize("account", PLATFORMS)
def test_under_every_fault_reading_ends_in_records_or_a_typed_error(market: Market, account: str) -> None:
    names = list(market.state()["faults"]) or []
    market.control.post("/faults", json={"faults": "all"}).raise_for_status()
    connector = market.open(account)
    outcomes = set()
    for _ in range(8):
        for pull in (connector.pull_orders, connector.pull_listings, connector.pull_stock):
            try:
                outcomes.add("records" if list(pull(None)) else "nothing")
            except EcomError as error:
                outcomes.add(type(error).__name__)
    assert "records" in outcomes, names
    assert "OutcomeUnknown" not in outcomes


def test_a_write_whose_answer_is_lost_is_unknown_and_can_be_read_back(market: Market) -> None:
    connector = market.open(AMAZON_ACCOUNT)
    listing = next(x for x in records(connector.pull_listings(None)) if x.price is not None)
    wanted = listing.price + Money(2, listing.price.currency)
    market.faults(timeout_after_write=1.0)
    with pytest.raises(OutcomeUnknown):
        connector.set_price(listing, wanted, idempotency_key="k9")
    market.faults()
    market.clock.sleep(600)
    assert connector.live_price(listing.sku, listing.marketplace) == wanted
