"""The watchman: silent over an ordinary life, loud where a promise is broken, whoever broke it."""

from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest
from actions_kit import ACCOUNT, Bench, FakePlatform, Killed, later, limits, shop, usd, wish
from ledger_kit import fill, put_limits
from sqlalchemy import text

from ecom_agent import invariants
from ecom_agent.store.ledger import PgLedger
from ecom_agent.store.policies import PolicyStore

pytestmark = pytest.mark.services
SILENT = dict.fromkeys(
    ("floor_held", "audited", "read_back", "streams_move", "words_are_known", "pool_held", "violations"), 0
)


@pytest.fixture
def bench(database):
    tables = shop("A", "B")
    fill(database, tables)
    made = Bench(tables, FakePlatform())
    made.ledger = made.pipeline._ledger = made.verifier._ledger = PgLedger(database)
    return made


def found(database, bench):
    return invariants.check(database, bench.clock.now())


def test_an_ordinary_life_breaks_nothing(bench, database):
    assert found(database, bench) == SILENT
    bench.pipeline.propose(wish(sku="A"))
    bench.pipeline.propose(wish(sku="B", after=usd("5.00")))
    bench.executor().run_once()
    bench.wait(3)
    bench.verifier.run_once()
    assert found(database, bench) == SILENT


def test_a_price_below_its_floor_is_found_by_each_witness(bench, database, postgres_url):
    record = bench.pipeline.propose(wish(sku="A"))
    bench.executor().run_once()
    with psycopg.connect(postgres_url) as raw:
        raw.execute("""UPDATE action SET after = '{"minor": 1100, "currency": "USD"}' WHERE key = %s""", (record.key,))
    assert found(database, bench)["floor_held"] == 1


def test_a_minimum_that_stood_before_sending_counts_even_if_the_gate_had_missed_it(bench, database):
    bench.clock.sleep(60)
    bench.pipeline.propose(wish(sku="A", slot=bench.clock.now()))
    bench.executor().run_once()
    assert found(database, bench) == SILENT
    with database.unit() as unit:
        unit.session.execute(text("UPDATE price_limits SET is_current = false"))
        newer = limits("A", hard_min=usd("19.50"))
        put_limits(unit.session, replace(newer, version=4, updated_at=later(0.5)))
    assert found(database, bench)["floor_held"] == 1


def test_a_minimum_raised_after_sending_is_no_violation(bench, database):
    bench.pipeline.propose(wish(sku="A"))
    bench.executor().run_once()
    with database.unit() as unit:
        unit.session.execute(text("UPDATE price_limits SET is_current = false"))
        put_limits(unit.session, replace(limits("A", hard_min=usd("19.50")), version=4, updated_at=later(0.5)))
    assert found(database, bench) == SILENT


def test_an_action_moved_behind_the_audits_back_is_found(bench, database, postgres_url):
    record = bench.pipeline.propose(wish(sku="A"))
    with psycopg.connect(postgres_url) as raw:
        raw.execute("UPDATE action SET state = 'denied' WHERE key = %s", (record.key,))
    (broken,) = invariants.find(database, bench.clock.now())
    assert (broken.invariant, broken.subject) == ("audited", record.key)
    assert broken.detail == "denied, the audit says approved"


def test_what_is_not_read_back_in_time_is_found(bench, database):
    bench.pipeline.propose(wish(sku="A"))
    bench.executor().run_once()
    bench.wait(33)
    assert found(database, bench) == SILENT
    bench.wait(1)
    assert found(database, bench)["read_back"] == 1


def test_what_nobody_recovers_is_found(bench, database):
    bench.platform.answers = ["killed_after"]
    bench.pipeline.propose(wish(sku="A"))
    with pytest.raises(Killed):
        bench.executor().run_once()
    bench.wait(31)
    assert found(database, bench)["read_back"] == 1


def test_a_stream_that_stands_still_is_found(bench, database, postgres_url):
    with database.unit() as unit:
        PolicyStore(unit.session).set(
            "streams", {"default": 5, "streams": {"fees": 360, "odd": 0}}, "anna", at=later(0)
        )
    with psycopg.connect(postgres_url) as raw:
        for stream, error in (("orders", None), ("fees", None), ("odd", None), ("stock", "down")):
            raw.execute(
                "INSERT INTO pull_run (account, stream, started_at, finished_at, error) VALUES (%s, %s, %s, %s, %s)",
                (ACCOUNT, stream, later(0), later(0), error),
            )
    assert found(database, bench) == SILENT
    later_on = bench.clock.now() + timedelta(minutes=31)
    assert {b.subject for b in invariants.find(database, later_on)} == {f"{ACCOUNT} orders", f"{ACCOUNT} stock"}
