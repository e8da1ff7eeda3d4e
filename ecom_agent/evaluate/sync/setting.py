"""The stage: a simulated market in a process of its own, an embedded PostgreSQL, one simulated clock for both."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from ecom_agent.clock import FrozenClock
from ecom_agent.errors import StoreError
from ecom_agent.evaluate.sync.life import VAULT, Place
from ecom_agent.runtime import processes
from ecom_agent.runtime.market import MarketControl
from ecom_agent.runtime.ports import free_port
from ecom_agent.runtime.postgres import postgres
from ecom_agent.store.db import Database
from ecom_agent.store.policies import seed_policies
from platforms.simulated.accounts import WITH_ADS, accounts
from platforms.simulated.state import ADS, CHANNELS

START: Final = datetime(2026, 1, 5, 8, tzinfo=UTC)
SELLERS: Final = 2
_PORT: Final = 8790
_PATIENCE_S: Final = 60.0


@contextmanager
def stage(folder: Path, seed: int, *, products: int | None = None) -> Iterator[Place]:
    """Two sellers with an account on each of five platforms, everything new. The faults are off at first."""
    with _market(folder, seed, products) as market, postgres(folder / "postgres", durable=False) as server:
        database = Database(server.url, vault=lambda: VAULT)
        database.migrate()
        with database.unit() as unit:
            seed_policies(unit.session, at=START)
        database.dispose()
        market.open_channels((*CHANNELS, ADS))
        clock = FrozenClock(market.now(), on_move=market.advance)
        yield Place(market, server.url, clock, accounts(market.url, WITH_ADS, SELLERS))


@contextmanager
def _market(folder: Path, seed: int, products: int | None) -> Iterator[MarketControl]:
    port = free_port(_PORT)
    options = ["--seed", str(seed), "--start", START.isoformat(), "--faults", "none", "--sellers", str(SELLERS)]
    options += [] if products is None else ["--products", str(products)]
    # Requests are held against the vendors' contracts by `ecom evaluate contract`: here every machine does the same.
    env = {**os.environ, "ECOM_SHARED": str(folder / "none")}
    process = processes.market(port, folder / "market", env, *options)
    process.start()
    try:
        deadline = time.monotonic() + _PATIENCE_S
        while not process.ready():
            if not process.alive() or time.monotonic() > deadline:
                raise StoreError(f"the simulated market does not start: {process.last_words()}")
            time.sleep(0.1)
        yield MarketControl(f"http://127.0.0.1:{port}")
    finally:
        process.stop()
