"""Fifteen ways in which public connectors lose, double or regress rows: each is a test, named after its class.

Real connectors over the simulated servers, a real database; what goes wrong is put between the two. Each docstring
says what breaks it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from five_kit import CHANNELS, Five, account, channels, hosts, with_body
from simulated_kit import START
from store_kit import T0, US, a_line, a_listing, an_order, at

from ecom_agent.connector import Page
from ecom_agent.errors import ParseFailed, TransientError
from ecom_agent.ids import AccountId
from ecom_agent.ingest.land import land_page
from ecom_agent.ingest.pull import pull, pull_pages
from ecom_agent.records.catalog import ListingStatus
from ecom_agent.records.finance import Charge
from ecom_agent.records.orders import Order, OrderStatus
from ecom_agent.store.catalog import ListingStore
from ecom_agent.store.charges import ChargeStore
from ecom_agent.store.db import Database
from ecom_agent.store.line import driver
from ecom_agent.store.orders import OrderStore
from ecom_agent.store.pulls import CursorStore
from ecom_agent.store.quarantine import QuarantineStore

pytestmark = pytest.mark.services
OVER_TIME = ("ebay", "walmart", "tiktok_shop")
each_channel = pytest.mark.parametrize("name", OVER_TIME)
SEARCHES = {"ebay": "/fulfillment/v1/order", "walmart": "/v3/orders", "tiktok_shop": "/orders/search"}
ROWS = {
    "ebay": lambda body: body["orders"],
    "walmart": lambda body: body["list"]["elements"]["order"],
    "tiktok_shop": lambda body: body["data"]["orders"],
}
IDS = {"ebay": "orderId", "walmart": "purchaseOrderId", "tiktok_shop": "id"}


@pytest.fixture(scope="module")
def channel_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Five]:
    with channels(tmp_path_factory.mktemp("five")) as five:
        yield five


@pytest.fixture
def five(channel_world: Five) -> Iterator[Five]:
    channel_world.requests.clear()
    yield channel_world
    channel_world.twist = None


@pytest.fixture(scope="module")
def host_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Five]:
    with hosts(tmp_path_factory.mktemp("hosts")) as five:
        yield five


@pytest.fixture
def two(host_world: Five) -> Iterator[Five]:
    host_world.requests.clear()
    yield host_world
    host_world.twist = None


def orders(database: Database, name: str) -> dict[str, Order]:
    with database.unit() as unit:
        found = OrderStore(unit.session).purchased_between(
            account(name), START - timedelta(days=9), START + timedelta(days=99)
        )
    return {order.order_id: order for order in found}


def cursor(database: Database, name: str, stream: str = "orders") -> str | None:
    with database.unit() as unit:
        return CursorStore(unit.session).get(account(name), stream)


def bring(five: Five, database: Database, name: str, stream: str = "orders") -> Any:
    return pull(stream, account(name), five.connectors[name], database, five.clock)


def told(five: Five, name: str) -> dict[str, Order]:
    """Every order that the platform tells now."""
    pages = five.connectors[name].pull_orders(None)
    return {order.order_id: order for page in pages for order in page.records}


def is_search(request: httpx.Request, name: str) -> bool:
    return request.url.path.endswith(SEARCHES[name])


def test_01_state_does_not_advance_past_a_dropped_bulk_result(two: Five, database: Database) -> None:
    """Breaks where a bulk file that ends in the middle counts as read: rows after the cut would never come."""
    end, shop = two.clock.now(), two.connectors["shopify"]
    lines = 0

    def torn(request: httpx.Request, answer: httpx.Response) -> httpx.Response | None:
        nonlocal lines
        if not answer.content.startswith(b'{"id":"gid://shopify/Order'):
            return None
        lines = answer.content.count(b"\n")
        return httpx.Response(200, content=answer.content[: len(answer.content) // 2])

    def load() -> Any:
        name = "backfill:orders:torn"
        return pull_pages(name, account("shopify"), lambda _at: shop.bulk_orders(START, end), database, two.clock)

    two.twist = torn
    with pytest.raises(ParseFailed, match="cut off"):
        load()
    assert lines > 20
    assert cursor(database, "shopify", "backfill:orders:torn") is None
    two.twist = None
    load()
    wanted = {order.order_id for page in shop.bulk_orders(START, end) for order in page.records}
    assert set(orders(database, "shopify")) == wanted


@each_channel
def test_02_a_server_error_skips_no_slice(five: Five, database: Database, name: str) -> None:
    """Breaks where a connector goes on with the next slice after a 5xx, or a run that failed moves its cursor."""
    calls = 0

    def failing(request: httpx.Request, answer: httpx.Response) -> httpx.Response | None:
        nonlocal calls
        if not is_search(request, name):
            return None
        calls += 1
        return httpx.Response(503, json={}) if calls > 1 or name == "ebay" else None

    five.twist = failing
    with pytest.raises(TransientError):
        bring(five, database, name)
    assert calls > 1
    five.twist = None
    bring(five, database, name)
    assert orders(database, name).keys() == told(five, name).keys()


@each_channel
def test_03_the_cursor_is_never_the_end_of_what_was_asked_for(five: Five, database: Database, name: str) -> None:
    """Breaks where the next pull begins at this one's end: what the search shows late would be lost."""
    bring(five, database, name)
    five.pass_time(hours=3)
    (late, *_) = sorted(
        (order for order in told(five, name).values() if order.order_id not in orders(database, name)),
        key=lambda order: order.updated_at,
        reverse=True,
    )

    def slow_index(request: httpx.Request, answer: httpx.Response) -> httpx.Response | None:
        """The search does not show the newest order yet."""
        if not is_search(request, name):
            return None

        def hide(body: Any) -> Any:
            rows = ROWS[name](body)
            rows[:] = [row for row in rows if row[IDS[name]] != late.order_id]
            return body

        return with_body(answer, hide)

    five.twist = slow_index
    bring(five, database, name)
    assert late.order_id not in orders(database, name)
    five.twist = None
    bring(five, database, name)
    assert late.order_id in orders(database, name)


