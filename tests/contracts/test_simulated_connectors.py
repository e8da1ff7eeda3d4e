"""The real connectors against the simulated market: what they read is the truth, what they write is done."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from simulated_kit import START
from starlette.testclient import TestClient

from ecom_agent.clock import FrozenClock
from ecom_agent.ids import AccountId, MarketplaceId, Sku
from ecom_agent.money import Money
from ecom_agent.records.orders import Order, OrderStatus
from platforms._shared.throttle import Quota
from platforms.amazon.connector import Amazon
from platforms.amazon.settings import AmazonSettings
from platforms.shopify.connector import Shopify
from platforms.shopify.settings import ShopifySettings
from platforms.simulated.credentials import AMAZON_ACCOUNT, SHOP, SHOP_ACCOUNT, demo_environment
from platforms.simulated.servers.app import build
from platforms.simulated.servers.base import official_contracts
from platforms.simulated.simulation import Simulation
from platforms.simulated.wire.offers import MARKETPLACE

REPO = Path(__file__).resolve().parents[2]
SKU = Sku("MUG-STONE-12")


def settings(account: str, url: str) -> dict[str, str]:
    prefix = f"ECOM_{account.upper()}__"
    found = demo_environment(url)
    return {name.removeprefix(prefix).lower(): text for name, text in found.items() if name.startswith(prefix)}


def in_process(client: TestClient) -> httpx.MockTransport:
    """The servers as a transport: no socket between the connector and them."""

    def answer(request: httpx.Request) -> httpx.Response:
        headers = dict(request.headers)
        given = client.request(request.method, str(request.url), headers=headers, content=request.content)
        return httpx.Response(given.status_code, headers=dict(given.headers), content=given.content)

    return httpx.MockTransport(answer)


class Both:
    """Both connectors on one world; their clock moves it, so that waiting for a quota passes its time."""

    def __init__(self, sim: Simulation) -> None:
        self.sim = sim
        self.clock = FrozenClock(START, on_move=sim.advance)
        transport = in_process(TestClient(build(sim, contracts=official_contracts())))
        quota = Quota(self.clock)
        amazon = AmazonSettings(**settings(AMAZON_ACCOUNT, "http://simulated"))  # type: ignore[arg-type]
        shop = ShopifySettings(**settings(SHOP_ACCOUNT, "http://simulated"))  # type: ignore[arg-type]
        self.amazon = Amazon(AccountId(AMAZON_ACCOUNT), amazon, self.clock, quota, transport=transport)
        self.shop = Shopify(AccountId(SHOP_ACCOUNT), shop, self.clock, quota, transport=transport)

    def pass_time(self, **span: float) -> None:
        self.clock.sleep(timedelta(**span).total_seconds())


@pytest.fixture
def both(tmp_path: Path) -> Iterator[Both]:
    sim = Simulation(tmp_path, seed=7, start=START)
    for sku, product in sim.world.products.items():  # low enough to sell
        sim.world.pages[sku].ours.price_minor = round(product.reference_minor * 0.97)
    yield Both(sim)
    sim.close()


def read(connector: Any, cursor: str | None = None) -> tuple[dict[str, Order], str | None]:
    found: dict[str, Order] = {}
    for page in connector.pull_orders(cursor):
        assert not page.poison, page.poison
        found.update({order.order_id: order for order in page.records})
        cursor = page.next_cursor or cursor
    return found, cursor


def test_every_order_arrives_with_its_true_total(both: Both):
    amazon: dict[str, Order] = {}
    shop: dict[str, Order] = {}
    cursors: list[str | None] = [None, None]
    for _ in range(16):
        both.pass_time(minutes=15)
        more, cursors[0] = read(both.amazon, cursors[0])
        amazon.update(more)
        more, cursors[1] = read(both.shop, cursors[1])
        shop.update(more)
    until = both.clock.now() - timedelta(minutes=3)
    truth = {o.order_id: o for o in both.sim.world.ledger.orders.values() if o.updated_at < until}
    assert {i for i, o in truth.items() if o.channel == "amazon"} <= set(amazon)
    assert {i for i, o in truth.items() if o.channel == "shopify"} <= set(shop)
    assert len(amazon) > 30
    assert len(shop) > 20
    for order_id, order in {**amazon, **shop}.items():
        true = both.sim.world.ledger.orders[order_id]
        if order.status is not OrderStatus.PENDING and true.status != "cancelled":
            assert order.total is not None
            assert order.total.minor == true.total_minor
        assert sum(line.quantity for line in order.lines) == sum(line.quantity for line in true.lines)


def test_prices_are_previewed_written_and_read_back(both: Both):
    listings = {item.sku: item for page in both.amazon.pull_listings(None) for item in page.records}
    assert len(listings) == 40
    both.amazon.preview_price(listings[SKU], Money(3210, "USD"))
    both.amazon.set_price(listings[SKU], Money(3199, "USD"), idempotency_key="k")
    both.pass_time(minutes=3)
    assert both.amazon.live_price(SKU, MarketplaceId(MARKETPLACE)) == Money(3199, "USD")
    variants = {item.sku: item for page in both.shop.pull_listings(None) for item in page.records}
    assert 20 < len(variants) < 30
    both.shop.set_price(variants[SKU], Money(3333, "USD"), idempotency_key="k")
    assert both.shop.live_price(SKU, MarketplaceId(SHOP)) == Money(3333, "USD")
    assert [write.preview for write in both.sim.world.ledger.writes] == [True, False, False]


def test_stock_fees_and_offers_are_those_of_the_world(both: Both):
    both.pass_time(hours=1)
    listings = [item for page in both.amazon.pull_listings(None) for item in page.records]
    offers = {s.external_id: s for page in both.amazon.offers(listings[:25]) for s in page.records}
    assert len(offers) == 25
    fees = {q.sku: q for page in both.amazon.fees(listings[:5]) for q in page.records}
    assert len(fees) == 5
    levels = {level.sku: level for page in both.amazon.pull_stock(None) for level in page.records}
    mine = [p for p in both.sim.world.products.values() if p.is_fba]
    assert {p.sku for p in mine} <= set(levels)
    assert all(levels[Sku(p.sku)].fulfillable == both.sim.world.stock[p.sku].fba for p in mine)
    shelf = {level.sku: level for page in both.shop.pull_stock(None) for level in page.records}
    before = shelf[SKU]
    assert before.fulfillable == both.sim.world.stock[SKU].own
    both.shop.set_stock(before, before.fulfillable + 7, idempotency_key="k")
    assert both.shop.live_stock(SKU, MarketplaceId(SHOP), before.location) == before.fulfillable + 7


def test_a_bulk_backfill_gives_what_the_sync_gives(both: Both):
    both.pass_time(hours=3)
    end = both.clock.now()
    synced, _ = read(both.shop)
    backfilled = {order.order_id: order for page in both.shop.bulk_orders(START, end) for order in page.records}
    assert backfilled
    assert {i: o.total for i, o in backfilled.items()} == {i: o.total for i, o in synced.items() if i in backfilled}


@pytest.mark.services
def test_events_arrive_over_a_real_socket(tmp_path: Path):
    command = [sys.executable, "-m", "platforms.simulated", "--data-dir", str(tmp_path), "--seed", "7"]
    process = subprocess.Popen([*command, "--start", START.isoformat()], cwd=REPO, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["url"]
        clock = FrozenClock(START, lambda at: httpx.post(f"{url}/_sim/advance", json={"to": at.isoformat()}))
        given = AmazonSettings(**settings(AMAZON_ACCOUNT, url))  # type: ignore[arg-type]
        amazon = Amazon(AccountId(AMAZON_ACCOUNT), given, clock, Quota(clock))
        assert "ANY_OFFER_CHANGED" in amazon.subscribe()
        clock.sleep(1800)
        heard = 0
        while events := amazon.receive(wait_s=1, most=10):
            assert all(amazon.read_event(event) is not None for event in events)
            amazon.acknowledge(events)
            heard += len(events)
        made = httpx.get(f"{url}/_sim/state").json()["counts"]
        assert heard == made["events_sent"] > 20
        assert made["queue"] == 0
        amazon.close()
    finally:
        process.kill()
        process.wait()
