"""The ledger in memory and the one over PostgreSQL tell the same story of the same life."""

import random
from dataclasses import replace

import pytest
from actions_kit import ACCOUNT, AUTOMATION, MARKET, T0, Bench, FakePlatform, later, policy, shop, usd, wish
from ledger_kit import fill

from ecom_agent.actions.audit import verify
from ecom_agent.actions.halts import Halt
from ecom_agent.actions.model import Kind, Mode, State
from ecom_agent.errors import BadInput, EcomError, IllegalTransition, NotFound
from ecom_agent.store.actions import ActionStore
from ecom_agent.store.audit import AuditStore
from ecom_agent.store.ledger import PgLedger
from ecom_agent.store.memory import MemoryLedger

pytestmark = pytest.mark.services
SKUS = ("A", "B", "C")
ANSWERS = ("ok", "ok", "ok", "lost", "vanished", "ignored", "throttled", "rejected", "odd")


@pytest.fixture(params=["memory", "postgres"])
def ledger(request):
    tables = shop(*SKUS)
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


def test_an_action_comes_back_as_it_was_kept(ledger):
    bench = bench_over(ledger)
    kept = bench.pipeline.propose(wish(sku="A", evidence={"event": "n-1", "rival": 1890, "sure": True, "x": None}))
    with ledger.unit() as book:
        assert book.actions.get(kept.key) == kept
    bench.executor().run_once()
    with ledger.unit() as book:
        sent = book.actions.get(kept.key)
    assert sent.receipt.details == {"status": "ACCEPTED"}
    assert (sent.sent_at, sent.claimed_by, sent.state) == (T0, "process-1", State.APPLIED)
    assert sent.action.key == kept.key


def test_the_least_worth_of_a_kind_are_taken_first(ledger):
    bench = bench_over(ledger)
    for gain, sku in ((500, "A"), (5, "B"), (50, "C")):
        bench.pipeline.propose(wish(sku=sku, evidence={"gain_minor_per_hour": gain}))
    with ledger.unit() as book:
        taken = book.actions.take_least(Mode.LIVE, ACCOUNT, Kind.PRICE_SET, 2)
        assert [record.action.target for record in taken] == ["B", "C"]
        assert book.actions.count_waiting(Mode.LIVE, ACCOUNT, Kind.PRICE_SET) == 3
        assert book.actions.count_waiting(Mode.LIVE, ACCOUNT, Kind.STOCK_SET) == 0
        assert book.actions.take_least(Mode.SANDBOX, ACCOUNT, Kind.PRICE_SET, 2) == []


@pytest.mark.parametrize("lasting", [True, False], ids=["lasting", "not lasting"])
def test_a_step_from_a_state_it_is_not_in_is_refused(ledger, lasting):
    bench = bench_over(ledger)
    record = bench.pipeline.propose(wish(sku="A"))
    denied = record.to(State.DENIED, "no", T0)
    with pytest.raises(IllegalTransition), ledger.unit(lasting=lasting) as book:
        book.actions.save(denied, State.HELD)
    with ledger.unit(lasting=lasting) as book:
        book.actions.save(denied, record.state)
    with ledger.unit() as book:
        assert book.actions.get(record.key) == denied


def test_a_wish_beside_one_that_is_known_is_judged_as_alone(ledger):
    """The facts that all share are told with the first of those that are asked about."""
    bench = bench_over(ledger)
    known, new = bench.pipeline.propose(wish(sku="A")), wish(sku="B")
    with ledger.unit() as book:
        again, beside = bench.pipeline.propose_all_in(book, [known.action, new])
        (again_facts,) = book.facts.of([new], T0, Mode.LIVE)
    assert (again.record, again.facts) == (known, None)
    assert beside.record.state is State.APPROVED
    assert [(v.guard, v.answer) for v in beside.record.verdicts] == [(v.guard, v.answer) for v in known.verdicts]
    assert (beside.facts.limits.sku, beside.facts.policy, beside.facts.sending) == (
        "B", again_facts.policy, again_facts.sending
    )  # fmt: skip


def test_two_under_way_for_one_target_are_refused_by_the_ledger_itself(ledger):
    bench = bench_over(ledger)
    record = bench.pipeline.propose(wish(sku="A"))
    second = replace(record, action=wish(sku="A", after=usd("18.50")))
    with pytest.raises(Exception, match=r"action_one_under_way|under way"), ledger.unit() as book:
        book.actions.insert(second)


def test_halts_open_once_and_are_lifted_by_persons(ledger):
    halt = Halt("all", "stop", "automation:pricing.repricing", T0)
    with ledger.unit() as book:
        assert book.halts.open(halt) == halt
        assert book.halts.open(replace(halt, reason="again")) == halt
    with ledger.unit() as book:
        assert list(book.halts.active()) == [halt]
        with pytest.raises(BadInput):
            book.halts.lift("all", "automation:pricing.repricing", later(1))
        assert book.halts.lift("all", "anna", later(1)) == halt
        assert book.halts.lift("all", "anna", later(1)) is None
    with ledger.unit() as book:
        assert not book.halts.active()
        book.halts.open(halt)
        with pytest.raises(BadInput):
            book.halts.open(replace(halt, scope="everything"))


def test_facts_that_are_not_there_are_not_known(ledger):
    with ledger.unit() as book:
        facts = book.facts.of([wish(sku="UNKNOWN")], T0, Mode.LIVE)[0]
    assert (facts.listing, facts.limits, facts.fees, facts.current, facts.level) == (None,) * 5
    assert (facts.changes_today, facts.catalogue, facts.moved_hour) == (0, 3, 0)


