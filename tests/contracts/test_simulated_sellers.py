"""Two sellers behind one address: each with credentials, listings and quotas of its own, told by the credentials."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from simulated_kit import START
from starlette.testclient import TestClient

from ecom_agent.clock import FrozenClock
from ecom_agent.errors import AuthFailed, ConfigError
from ecom_agent.ids import AccountId
from platforms import registry
from platforms._shared.throttle import Quota
from platforms.simulated import credentials as demo
from platforms.simulated import sellers
from platforms.simulated.servers.app import build
from platforms.simulated.servers.ebay import credentials as ebay
from platforms.simulated.servers.tiktok import identity as tiktok
from platforms.simulated.servers.walmart import credentials as walmart
from platforms.simulated.simulation import Simulation
from platforms.simulated.state import CHANNELS

PLATFORMS: Final = {
    demo.AMAZON_ACCOUNT: ("amazon", demo.demo_environment),
    demo.SHOP_ACCOUNT: ("shopify", demo.demo_environment),
    ebay.ACCOUNT: ("ebay", ebay.environment),
    walmart.ACCOUNT: ("walmart", walmart.environment),
    tiktok.ACCOUNT: ("tiktok_shop", tiktok.environment),
}
both = pytest.mark.parametrize("name", PLATFORMS)


class Market:
    """Two worlds of eight simulated hours behind one application."""

    def __init__(self, folder: Path) -> None:
        self.sims = [
            Simulation(folder / str(seller), seed=7 + seller, start=START, seller=seller, products=20)
            for seller in (1, 2)
        ]
        self.client = TestClient(build(self.sims[0], further=self.sims[1:]))
        self.client.post("/_sim/channels", json={"open": list(CHANNELS)}).raise_for_status()
        self.clock = FrozenClock(START, self._advance)

    def _advance(self, to: Any) -> None:
        self.client.post("/_sim/advance", json={"to": to.isoformat()}).raise_for_status()

    def open(self, name: str, seller: int, **changed: str) -> Any:
        platform, environment = PLATFORMS[name]
        account = sellers.account(name, seller)
        return registry.open(
            platform,
            AccountId(account),
            {**fields(environment("http://simulated", seller), account), **changed},
            self.clock,
            Quota(self.clock),
            transport=httpx.MockTransport(self._answer),
        )

    def _answer(self, request: httpx.Request) -> httpx.Response:
        given = self.client.request(
            request.method, str(request.url), headers=dict(request.headers), content=request.content
        )
        return httpx.Response(given.status_code, headers=dict(given.headers), content=given.content)


def fields(environment: Mapping[str, str], account: str) -> dict[str, str]:
    prefix = f"ECOM_{account.upper()}__"
    return {name.removeprefix(prefix): value for name, value in environment.items() if name.startswith(prefix)}


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Market]:
    market = Market(tmp_path_factory.mktemp("sellers"))
    market.clock.sleep(8 * 3600)
    yield market
    for sim in market.sims:
        sim.close()


@both
def test_each_seller_sees_their_own_things(market: Market, name: str) -> None:
    told = []
    for seller, sim in enumerate(market.sims, start=1):
        connector = market.open(name, seller)
        orders = {order.order_id for page in connector.pull_orders(None) for order in page.records}
        prices = {x.sku: x.price for page in connector.pull_listings(None) for x in page.records}
        truth = market.client.get("/_sim/truth", params={"seller": seller}).json()
        there = {order_id for orders_there in truth["orders"].values() for order_id in orders_there}
        assert orders
        assert orders <= there
        assert prices.keys() <= sim.world.products.keys()
        told.append(prices)
    assert told[0] != told[1]


@both
def test_the_names_of_the_sellers_differ(market: Market, name: str) -> None:
    first, second = (fields(PLATFORMS[name][1]("http://x", n), sellers.account(name, n)) for n in (1, 2))
    assert not {"REFRESH_TOKEN", "CLIENT_SECRET", "ACCESS_TOKEN", "SHOP_CIPHER", "SELLER_ID"} & {
        key for key in first if first[key] == second[key]
    }


@both
def test_one_seller_s_secret_does_not_open_the_other_s_door(market: Market, name: str) -> None:
    _platform, environment = PLATFORMS[name]
    first = fields(environment("http://simulated", 1), name)
    secret = next(key for key in ("APP_SECRET", "ACCESS_TOKEN", "CLIENT_SECRET") if key in first)
    with pytest.raises(AuthFailed):
        list(market.open(name, 2, **{secret: first[secret]}).pull_orders(None))


def test_truth_of_a_seller_who_is_not_there(market: Market) -> None:
    assert market.client.get("/_sim/truth", params={"seller": "3"}).status_code == 404


def test_a_folder_is_one_seller_s(tmp_path: Path) -> None:
    Simulation(tmp_path, seed=7, start=START, seller=2, products=5).close()
    with pytest.raises(ConfigError, match="seller 2"):
        Simulation(tmp_path, seed=7, start=START, products=5)
    again = Simulation(tmp_path, seed=7, start=START, seller=2, products=5)
    assert len(again.world.products) == 5
    again.close()
