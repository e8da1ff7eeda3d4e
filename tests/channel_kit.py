"""A simulated world with one further sales channel: commands to try on it, or a real connector before its server."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any

import httpx
from simulated_kit import START
from starlette.testclient import TestClient

from ecom_agent.clock import FrozenClock
from ecom_agent.ids import AccountId
from platforms import registry
from platforms._shared.throttle import Quota
from platforms.simulated.channels.model import Channel, Sale
from platforms.simulated.commands import COMMANDS
from platforms.simulated.servers.app import build
from platforms.simulated.servers.base import DroppedConnection, official_contracts
from platforms.simulated.simulation import Simulation
from platforms.simulated.state import EBAY
from platforms.simulated.world import World


class Seller:
    """A world with one open channel and nothing else (which makes days pass quickly), and commands by name."""

    def __init__(self, name: str = EBAY) -> None:
        self.name, self.world = name, World(7, START)
        self.world.pages.clear()
        self.world.shop.clear()
        self.do("channel_open")

    @property
    def channel(self) -> Channel:
        return self.world.channels[self.name]

    def do(self, command: str, **given: Any) -> Any:
        return COMMANDS[command](self.world, channel=self.name, **given)

    def live(self, **span: float) -> None:
        self.world.advance(self.world.now + timedelta(**span))

    def until(self, fits: Callable[[Sale], bool]) -> Sale:
        """Let time pass until an order fits."""
        for _ in range(400):
            found = next((sale for sale in self.channel.sales.values() if fits(sale)), None)
            if found:
                return found
            self.live(minutes=15)
        raise AssertionError("no such order")


def next_command(channel: Channel, dice: random.Random) -> tuple[str, dict[str, Any]]:
    """A command that a server could send now, drawn from what there is."""
    item = dice.choice(list(channel.items.values()))
    possible: list[tuple[str, dict[str, Any]]] = [
        ("channel_price", {"sku": item.sku, "price_minor": dice.randrange(1000, 5000), "preview": dice.random() < 0.2}),
        ("channel_quantity", {"sku": item.sku, "quantity": dice.choice((None, 0, 3, 40))}),
        ("channel_status", {"sku": item.sku, "status": dice.choice(("active", "ended"))}),
        ("channel_keep", {"key": f"feed/{dice.randrange(3)}", "value": dice.choice((None, {"lines": [1, 2]}))}),
        ("channel_listen", {"topic": "ORDERS", "kinds": ["order_created", "refund_made"], "url": "https://x.example"}),
        ("channel_unlisten", {"number": dice.randrange(1, 5)}),
        ("channel_delivered", {"number": dice.randrange(1, 50)}),
    ]
    if channel.sales:
        sale = dice.choice(list(channel.sales.values())[-4:])
        line = dice.choice(sale.lines).number
        number = {"sale": sale.number}
        possible += [
            ("channel_acknowledge", number),
            ("channel_ship", {**number, "carrier": "UPS", "tracking": "1Z", "lines": [[line, 1]]}),
            ("channel_cancel", {**number, "reason": "no_stock", "lines": [[line, 1]]}),
            ("channel_refund", {**number, "amounts": [[line, dice.randrange(1, 900)]], "reason": "goodwill"}),
            ("channel_message", {**number, "text": "Guten Tag, 您好"}),
        ]
    if channel.threads:
        possible.append(("channel_read", {"thread": dice.choice(list(channel.threads))}))
    if channel.returns:
        back = {"number": dice.choice(list(channel.returns))}
        possible += [("channel_return_answer", {**back, "approve": True}), ("channel_return_received", back)]
    return dice.choice(possible)


class Wired:
    """A connector and the simulated server of its world, without a socket between them.

    Waiting for a quota passes the world's time. `heard` gets every request with its answer.
    """

    def __init__(self, sim: Simulation, platform: str, channel: str, account: str, values: Mapping[str, str]) -> None:
        self.sim, self.platform, self.name, self.account = sim, platform, channel, AccountId(account)
        self._values = values
        self.contracts = official_contracts()
        self.clock = FrozenClock(START, on_move=sim.advance)
        self.client = TestClient(build(sim, contracts=self.contracts))
        self.connector = self.open()

    def open(self, **changed: str) -> Any:
        transport, quota = httpx.MockTransport(self._answer), Quota(self.clock)
        values = {**self._values, **changed}
        return registry.open(self.platform, self.account, values, self.clock, quota, transport=transport)

    def heard(self, request: httpx.Request, answer: httpx.Response) -> None:
        """For who listens."""

    @property
    def channel(self) -> Any:
        return self.sim.world.channels[self.name]

    def pass_time(self, **span: float) -> None:
        self.clock.sleep(timedelta(**span).total_seconds())

    def fault(self, **chances: float) -> None:
        self.sim.do("faults", chances=chances)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        try:
            given = self.client.request(
                request.method, str(request.url), headers=dict(request.headers), content=request.content
            )
        except DroppedConnection:
            raise httpx.RemoteProtocolError("dropped") from None
        answer = httpx.Response(given.status_code, headers=dict(given.headers), content=given.content)
        self.heard(request, answer)
        return answer


def fields(environment: Mapping[str, str], account: str) -> dict[str, str]:
    """An account's settings out of its ECOM_… variables."""
    prefix = f"ECOM_{account.upper()}__"
    return {name.removeprefix(prefix): text for name, text in environment.items() if name.startswith(prefix)}


def read(pages: Iterable[Any]) -> list[Any]:
    """All records; none was set aside and no field was new to us."""
    found = list(pages)
    assert [poison for page in found for poison in page.poison] == []
    assert [name for page in found for name in page.unknown_fields] == []
    assert found[-1].more is False
    return [record for page in found for record in page.records]