def test_04_figures_that_come_late_are_fetched_again(five: Five, database: Database) -> None:
    """Breaks without a look-back: a transaction is booked at once and learns its payout half a day later."""

    def booked() -> list[Charge]:
        with database.unit() as unit:
            span = (START, START + timedelta(days=99))
            return list(ChargeStore(unit.session).booked_between(account("ebay"), *span))

    bring(five, database, "ebay", "charges")
    open_ids = {charge.charge_id for charge in booked() if charge.settlement_id is None}
    assert open_ids
    five.pass_time(hours=14)
    bring(five, database, "ebay", "charges")
    settled = {charge.charge_id for charge in booked() if charge.settlement_id is not None}
    assert open_ids <= settled


def test_05_nothing_is_asked_for_too_close_to_now(two: Five, database: Database) -> None:
    """Breaks where the upper end is now: Amazon refuses one that is younger than two minutes with a 400."""
    bring(two, database, "amazon")
    asked = [request.url.params["lastUpdatedBefore"] for request in two.sent("/2026-01-01/orders")]
    assert asked
    newest = two.clock.now() - timedelta(minutes=2)
    assert all(datetime.fromisoformat(upper) <= newest for upper in asked)


def test_06_the_key_is_whole_so_no_rows_collapse(database: Database) -> None:
    """Breaks with a key of the order's or the line's id alone: two accounts, and two orders, use the same ids."""
    here, there = US, AccountId("ebay_us")
    for where in (here, there):
        made = tuple(an_order(name, account=where, lines=(a_line("1"), a_line("2"))) for name in ("same", "other"))
        page: Page[Order] = Page(made, None, False, "search", where.encode())
        with database.unit() as unit:
            assert land_page(unit.session, where, "orders", page, at=T0).written == 2
    with database.unit() as unit:
        counted = driver(unit.session).execute("SELECT (SELECT count(*) FROM orders), count(*) FROM order_line")
        assert counted.fetchone() == (4, 8)


def test_07_what_was_taken_away_later_goes_here_too(two: Five, database: Database) -> None:
    """Breaks where rows are only ever added: a line taken off an order, and a listing that a whole sweep misses."""
    full = an_order("cut", lines=(a_line("1"), a_line("2")))
    with database.unit() as unit:
        for version in (full, replace(full, lines=(a_line("2"),), updated_at=at(1))):
            OrderStore(unit.session).upsert([version], seen_at=T0)
        kept = OrderStore(unit.session).get(US, full.order_id)
    assert kept is not None
    assert [line.line_id for line in kept.lines] == ["2"]

    shop = account("shopify")
    with database.unit() as unit:
        stale = replace(
            a_listing("GONE-01", account=shop), updated_at=None, seen_at=two.clock.now() - timedelta(hours=1)
        )
        ListingStore(unit.session).upsert([stale])
    bring(two, database, "shopify", "listings")
    with database.unit() as unit:
        found = {listing.sku: listing.status for listing in ListingStore(unit.session).all(shop)}
    assert found.pop(stale.sku) is ListingStatus.DELETED
    assert ListingStatus.DELETED not in found.values()
    assert len(found) > 20


@each_channel
def test_08_what_comes_twice_stays_one_row(five: Five, database: Database, name: str) -> None:
    """Breaks where overlaps append: the same window twice, then one order alone as a webhook would bring it."""
    first = bring(five, database, name)
    before = orders(database, name)
    with database.unit() as unit:
        driver(unit.session).execute("DELETE FROM stream_cursor")
    again = bring(five, database, name)
    assert first.written > 20
    assert again.written == 0
    one = five.connectors[name].get_order(next(iter(before)))
    with database.unit() as unit:
        page: Page[Order] = Page((one,), None, False, "webhook", b"{}")
        assert land_page(unit.session, account(name), "webhooks", page, at=five.clock.now()).written == 0
    assert orders(database, name) == before


