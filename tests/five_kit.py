"""Connectors of up to five platforms over one simulated world, without a socket between; what passes can be twisted."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import httpx
from simulated_kit import START
from starlette.testclient import TestClient

from ecom_agent.clock import FrozenClock
from ecom_agent.ids import AccountId
from platforms import registry
from platforms._shared.throttle import Quota
from platforms.simulated.channels import constants
from platforms.simulated.credentials import AMAZON_ACCOUNT, SHOP_ACCOUNT, demo_environment
from platforms.simulated.servers.app import build
from platforms.simulated.servers.ebay import credentials as ebay
from platforms.simulated.servers.tiktok import identity as tiktok
from platforms.simulated.servers.walmart import credentials as walmart
from platforms.simulated.simulation import Simulation
from platforms.simulated.state import EBAY, TIKTOK, WALMART

Twist = Callable[[httpx.Request, httpx.Response], httpx.Response | None]
CHANNELS: Final[Mapping[str, tuple[str, Any]]] = {
    "ebay": (EBAY, ebay), "walmart": (WALMART, walmart), "tiktok_shop": (TIKTOK, tiktok),
}  # fmt: skip
_HOSTED: Final = {"amazon": AMAZON_ACCOUNT, "shopify": SHOP_ACCOUNT}
_URL: Final = "http://simulated"


class Five:
    """`requests` are all that were sent; `twist` may put another answer in the place of the server's (None: not)."""

    def __init__(self, sim: Simulation, names: Sequence[str]) -> None:
        self.sim, self.clock = sim, FrozenClock(START, on_move=sim.advance)
        self.requests: list[httpx.Request] = []
        self.twist: Twist | None = None
        self.quota = Quota(self.clock)
        self._client = TestClient(build(sim))
        self.connectors = {name: self._open(name) for name in names}

    def pass_time(self, **span: float) -> None:
        self.clock.sleep(timedelta(**span).total_seconds())

    def sent(self, path_ends: str) -> list[httpx.Request]:
        return [request for request in self.requests if request.url.path.endswith(path_ends)]

    def _open(self, name: str) -> Any:
        environment = demo_environment(_URL) if name in _HOSTED else CHANNELS[name][1].environment(_URL)
        prefix = f"ECOM_{account(name).upper()}__"
        values = {k.removeprefix(prefix): v for k, v in environment.items() if k.startswith(prefix)}
        transport = httpx.MockTransport(self._answer)
        return registry.open(name, account(name), values, self.clock, self.quota, transport=transport)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        given = self._client.request(
            request.method, str(request.url), headers=dict(request.headers), content=request.content
        )
        answer = httpx.Response(given.status_code, headers=dict(given.headers), content=given.content)
        return (self.twist(request, answer) if self.twist else None) or answer


def account(name: str) -> AccountId:
    return AccountId(_HOSTED[name] if name in _HOSTED else CHANNELS[name][1].ACCOUNT)


@contextmanager
def channels(folder: Path, days: float = 1) -> Iterator[Five]:
    """eBay, Walmart and TikTok Shop after some days, with payouts twice a day; nothing else in the world."""
    sim = Simulation(folder, seed=7, start=START)
    sim.world.pages.clear()
    sim.world.shop.clear()
    payouts = constants.PAYOUT_EVERY_S
    constants.PAYOUT_EVERY_S = dict.fromkeys((EBAY, WALMART, TIKTOK), 43200)  # type: ignore[misc]  # sooner
    try:
        for channel, _ in CHANNELS.values():
            sim.do("channel_open", channel=channel)
        five = Five(sim, tuple(CHANNELS))
        five.pass_time(days=days)
        yield five
    finally:
        constants.PAYOUT_EVERY_S = payouts  # type: ignore[misc]
        sim.close()


@contextmanager
def hosts(folder: Path, hours: float = 3) -> Iterator[Five]:
    """Amazon and Shopify after some hours of good sales."""
    sim = Simulation(folder, seed=7, start=START)
    for sku, product in sim.world.products.items():  # low enough to sell
        sim.world.pages[sku].ours.price_minor = round(product.reference_minor * 0.97)
    five = Five(sim, tuple(_HOSTED))
    five.pass_time(hours=hours)
    yield five
    sim.close()


def with_body(answer: httpx.Response, change: Callable[[Any], Any]) -> httpx.Response:
    """The same answer with its JSON changed."""
    body = change(json.loads(answer.content))
    return httpx.Response(answer.status_code, json=body)
