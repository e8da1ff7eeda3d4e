"""Ad figures land whole through throttles, torn files and reports that never finish: what stands is the truth."""

from __future__ import annotations

import contextlib
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from channel_kit import Wired, fields
from simulated_kit import START

from ecom_agent.errors import EcomError
from ecom_agent.ids import AccountId
from ecom_agent.ingest.pull import pull
from ecom_agent.store.ad_figures import AdFigureStore
from ecom_agent.store.db import Database
from ecom_agent.store.pulls import CursorStore
from platforms.simulated import truth
from platforms.simulated.servers.ads import credentials
from platforms.simulated.simulation import Simulation
from platforms.simulated.state import ADS

pytestmark = pytest.mark.services
ACCOUNT = AccountId(credentials.ACCOUNT)
FAULTS = {
    "throttled": 0.05, "server_error": 0.05, "timeout_after_write": 0.3, "expiring_tokens": 0.02,
    "truncated_gzip": 0.3, "stuck_report": 0.3,
}  # fmt: skip


class Market(Wired):
    def __init__(self, folder: Path) -> None:
        values = fields(credentials.environment("http://simulated"), credentials.ACCOUNT)
        sim = Simulation(folder, seed=11, start=START, products=8)
        super().__init__(sim, "amazon_ads", ADS, credentials.ACCOUNT, values)

    def run(self, database: Database, stream: str) -> None:
        """One scheduled run, and ten minutes until the next."""
        with contextlib.suppress(EcomError):
            pull(stream, ACCOUNT, self.connector, database, self.clock)
        self.clock.sleep(600)

    def true_figures(self) -> Counter[Any]:
        total: Counter[Any] = Counter()
        for row in truth.tell(self.sim.world, "shop")["ads"]["figures"]:
            for name in ("impressions", "clicks", "cost_minor", "orders", "sales_minor"):
                total[row["day"], row["target"], name] += row[name]
        return +total


def stored(database: Database, *, terms: bool) -> Counter[Any]:
    with database.unit() as unit:
        store = AdFigureStore(unit.session)
        read = store.terms_between if terms else store.between
        found = read(ACCOUNT, date(2026, 1, 1), date(2027, 1, 1))
    total: Counter[Any] = Counter()
    for one in found:
        told = one.figures
        assert told.cost is not None
        assert told.sales is not None
        for name, value in (
            ("impressions", told.impressions),
            ("clicks", told.clicks),
            ("cost_minor", told.cost.minor),
            ("orders", told.orders),
            ("sales_minor", told.sales.minor),
        ):
            assert value is not None
            total[one.day.isoformat(), one.target_id, name] += value
    return +total


@pytest.mark.parametrize("stream", ["ad_figures", "search_terms"])
def test_what_stands_after_faults_is_the_truth(database: Database, tmp_path: Path, stream: str) -> None:
    market = Market(tmp_path)
    pull("campaigns", ACCOUNT, market.connector, database, market.clock)
    market.sim.do("faults", chances=FAULTS)
    while market.clock.now() < START + timedelta(days=2):
        market.run(database, stream)
        market.clock.sleep(3000)
    market.sim.do("faults", chances={})
    for target in market.sim.world.ads.targets.values():  # type: ignore[union-attr]
        market.sim.do("ads_target", target=target.number, bid_minor=None, state="PAUSED")
    market.run(database, stream)
    market.clock.sleep(timedelta(days=8).total_seconds())  # what clicks bring has come, what is taken back is
    for _ in range(12):  # each run looks for its report once
        market.run(database, stream)
        market.clock.sleep(3000)
    assert stored(database, terms=stream == "search_terms") == market.true_figures()
    assert len(market.true_figures()) > 20
    with database.unit() as unit:
        state = orjson.loads(CursorStore(unit.session).get(ACCOUNT, stream) or "{}")
    assert set(state) == {"through", "told"}
    market.sim.close()