@pytest.mark.parametrize("seed", range(6))
def test_the_same_life_in_both(database, seed):
    """Random wishes, answers, persons and waits: every record, every fact and every audit step agree."""
    body = policy("guards")
    body["change_rate"] = {**body["change_rate"], "catalogue_free": 2, "changes_per_day": 4}
    tables = shop(*SKUS, guards=body)
    tables.policies["breakers"]["recount_s"] = 0  # count at each question, as the memory does
    tables.policies["autonomy"]["levels"][AUTOMATION] = {
        "*": "auto",
        f"{ACCOUNT}/{MARKET}": ("auto", "supervised")[seed % 2],
    }
    fill(database, tables)
    pair = [bench_over(MemoryLedger(tables)), bench_over(PgLedger(database))]
    dice = random.Random(seed)
    keys = []
    for _ in range(70):
        told = [_told(bench, *_move(dice, keys)) for bench in _same_dice(dice, pair)]
        assert told[0] == told[1]
        _remember(keys, told[0])
    with database.unit() as unit:
        chain = list(AuditStore(unit.session).chain())
        assert AuditStore(unit.session).verify().ok
    assert [link.event.step for link in chain] == [link.event.step for link in pair[0].ledger.tables.chain]
    assert verify(pair[0].ledger.tables.chain).ok
    assert pair[0].platform.prices == pair[1].platform.prices
    assert {record.state for record in pair[0].ledger.tables.actions.values()} >= {State.VERIFIED, State.DENIED}


def _same_dice(dice, pair):
    """Both benches make the same move."""
    state = dice.getstate()
    for bench in pair:
        dice.setstate(state)
        yield bench


def _move(dice, keys):
    what = dice.choice(["propose"] * 6 + ["execute"] * 3 + ["wait"] * 3 + ["verify"] * 2 + ["person", "halt", "expire"])
    return (
        what,
        dice.choice(SKUS),
        dice.randint(-250, 250),
        dice.choice(ANSWERS),
        dice.choice(["approve", "deny", "undo", "check"]),
        dice.choice(keys) if keys else "0" * 64,
        dice.choice([0.5, 2, 5, 13, 50]),
    )


def _told(bench, what, sku, cents, answer, verb, key, minutes):
    """One move, and everything it shows afterwards."""
    action = wish(sku=sku, slot=bench.clock.now())
    with bench.ledger.unit() as book:
        current = book.facts.of([action], bench.clock.now(), Mode.LIVE)[0].current
    match what:
        case "propose":
            after = type(current)(max(1, current.minor + cents), "USD")
            outcome = bench.pipeline.propose(wish(current, after, sku=sku, slot=bench.clock.now()))
        case "execute":
            bench.platform.answers = [answer]
            outcome = bench.executor().run_once(limit=1)
        case "wait":
            outcome = bench.wait(minutes)
        case "verify":
            outcome = bench.verifier.run_once()
        case "expire":
            outcome = bench.pipeline.expire()
        case "halt":
            with bench.ledger.unit() as book:
                scope = f"sku:{ACCOUNT}/{MARKET}/{sku}"
                outcome = book.halts.lift(scope, "anna", bench.clock.now()) or book.halts.open(
                    Halt(scope, "stop", "anna", bench.clock.now())
                )
        case _:
            outcome = _by_person(bench, verb, key)
    with bench.ledger.unit() as book:
        facts = book.facts.of([wish(sku=s, slot=T0) for s in SKUS], bench.clock.now(), Mode.LIVE)
        of_stock = wish(1, 2, sku=sku, kind=Kind.STOCK_SET, evidence={"location": "main"})
        (stock,) = book.facts.of([of_stock], bench.clock.now(), Mode.LIVE)
        records = [book.actions.get(key) for key in ([outcome.key] if what == "propose" else [])]
    return what, outcome, facts, stock, records


def _by_person(bench, verb, key):
    try:
        match verb:
            case "approve":
                return bench.pipeline.approve(key, "anna")
            case "deny":
                return bench.pipeline.deny(key, "anna", "no")
            case "undo":
                return bench.pipeline.undo(key, "anna")
            case _:
                return bench.verifier.check(key)
    except EcomError as e:
        return type(e)


def _remember(keys, told):
    if told[0] == "propose":
        keys.append(told[1].key)


def test_views_find_and_page(database):
    tables = shop(*SKUS)
    fill(database, tables)
    bench = bench_over(PgLedger(database))
    record = bench.pipeline.propose(wish(sku="A"))
    bench.pipeline.propose(wish(sku="B", after=usd("5.00")))
    with database.unit() as unit:
        actions, audit = ActionStore(unit.session), AuditStore(unit.session)
        (view,) = actions.views(state="approved")
        assert (view.before, view.after, view.target, view.undoable) == ("20.00 USD", "19.00 USD", "A", False)
        assert [v.target for v in actions.views(sku="B")] == ["B"]
        assert actions.find(record.key[:10]) == record.key
        for prefix, error in (("fffff0000", NotFound), ("", BadInput), ("%", BadInput)):
            with pytest.raises(error):
                actions.find(prefix)
        assert actions.counts(Mode.LIVE, T0) == {State.APPROVED: 1, State.DENIED: 1}
        assert [e.step for e in audit.of(record.key)] == ["proposed", "approved"]
        newest = audit.newest(limit=3)
        assert [e.seq for e in newest] == [4, 3, 2]
        assert [e.seq for e in audit.newest(before=3)] == [2, 1]
