"""Several processes at once over one database: each Action sent once, one under way per target, one chain."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Lock

import pytest
from actions_kit import ACCOUNT, Bench, FakePlatform, Killed, policy, shop, states, usd, wish
from ledger_kit import fill

from ecom_agent.actions import bulk
from ecom_agent.actions.door import BulkWriter
from ecom_agent.actions.guards import all_guards
from ecom_agent.actions.model import Mode, State
from ecom_agent.store import moving
from ecom_agent.store.actions import ActionStore
from ecom_agent.store.audit import AuditStore
from ecom_agent.store.ledger import PgLedger
from ecom_agent.store.memory_tables import Tables

pytestmark = pytest.mark.services
SKUS = [f"S{i:02}" for i in range(24)]


class SafePlatform(FakePlatform):
    """Counts under a lock."""

    def __init__(self, *answers):
        super().__init__(*answers)
        self.lock = Lock()

    def set_price(self, listing, price, *, idempotency_key):
        with self.lock:
            return super().set_price(listing, price, idempotency_key=idempotency_key)


@pytest.fixture
def bench(database):
    guards = policy("guards")
    guards["change_rate"] = {**guards["change_rate"], "catalogue_free": 1000}
    tables = shop(*SKUS, guards=guards)
    fill(database, tables)
    made = Bench(tables, SafePlatform())
    made.ledger = made.pipeline._ledger = made.verifier._ledger = PgLedger(database)
    return made


def in_store(database):
    with database.unit() as unit:
        store = ActionStore(unit.session)
        views = store.views(limit=1000)
        return {v.key: store.get(v.key) for v in views}, AuditStore(unit.session).verify()


def test_many_executors_send_each_action_once(bench, database):
    for sku in SKUS:
        assert bench.pipeline.propose(wish(sku=sku)).state is State.APPROVED
    with ThreadPoolExecutor(6) as pool:
        done = list(pool.map(lambda n: bench.executor(claimed_by=f"p{n}").run_once(), range(6)))
    assert sum(d.get("applied", 0) for d in done) == len(SKUS)
    assert set(bench.platform.sent.values()) == {1}
    records, report = in_store(database)
    assert states(Tables(actions=records)) == {"applied": len(SKUS)}
    assert (report.ok, report.events) == (True, 4 * len(SKUS))


def test_proposing_for_one_target_from_many_sides_keeps_one(bench, database):
    start = Barrier(6)

    def propose(n):
        start.wait()
        return bench.pipeline.propose(wish(sku="S00", after=usd(f"19.{n}0")))

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(propose, range(6)))
    records, report = in_store(database)
    assert states(Tables(actions=records)) == {"approved": 1, "denied": 5}
    assert report.ok


def test_proposing_and_sending_at_once_never_contradict(bench, database):
    def propose(n):
        for sku in SKUS[:6]:
            bench.pipeline.propose(wish(sku=sku, after=usd(f"19.{n}0")))

    def send(n):
        for _ in range(6):
            bench.executor(claimed_by=f"p{n}").run_once()

    with ThreadPoolExecutor(6) as pool:
        jobs = [pool.submit(job, n) for n in range(3) for job in (propose, send)]
        for job in jobs:
            job.result()
    records, report = in_store(database)
    assert report.ok
    assert set(bench.platform.sent.values()) <= {1}
    for sku in SKUS[:6]:
        mine = [r for r in records.values() if r.action.target == sku]
        assert sum(r.state in (State.APPROVED, State.APPLIED) for r in mine) <= 1


def test_what_was_in_hand_when_killed_is_read_back_by_the_next_process(bench, database):
    bench.platform.answers = ["ok", "killed_after", "ok"]
    for sku in SKUS[:3]:
        bench.pipeline.propose(wish(sku=sku))
    with pytest.raises(Killed):
        bench.executor(claimed_by="p1").run_once()
    second = bench.executor(claimed_by="p2")
    assert second.recover(alive=lambda name: name == "p2") == 1
    assert second.run_once() == {"applied": 1}
    bench.wait(3)
    assert bench.verifier.run_once() == {"verified": 3}
    _, report = in_store(database)
    assert report.ok
    assert set(bench.platform.sent.values()) == {1}


def test_bulk_senders_beside_quick_ones_send_each_action_once(bench, database, monkeypatch):
    monkeypatch.setattr(bulk, "AT_ONCE", 3)
    for number, sku in enumerate(SKUS):
        wished = wish(sku=sku, evidence={"gain_minor_per_hour": 10 * number})
        assert bench.pipeline.propose(wished).state is State.APPROVED
    start, feeds = Barrier(4), []

    class Feeds(SafePlatform):
        most_in_bulk = 8

        def set_prices_in_bulk(self, changes):
            feeds.append([change.listing.sku for change in changes])
            return [self.set_price(c.listing, c.price, idempotency_key=c.idempotency_key) for c in changes]

    bench.platform = Feeds()

    def send_bulk(n):
        door = BulkWriter(bench.mode, {ACCOUNT: bench.platform})
        sender = bulk.BulkExecutor(bench.ledger, all_guards(), bench.clock, door, claimed_by=f"b{n}")
        start.wait()
        return sender.run_bulk(ACCOUNT, {"bulk_from": 8})

    def send(n):
        start.wait()
        return bench.executor(claimed_by=f"p{n}").run_once()

    with ThreadPoolExecutor(4) as pool:
        jobs = [pool.submit(job, n) for n in range(2) for job in (send_bulk, send)]
        done = [job.result() for job in jobs]
    assert sum(d.get("applied", 0) for d in done) == len(SKUS)
    assert sum(map(len, feeds)) == len({sku for feed in feeds for sku in feed})
    assert set(bench.platform.sent.values()) == {1}
    records, report = in_store(database)
    assert states(Tables(actions=records)) == {"applied": len(SKUS)}
    assert report.ok


def test_what_moves_is_counted_before_those_who_judge_would_have_to(bench, database, monkeypatch):
    monkeypatch.setattr(moving, "_CHEAP", 0)
    now = [100.0]
    ledger = PgLedger(database)
    ledger._moving = moving.Moving(lambda: now[0])

    def moved():
        with ledger.unit() as book:
            return book.facts.of([wish(sku=SKUS[-1])], bench.clock.now(), Mode.LIVE)[0].moved_hour

    assert moved() == 0
    for sku in SKUS[:3]:  # by another process, which tells nobody
        assert bench.pipeline.propose(wish(sku=sku)).state is State.APPROVED
    now[0] += 6
    assert moved() == 0, "counted a moment ago"
    ledger.count_ahead(bench.clock.now())
    assert moved() == 3
