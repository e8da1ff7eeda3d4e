"""Kill -9 of any process at any moment loses no order, sends no price twice, leaves the audit chain intact.

The whole product works through simulated hours against the real database and the market over HTTP. At random
moments one of the three processes (the product, the market, PostgreSQL) is killed without warning and started again.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import sys
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
from ports_kit import free_port

from ecom_agent.clock import FrozenClock
from ecom_agent.errors import EcomError
from ecom_agent.runtime.demo import Drive, missing_orders
from ecom_agent.runtime.market import MarketControl
from ecom_agent.runtime.postgres import EmbeddedPostgres
from ecom_agent.runtime.processes import market
from ecom_agent.wiring import App, build, demo_values, prepare_database, prepare_demo

KILLS = 50
START = datetime(2026, 1, 5, 8, tzinfo=UTC)
UNTIL = START + timedelta(hours=2)
SEED = 11

pytestmark = [pytest.mark.slow, pytest.mark.services, pytest.mark.timeout(900)]


class World:
    """The three processes, each of which may die at any moment."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.postgres = EmbeddedPostgres(folder / "postgres", port=free_port())
        self.port = free_port()
        self.market = market(
            self.port,
            folder / "market",
            os.environ,
            *("--seed", str(SEED), "--start", START.isoformat(), "--pace", "lockstep", "--faults", "mild"),
        )
        self.control = MarketControl(f"http://127.0.0.1:{self.port}")
        self.product: BaseProcess | None = None
        self.deaths: Counter[str] = Counter()

    def app(self) -> tuple[App, FrozenClock]:
        clock = FrozenClock(self.control.now(), on_move=self.control.advance)
        return build(demo_values(self.control.url, self.postgres.url, self.folder), clock), clock

    def raise_the_dead(self) -> None:
        if self.postgres.pid is None:
            self.postgres.start()
            prepare_database(self.postgres.url, START)
        if not self.market.alive():
            self.market.start()
            deadline = time.monotonic() + 30
            while not self.market.ready():
                assert self.market.alive(), self.market.last_words()
                assert time.monotonic() < deadline, "the market does not come up"
                time.sleep(0.02)
        if self.product is None or not self.product.is_alive():
            self.product = multiprocessing.get_context("fork").Process(target=self._work, daemon=True)
            self.product.start()

    def _work(self) -> None:
        """The product's process: go on where the last one was killed."""
        sys.stdout = sys.stderr = (self.folder / "product.log").open("a", buffering=1)
        try:
            app, clock = self.app()
            prepare_demo(app, self.control)
            Drive(app, self.control, clock, print).run(UNTIL)
        except EcomError as error:  # the market or the database died under it: it dies too and is started again
            print(f"ended by: {error}")  # noqa: T201
            os._exit(3)
        os._exit(0)

    def kill_one(self, dice: random.Random) -> None:
        assert self.product is not None
        product = self.product.pid if self.product.is_alive() else None
        victims = {"product": product, "market": self.market.pid, "postgres": self.postgres.pid}
        name = dice.choices(sorted(victims), weights=[1, 1, 2])[0]
        pid = victims[name]
        if pid is None:
            return
        os.kill(pid, signal.SIGKILL)
        self.deaths[name] += 1

    def close(self) -> None:
        if self.product is not None:
            self.product.kill()
        self.market.stop()
        self.postgres.stop()


def test_kill_nine_anywhere_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    dice = random.Random(SEED)
    world = World(tmp_path)
    try:
        while sum(world.deaths.values()) < KILLS:
            world.raise_the_dead()
            assert world.product is not None
            world.product.join(dice.uniform(0.05, 1.2))
            if world.product.exitcode == 0:
                pytest.fail(f"the run ended after {sum(world.deaths.values())} kills: lengthen it")
            world.kill_one(dice)
        for _ in range(20):
            world.raise_the_dead()
            world.product.join(300)
            if world.product.exitcode == 0:
                break
        log = (tmp_path / "product.log").read_text()[-4000:]
        assert world.product.exitcode == 0, log
        assert set(world.deaths) == {"product", "market", "postgres"}

        app, _clock = world.app()
        truth, tally = world.control.truth(), app.tally()

        # Every order that the market took is here, and none is here twice.
        assert tally["order_ids"]
        assert missing_orders(truth, tally["order_ids"]) == set()
        assert len(tally["order_ids"]) == len(set(tally["order_ids"]))

        # A price sent twice shows as two accepted writes of the same price in a row.
        floors = {(row["channel"], row["sku"]): row["hard_min_minor"] for row in truth["listings"]}
        sent: dict[tuple[str, str], list[int]] = {}
        for write in truth["price_writes"]:
            if not write["preview"]:
                place = (write["channel"], write["sku"])
                sent.setdefault(place, []).append(write["price_minor"])
                assert write["price_minor"] >= floors[place]
        assert sent
        twice = {place: prices for place, prices in sent.items() if any(a == b for a, b in pairwise(prices))}
        assert twice == {}
        assert sum(map(len, sent.values())) <= tally["price_changes"]["executing"]

        audit = app.audit_verify()
        assert audit.ok, audit.reason
        assert app.under_way() == 0
    finally:
        world.close()