def test_09_the_cursor_follows_what_the_source_covered_not_what_was_asked(two: Five, database: Database) -> None:
    """Breaks where the request's own upper end becomes the cursor: Amazon may have covered less of it."""
    covered = (two.clock.now() - timedelta(hours=1)).replace(microsecond=0)

    def less(request: httpx.Request, answer: httpx.Response) -> httpx.Response | None:
        if not request.url.path.endswith("/2026-01-01/orders"):
            return None
        return with_body(answer, lambda body: {**body, "lastUpdatedBefore": covered.isoformat()})

    two.twist = less
    bring(two, database, "amazon")
    after = datetime.fromisoformat(json.loads(cursor(database, "amazon") or "{}")["after"])
    assert after <= covered


@each_channel
def test_10_a_start_date_is_heeded(five: Five, database: Database, name: str) -> None:
    """Breaks where a span's first moment is not sent, or its end: all of the past would come each time."""
    start, end = five.clock.now() - timedelta(hours=12), five.clock.now() - timedelta(hours=6)
    connector, name_of_cursor = five.connectors[name], "backfill:orders:some"
    span = connector.span_cursor("orders", start, end)

    def pages(at: str | None) -> Any:
        return connector.pull_orders(at or span)

    report = pull_pages(name_of_cursor, account(name), pages, database, five.clock)
    found = orders(database, name)
    wanted = {key: order for key, order in told(five, name).items() if start <= order.updated_at < end}
    assert wanted
    assert found == wanted
    assert report.fetched < len(told(five, name))


@each_channel
def test_11_what_changes_while_pages_are_read_is_not_missed(five: Five, database: Database, name: str) -> None:
    """Breaks with paging by place over a set that moves: an order that changes moves the others up by one."""
    moved = 0

    def meanwhile(request: httpx.Request, answer: httpx.Response) -> httpx.Response | None:
        nonlocal moved
        if is_search(request, name) and moved < 3:
            moved += 1
            five.pass_time(minutes=40)
        return None

    five.twist = meanwhile
    bring(five, database, name)
    five.twist = None
    assert moved
    bring(five, database, name)
    wanted = told(five, name)
    assert orders(database, name) == wanted


@each_channel
def test_12_what_is_remembered_between_runs_stays_small(five: Five, database: Database, name: str) -> None:
    """Breaks where the ids or hashes of the boundary's rows are kept in the cursor: it grows with every run."""
    sizes = []
    for _ in range(6):
        bring(five, database, name)
        sizes.append(len(cursor(database, name) or ""))
        five.pass_time(minutes=30)
    assert max(sizes) == min(sizes) < 100


def test_13_a_report_under_way_is_not_asked_for_again(five: Five, database: Database) -> None:
    """Breaks where each try creates a report: Walmart lets few be made, and a retry would never get its own."""

    def unfinished(request: httpx.Request, answer: httpx.Response) -> httpx.Response | None:
        if "reportRequests" not in request.url.path or request.method != "GET":
            return None

        def begun(body: Any) -> Any:
            for one in body.get("requests", [body]):
                one["requestStatus"] = "INPROGRESS"
            return body

        return with_body(answer, begun) if answer.is_success else None

    bring(five, database, "walmart", "listings")
    five.twist = unfinished
    for _ in range(3):
        bring(five, database, "walmart", "offers")
        five.pass_time(minutes=5)
    assert len([r for r in five.sent("/reportRequests") if r.method == "POST"]) == 1
    five.twist = None
    assert bring(five, database, "walmart", "offers").written > 0
    assert len([r for r in five.sent("/reportRequests") if r.method == "POST"]) == 1


@each_channel
def test_14_one_bad_order_stops_nothing_and_no_status_is_hidden(five: Five, database: Database, name: str) -> None:
    """Breaks where a page fails as a whole, or the search is left to its default filter of statuses."""
    spoilt: list[str] = []

    def poison(request: httpx.Request, answer: httpx.Response) -> httpx.Response | None:
        if not is_search(request, name) or spoilt:
            return None

        def spoil(body: Any) -> Any:
            rows = ROWS[name](body)
            if rows:
                spoilt.append(rows[0][IDS[name]])
                rows[0] = {IDS[name]: rows[0][IDS[name]]}
            return body

        return with_body(answer, spoil) if answer.content else None

    five.twist = poison
    report = bring(five, database, name)
    five.twist = None
    assert (report.quarantined, len(spoilt)) == (1, 1)
    found, wanted = orders(database, name), told(five, name)
    assert found.keys() == wanted.keys()  # its window was read again at once
    with database.unit() as unit:
        assert QuarantineStore(unit.session).open() == []
    settled = five.clock.now() - timedelta(minutes=5)  # eBay shows nothing of the last two minutes
    sales = five.sim.world.channels[CHANNELS[name][0]].sales.values()
    assert len([o for o in wanted.values() if o.purchased_at < settled]) == len(
        [sale for sale in sales if sale.created_at < settled]
    )  # of every status
    assert len({order.status for order in wanted.values()} - {OrderStatus.UNMAPPED}) > 1


@each_channel
def test_15_the_next_pull_brings_what_is_new_and_little_else(five: Five, database: Database, name: str) -> None:
    """Breaks where the cursor is not used: every run would read the whole past again."""
    first = bring(five, database, name)
    five.pass_time(minutes=5)
    second = bring(five, database, name)
    assert first.fetched > 40
    assert second.fetched < first.fetched / 3
