"""Breakers over real lives: what trips at once, what a halt lets through, and who may end it; in both ledgers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from actions_kit import ACCOUNT, MARKET, T0, Bench, FakePlatform, later, policy, shop, usd, wish
from ledger_kit import fill
from sqlalchemy import text

from ecom_agent.actions.counts import Counts, Feed, Runaway
from ecom_agent.actions.gate import PolicyGap
from ecom_agent.actions.halts import Halt, HaltLevel
from ecom_agent.actions.model import Mode, State
from ecom_agent.actions.tripping import check
from ecom_agent.errors import BadInput
from ecom_agent.ids import AccountId
from ecom_agent.store.breakers import BreakerStore
from ecom_agent.store.ledger import PgLedger
from ecom_agent.store.memory import MemoryLedger

pytestmark = pytest.mark.services
SKUS = tuple(f"S{n}" for n in range(12))
SCOPE = f"account:{ACCOUNT}"


@pytest.fixture(params=["memory", "postgres"])
def ledger(request):
    body = policy("guards")
    body["change_rate"] = {**body["change_rate"], "step_share": "1", "day_share": "1", "cooldown_s": 0}
    tables = shop(*SKUS, guards=body)
    tables.policies["breakers"] = {**policy("breakers"), "recount_s": 0}
    if request.param == "memory":
        return MemoryLedger(tables)
    database = request.getfixturevalue("database")
    fill(database, tables)
    return PgLedger(database)


def bench_over(ledger, *answers):
    bench = Bench(platform=FakePlatform(*answers))
    bench.ledger = ledger
    bench.pipeline._ledger = bench.verifier._ledger = ledger
    return bench


def one_after_another(bench, skus=SKUS, to="19.00"):
    """Propose and send, each by itself; gives the states they reached."""
    states = []
    for sku in skus:
        record = bench.pipeline.propose(wish(after=usd(to), sku=sku, slot=bench.clock.now()))
        if record.state is State.APPROVED:
            bench.executor().run_once(1)
        bench.wait(0.01)
        with bench.ledger.unit() as book:
            states.append(book.actions.get(record.key).state)
    return states


def halts(ledger):
    with ledger.unit() as book:
        return {halt.scope: (halt.level, halt.by) for halt in book.halts.active()}


def counts(ledger, now=T0):
    with ledger.unit() as book:
        return book.breakers.recount(ACCOUNT, Mode.LIVE, now, whole=True)


def test_writes_refused_in_a_row_halt_the_account_at_once_and_a_person_ends_it(ledger):
    bench = bench_over(ledger, *["rejected"] * 20)
    assert one_after_another(bench) == [State.FAILED] * 8 + [State.DENIED] * 4
    assert halts(ledger) == {SCOPE: (HaltLevel.HALTED, "system:breaker")}
    with pytest.raises(BadInput), ledger.unit() as book:
        book.halts.lift(SCOPE, "automation:pricing.repricing", T0)
    bench.wait(5)
    with ledger.unit() as book:
        book.halts.lift(SCOPE, "anna", bench.clock.now())
    bench.wait(1)
    assert counts(ledger, bench.clock.now()).errors_in_row == 0, "a person's reset starts anew"
    bench.platform.answers = []
    assert set(one_after_another(bench, SKUS[:3])) == {State.APPLIED}
    assert not halts(ledger)


def test_one_that_is_taken_ends_the_row_and_a_throttle_is_no_error(ledger):
    bench = bench_over(ledger, *["rejected"] * 5, "ok", *["lost"] * 3, *["throttled"] * 3)
    one_after_another(bench, SKUS[:9])
    assert counts(ledger).errors_in_row == 3
    assert not halts(ledger)
    bench.platform.answers = ["throttled"] * 3
    one_after_another(bench, SKUS[9:])
    assert counts(ledger).errors_in_row == 3


def test_changes_that_are_not_there_when_read_back_halt_the_account(ledger):
    bench = bench_over(ledger, *["ignored"] * 2, *["ok"] * 4)
    one_after_another(bench, SKUS[:2])
    for minutes in (4, 12, 36):
        bench.wait(minutes)
        bench.verifier.run_once()
    one_after_another(bench, SKUS[2:6])
    for minutes in (5, 5):
        bench.wait(minutes)
        bench.verifier.run_once()
    found = counts(ledger, bench.clock.now())
    assert (found.read_back, found.mismatched) == (6, 2)
    assert halts(ledger)[SCOPE] == (HaltLevel.HALTED, "system:breaker")


def test_while_only_raises_are_allowed_prices_go_up_and_none_goes_down(ledger):
    bench = bench_over(ledger)
    with ledger.unit() as book:
        book.halts.open(Halt(SCOPE, "a falling market", "anna", T0, HaltLevel.REDUCING))
    assert one_after_another(bench, SKUS[:2], "19.99") == [State.DENIED] * 2
    assert one_after_another(bench, SKUS[:2], "20.01") == [State.APPLIED] * 2
    blind = bench.pipeline.propose(wish(None, usd("21.00"), sku=SKUS[3]))
    assert blind.state is State.DENIED, "nobody knows whether that is a raise"


def test_software_tightens_a_halt_and_never_loosens_one(ledger):
    reducing = Halt(SCOPE, "a falling market", "anna", T0, HaltLevel.REDUCING)
    halted = Halt(SCOPE, "errors", "system:breaker", later(1))
    with ledger.unit() as book:
        assert book.halts.open(reducing) == reducing
        assert book.halts.open(halted) == halted
        assert book.halts.open(reducing) == halted
    with ledger.unit() as book:
        assert list(book.halts.active()) == [halted]
        assert book.halts.lift(SCOPE, "anna", later(2)) == halted
        assert not book.halts.active()


def test_each_trip_is_one_halt_and_one_event_however_often_it_is_looked_at(ledger):
    bench = bench_over(ledger, *["rejected"] * 8)
    one_after_another(bench, SKUS[:8])
    for _ in range(3):
        with ledger.unit() as book:
            assert check(book, ACCOUNT, Mode.LIVE, bench.clock.now()) == ()
    events = halted_events(ledger)
    assert [(e["scope"], e["breaker"], e["level"]) for e in events] == [(SCOPE, "errors", "halted")]


def halted_events(ledger):
    if isinstance(ledger, MemoryLedger):
        return [link.event.detail for link in ledger.tables.chain if link.event.step == "halted"]
    with ledger.unit() as book:
        found = book.facts._session.connection().execute(
            text("SELECT detail FROM audit_event WHERE step = 'halted' ORDER BY seq")
        )
        return [row.detail for row in found]


def test_listings_that_run_away_are_stopped_one_by_one(ledger):
    bench = bench_over(ledger)
    one_after_another(bench, SKUS[:2], "40.00")
    assert counts(ledger).runaways == tuple(Runaway(MARKET, sku, 2_000, 4_000) for sku in SKUS[:2])
    with ledger.unit() as book:
        assert {trip.breaker for trip in check(book, ACCOUNT, Mode.LIVE, bench.clock.now())} == {"runaway"}
    assert set(halts(ledger)) == {f"sku:{ACCOUNT}/{MARKET}/{sku}" for sku in SKUS[:2]}


def test_without_a_policy_for_breakers_nothing_is_written(ledger):
    for tables in [ledger.tables] if isinstance(ledger, MemoryLedger) else []:
        tables.policies.pop("breakers")
    if isinstance(ledger, PgLedger):
        with ledger.unit() as book:
            book.facts._session.connection().execute(text("DELETE FROM policy WHERE name = 'breakers'"))
    bench = bench_over(ledger)
    record = bench.pipeline.propose(wish(sku=SKUS[0]))
    assert record.state is State.DENIED
    assert "breaker: no usable limit in the policy" in record.why
    with ledger.unit() as book:
        with pytest.raises(PolicyGap):
            book.breakers.recount(ACCOUNT, Mode.LIVE, T0, whole=True)
        assert check(book, ACCOUNT, Mode.LIVE, T0) == ()


# Only PostgreSQL: what is kept between looks, what is asked of other tables, many at once.


@pytest.fixture
def pg(database):
    tables = shop(*SKUS)
    fill(database, tables)
    return database


def test_counts_are_kept_for_a_while_but_not_beyond_a_persons_reset(pg):
    shipped, ledger = policy("breakers"), PgLedger(pg)
    with pg.unit() as unit:
        store = BreakerStore(unit.session)
        assert store.recent(ACCOUNT, Mode.LIVE, T0, shipped).listings == len(SKUS)
        unit.session.connection().execute(text("UPDATE listing SET status = 'inactive' WHERE sku = 'S0'"))
        assert store.recent(ACCOUNT, Mode.LIVE, later(2.9), shipped).listings == len(SKUS)
        assert store.recent(ACCOUNT, Mode.LIVE, later(3), shipped).listings == len(SKUS) - 1
        unit.session.connection().execute(text("UPDATE listing SET status = 'inactive' WHERE sku = 'S1'"))
    with ledger.unit() as book:
        book.halts.open(Halt(SCOPE, "stop", "anna", later(3)))
        book.halts.lift(SCOPE, "anna", later(3))
        assert book.breakers.recent(ACCOUNT, Mode.LIVE, later(3), shipped).listings == len(SKUS) - 2


def test_another_account_is_another_count(pg):
    with pg.unit() as unit:
        assert BreakerStore(unit.session).recount(AccountId("other"), Mode.LIVE, T0) == Counts()


def test_a_feed_that_fails_for_long_is_told_with_its_age_and_its_tries(pg):
    run = (
        "INSERT INTO pull_run (account, stream, started_at, finished_at, error)"
        " VALUES (:account, 'offers', :at, :at, :error)"
    )
    with pg.unit() as unit:
        session = unit.session.connection()
        for minutes, error in ((0, None), (100, "gone"), (150, "gone"), (200, "gone")):
            session.execute(text(run), {"account": ACCOUNT, "at": later(minutes), "error": error})
    ledger = PgLedger(pg)
    with ledger.unit() as book:
        assert book.breakers.recount(ACCOUNT, Mode.LIVE, later(240)).feeds == (Feed("offers", 240, 3),)
        assert [t.breaker for t in check(book, ACCOUNT, Mode.LIVE, later(240))] == ["feeds"]
    assert halts(ledger)[SCOPE][0] is HaltLevel.HALTED


def test_the_same_sku_on_two_accounts_is_compared_in_the_same_currency(pg):
    ledger = PgLedger(pg)
    bench = bench_over(ledger)
    with pg.unit() as unit:
        columns = "marketplace, sku, external_id, title, status, condition, version_at, seen_at"
        copy = text(
            f"INSERT INTO listing (account, price_minor, currency, {columns})"
            f" SELECT 'shop_main', :price, :currency, {columns} FROM listing WHERE sku = :sku"
        )
        for sku, price, currency in (("S0", 1_900, "USD"), ("S1", 2_100, "USD"), ("S2", 2_100, "EUR")):
            unit.session.connection().execute(copy, {"sku": sku, "price": price, "currency": currency})
    one_after_another(bench, SKUS[:3])
    found = counts(ledger, bench.clock.now())
    assert (found.paired, found.apart) == (2, 1)


def test_a_live_price_that_is_not_the_one_we_set_is_a_gap_once_it_settled(pg):
    ledger = PgLedger(pg)
    bench = bench_over(ledger)
    one_after_another(bench, SKUS[:2])
    seen = "UPDATE listing SET price_minor = 1700, seen_at = :at WHERE sku = 'S0'"
    for minutes, gaps in ((10, 0), (20, 1)):
        with pg.unit() as unit:
            unit.session.connection().execute(text(seen), {"at": T0 + timedelta(minutes=minutes)})
        assert counts(ledger, later(minutes)).gaps == gaps


def test_many_that_open_the_same_halt_at_once_make_one(pg):
    ledger = PgLedger(pg)

    def stop(n):
        with ledger.unit() as book:
            return book.halts.open(Halt("all", f"reason {n}", "anna", T0))

    with ThreadPoolExecutor(6) as pool:
        opened = set(pool.map(stop, range(12)))
    assert len(opened) == 1
    assert len(halts(ledger)) == 1
