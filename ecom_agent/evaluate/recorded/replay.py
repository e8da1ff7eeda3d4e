"""Recorded orders through a simulated channel, week by week: served on its wire, pulled as sync does, then summed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import httpx
import psycopg
from starlette.testclient import TestClient

from ecom_agent.clock import FrozenClock
from ecom_agent.evaluate.recorded.sources import Recorded, Sums
from ecom_agent.evaluate.sync.life import VAULT
from ecom_agent.ids import AccountId
from ecom_agent.ingest.pull import pull
from ecom_agent.store.db import Database
from platforms import registry
from platforms._shared.throttle import Quota
from platforms.simulated.accounts import accounts
from platforms.simulated.recorded import InCurrency, RecordedOrder, empty, in_shop, on_channel
from platforms.simulated.servers.app import build
from platforms.simulated.simulation import Simulation

WEEK: Final = timedelta(days=7)
SETTLED: Final = timedelta(minutes=5)
"""After a week's last order, longer than the two connectors lag behind. A week lasts on until nothing comes as long."""
_URL: Final = "http://recorded"


@dataclass(frozen=True, slots=True)
class Replay:
    """Which platform serves the orders, and in which currency."""

    platform: str
    currency: str

    def run(self, recorded: Recorded, database: Database, folder: Path, tell: Callable[[str], None]) -> str:
        """Let all orders come in and pull them; gives the account's name in the database."""
        weeks = _weeks(recorded.orders)
        first = weeks[0][0]
        sim = Simulation(folder, seed=7, start=first)
        empty(sim.world)
        account = accounts(_URL, (self.platform,))[0]
        clock = FrozenClock(first, on_move=sim.world.skip)
        client = TestClient(InCurrency(build(sim), self.currency))
        transport = httpx.MockTransport(lambda request: _answer(client, request))
        name = AccountId(account.name)
        connector = registry.open(self.platform, name, account.values, clock, Quota(clock), transport=transport)
        try:
            for number, (_, orders) in enumerate(weeks, start=1):
                if self.platform == "shopify":
                    in_shop(sim.world, orders)
                else:
                    on_channel(sim.world, account.channel, orders)
                clock.move_to(max(clock.now(), orders[-1].at + SETTLED))
                pull("orders", name, connector, database, clock, VAULT)
                tell(f"{self.platform}: week {number} of {len(weeks)}")
        finally:
            connector.close()
            sim.close()
        return account.name


def _weeks(orders: list[RecordedOrder]) -> list[tuple[datetime, list[RecordedOrder]]]:
    """Weeks with orders in them, oldest first, each from its first order on."""
    found: list[tuple[datetime, list[RecordedOrder]]] = []
    for order in orders:
        if not found or (order.at >= found[-1][0] + WEEK and order.at > found[-1][1][-1].at + 2 * SETTLED):
            found.append((order.at, []))
        found[-1][1].append(order)
    return found


def _answer(client: TestClient, request: httpx.Request) -> httpx.Response:
    headers = dict(request.headers)
    given = client.request(request.method, str(request.url), headers=headers, content=request.content)
    return httpx.Response(given.status_code, headers=dict(given.headers), content=given.content)


_HEADS: Final = b"""
SELECT count(*) FILTER (WHERE status <> 'cancelled'), count(*) FILTER (WHERE status = 'cancelled'),
  array_agg(DISTINCT currency) FROM orders WHERE account = %s"""
_LINES: Final = b"""
SELECT count(*) FILTER (WHERE status <> 'cancelled'), coalesce(sum(quantity) FILTER (WHERE status <> 'cancelled'), 0),
  coalesce(sum(line.total_minor) FILTER (WHERE status <> 'cancelled'), 0),
  coalesce(sum(quantity) FILTER (WHERE status = 'cancelled'), 0)
FROM order_line AS line JOIN orders USING (account, order_id) WHERE account = %s"""


def stored(connection: psycopg.Connection[Any], account: str) -> tuple[Sums, list[str]]:
    """What the database says of all orders of an account, and the currencies that it found."""
    orders, cancelled, currencies = _one(connection, _HEADS, account)
    lines, units, revenue, cancelled_units = _one(connection, _LINES, account)
    found = Sums(orders, lines, int(units), int(revenue), cancelled, int(cancelled_units))
    return found, sorted(currencies or ())


def _one(connection: psycopg.Connection[Any], query: bytes, account: str) -> tuple[Any, ...]:
    row = connection.execute(query, (account,)).fetchone()
    assert row is not None
    return tuple(row)
