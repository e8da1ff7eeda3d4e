"""A bid's life over PostgreSQL is the one in memory, over the simulated market as well; what was read back is known."""

from __future__ import annotations

from dataclasses import replace

import httpx
import pytest
from actions_kit import ACCOUNT, AUTOMATION, MARKET, T0, Bench, FakePlatform, later, shop, usd
from ledger_kit import fill
from starlette.testclient import TestClient

from ecom_agent.actions.model import Action, Kind, Mode, State
from ecom_agent.clock import FrozenClock
from ecom_agent.ids import Sku
from ecom_agent.ingest.pull import pull
from ecom_agent.money import Money
from ecom_agent.records.advertising import AdState, Match, Target, TargetKind
from ecom_agent.store.advertising import AdvertisingStore
from ecom_agent.store.db import Database
from ecom_agent.store.ledger import PgLedger
from ecom_agent.store.memory import MemoryLedger
from platforms import registry
from platforms._shared.throttle import Quota
from platforms.simulated.servers.ads import credentials
from platforms.simulated.servers.app import build
from platforms.simulated.simulation import Simulation

pytestmark = pytest.mark.services
TARGET = Target(
    ACCOUNT, MARKET, "K-1", "C-1", None, TargetKind.PRODUCT, "ASIN_SAME_AS=B0", None, False, usd("0.80"),
    AdState.ENABLED, "ENABLED", None, T0,
)  # fmt: skip


def wish(target: Target, after: Money, slot=T0) -> Action:
    evidence = {"target_kind": target.kind.value, "campaign": target.campaign_id, "ad_group": target.ad_group_id}
    return Action(
        Kind.BID_SET, target.account, target.marketplace, Sku(target.target_id), target.bid, after, "it sells",
        AUTOMATION, slot, Mode.LIVE, 1, evidence,
    )  # fmt: skip


class Advertiser(FakePlatform):
    def __init__(self) -> None:
        super().__init__()
        self.bids: dict[str, Money] = {}

    def set_bid(self, target, bid, *, idempotency_key):
        self.bids[target.target_id] = bid
        return self._answered(self._arrived(idempotency_key))

    def live_bid(self, target):
        return self.bids.get(target.target_id)


@pytest.mark.parametrize("where", ["memory", "postgres"])
def test_the_same_life_in_both(where: str, request: pytest.FixtureRequest) -> None:
    tables = shop()
    tables.ad_targets[ACCOUNT, "K-1"] = TARGET
    if where == "postgres":
        database = request.getfixturevalue("database")
        fill(database, tables)
    bench = Bench(tables, Advertiser())
    ledger = MemoryLedger(tables) if where == "memory" else PgLedger(database)
    bench.ledger = bench.pipeline._ledger = bench.verifier._ledger = ledger
    with ledger.unit() as book:
        (facts,) = book.facts.of([wish(TARGET, usd("0.90"))], T0, Mode.LIVE)
    assert (facts.ad_target, facts.current, facts.current_at) == (TARGET, usd("0.80"), T0)
    record = bench.pipeline.propose(wish(TARGET, usd("0.90")))
    assert record.state is State.APPROVED, record.why
    bench.executor().run_once()
    bench.wait(4)
    assert bench.verifier.run_once() == {"verified": 1}
    with ledger.unit() as book:
        (facts,) = book.facts.of([wish(TARGET, usd("0.95"))], later(5), Mode.LIVE)
        assert book.actions.get(record.key).action == record.action
    assert facts.ad_target == replace(TARGET, bid=usd("0.90"), seen_at=later(4))
    assert (facts.current, facts.changes_today, facts.writes_today) == (usd("0.90"), 1, 1)


def test_over_the_simulated_market_a_bid_is_pulled_set_and_read_back(database: Database, tmp_path) -> None:
    sim = Simulation(tmp_path, seed=11, start=T0, products=8)
    clock = FrozenClock(T0, on_move=sim.advance)
    client = TestClient(build(sim))
    transport = httpx.MockTransport(
        lambda r: httpx.Response(
            (given := client.request(r.method, str(r.url), headers=dict(r.headers), content=r.content)).status_code,
            headers=dict(given.headers),
            content=given.content,
        )
    )
    prefix = f"ECOM_{credentials.ACCOUNT.upper()}__"
    values = {name.removeprefix(prefix): text for name, text in credentials.environment("http://simulated").items()}
    connector = registry.open("amazon_ads", ACCOUNT, values, clock, Quota(clock), transport=transport)
    fill(database, shop())
    report = pull("campaigns", ACCOUNT, connector, database, clock)
    assert (report.quarantined, report.written > 0) == (0, True)
    with database.unit() as unit:
        known = AdvertisingStore(unit.session).targets(ACCOUNT)
    target = next(x for x in known if x.match is Match.EXACT and x.bid is not None and x.bid.minor >= 10)
    assert target.bid is not None
    bench = Bench(shop(), connector)
    bench.clock = clock
    bench.ledger = bench.pipeline._ledger = bench.verifier._ledger = PgLedger(database)
    bench.pipeline._clock = bench.verifier._clock = clock
    record = bench.pipeline.propose(wish(target, Money(target.bid.minor + 1, "USD"), clock.now()))
    assert record.state is State.APPROVED, record.why
    bench.executor().run_once()
    clock.sleep(240)
    assert bench.verifier.run_once() == {"verified": 1}
    with database.unit() as unit:
        after = AdvertisingStore(unit.session).target(ACCOUNT, target.target_id)
    assert after is not None
    assert after.bid == Money(target.bid.minor + 1, "USD") == connector.live_bid(target)
    pull("campaigns", ACCOUNT, connector, database, clock)
    with database.unit() as unit:
        assert AdvertisingStore(unit.session).target(ACCOUNT, target.target_id).bid == after.bid  # type: ignore[union-attr]
    sim.close()
