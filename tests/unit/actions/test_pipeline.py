"""From wish to approval: once per wish, one at a time per target, held for persons, everything in the audit."""

from dataclasses import replace
from datetime import timedelta

import pytest
from actions_kit import ACCOUNT, AUTOMATION, MARKET, SKU, T0, shop, states, usd, wish

from ecom_agent.actions.halts import Halt
from ecom_agent.actions.model import Mode, State
from ecom_agent.errors import BadInput, IllegalTransition, NotFound


def test_what_the_guards_allow_is_approved_and_audited(bench):
    record = bench.pipeline.propose(wish())
    assert record.state is State.APPROVED
    assert bench.steps(record.key) == ["proposed", "approved"]
    assert bench.audit().ok
    told = bench.ledger.tables.chain[-1].event.detail
    assert told["floor"] == {"minor": 1203, "currency": "USD"}
    assert told["limits_version"] == 3


def test_the_same_wish_is_kept_once(bench):
    first = bench.pipeline.propose(wish())
    assert bench.pipeline.propose(wish()) == first
    assert len(bench.ledger.tables.actions) == 1
    assert bench.audit().events == 2


def test_no_minimum_no_write(bench):
    place = (ACCOUNT, MARKET, SKU)
    bench.ledger.tables.limits[place] = replace(bench.ledger.tables.limits[place], hard_min=None)
    record = bench.pipeline.propose(wish())
    assert record.state is State.DENIED
    assert "no minimum set" in record.why


def test_a_newer_wish_takes_the_place_of_one_that_waits(a_bench):
    bench = a_bench(shop(level_of_trust="suggest"))
    old = bench.pipeline.propose(wish())
    bench.wait(5)
    new = bench.pipeline.propose(wish(after=usd("18.50"), slot=bench.clock.now()))
    assert (bench.get(old.key).state, new.state) == (State.DENIED, State.HELD)
    assert bench.get(old.key).why == f"superseded by {new.key[:12]}"
    assert bench.steps(old.key) == ["proposed", "held", "denied"]


def test_a_wish_that_is_denied_takes_nobodys_place(bench):
    old = bench.pipeline.propose(wish())
    bench.wait(5)
    bench.pipeline.propose(wish(after=usd("2.00"), slot=bench.clock.now()))
    assert bench.get(old.key).state is State.APPROVED


def test_an_older_wish_that_comes_late_is_denied(bench):
    bench.pipeline.propose(wish(slot=T0))
    late = bench.pipeline.propose(wish(after=usd("18.50"), slot=T0 - timedelta(minutes=5)))
    assert late.state is State.DENIED
    assert "newer wish" in late.why


def test_the_same_wish_of_the_next_run_does_not_push_the_waiting_one_out(a_bench):
    bench = a_bench(shop(level_of_trust="suggest"))
    held = bench.pipeline.propose(wish())
    bench.wait(5)
    assert bench.pipeline.propose(wish(slot=bench.clock.now())).key == held.key


def test_while_one_is_under_way_others_are_denied(bench):
    first = bench.pipeline.propose(wish())
    bench.executor().run_once()
    bench.wait(2.5)
    second = bench.pipeline.propose(wish(usd("19.00"), usd("18.50"), slot=bench.clock.now()))
    assert second.state is State.DENIED
    assert f"one is under way: {first.key[:12]} is applied" in second.why


@pytest.mark.parametrize(
    ("level", "after", "state"),
    [
        ("off", "19.00", State.DENIED),
        ("suggest", "19.00", State.HELD),
        ("supervised", "19.60", State.APPROVED),
        ("supervised", "19.59", State.HELD),
        ("auto", "19.00", State.APPROVED),
        ("auto", "17.00", State.HELD),
        ("nonsense", "19.00", State.DENIED),
    ],
)
def test_autonomy(a_bench, level, after, state):
    assert a_bench(shop(level_of_trust=level)).pipeline.propose(wish(after=usd(after))).state is state


def test_a_new_automation_only_suggests(bench):
    assert bench.pipeline.propose(wish(by="pricing.brand_new")).state is State.HELD


def test_a_person_approves_what_is_held(a_bench):
    bench = a_bench(shop(level_of_trust="suggest"))
    held = bench.pipeline.propose(wish())
    assert held.held_by == "autonomy"
    yes = bench.pipeline.approve(held.key, "anna")
    assert (yes.state, yes.signed_by) == (State.APPROVED, ("anna",))
    assert bench.ledger.tables.chain[-1].event.actor == "anna"
    with pytest.raises(IllegalTransition):
        bench.pipeline.approve(held.key, "ben")


def test_what_the_person_noted_is_in_the_audit(a_bench):
    bench = a_bench(shop(level_of_trust="suggest"))
    held = bench.pipeline.propose(wish())
    bench.pipeline.approve(held.key, "anna", " seen at the fair ")
    assert bench.ledger.tables.chain[-1].event.detail["note"] == "seen at the fair"


def test_software_does_not_approve(a_bench):
    bench = a_bench(shop(level_of_trust="suggest"))
    held = bench.pipeline.propose(wish())
    for name in (AUTOMATION, "automation:ads.bidding", "system:verify", " ", "person:"):
        with pytest.raises(BadInput):
            bench.pipeline.approve(held.key, name)
    assert bench.get(held.key).state is State.HELD


def test_what_is_denied_by_now_cannot_be_approved(a_bench):
    bench = a_bench(shop(level_of_trust="suggest"))
    held = bench.pipeline.propose(wish())
    with bench.ledger.unit() as book:
        book.halts.open(Halt("all", "stop", "ben", T0))
    assert bench.pipeline.approve(held.key, "anna").state is State.DENIED


def test_above_the_sum_it_takes_two(a_bench):
    tables = shop()
    place = (ACCOUNT, MARKET, SKU)
    tables.listings[place] = replace(tables.listings[place], price=usd("200.00"))
    tables.limits[place] = replace(tables.limits[place], ceiling=usd("500.00"))
    bench = a_bench(tables)
    held = bench.pipeline.propose(wish(usd("200.00"), usd("140.00")))
    first = bench.pipeline.approve(held.key, "anna", "fine by me")
    assert bench.ledger.tables.chain[-1].event.detail["note"] == "fine by me"
    assert (first.state, first.signed_by) == (State.HELD, ("anna",))
    with pytest.raises(BadInput):
        bench.pipeline.approve(held.key, "anna")
    assert bench.pipeline.approve(held.key, "ben").state is State.APPROVED


def test_denied_by_a_person(a_bench):
    bench = a_bench(shop(level_of_trust="suggest"))
    held = bench.pipeline.propose(wish())
    assert bench.pipeline.deny(held.key, "anna", "not before the fair").state is State.DENIED
    with pytest.raises(NotFound):
        bench.pipeline.deny("0" * 64, "anna", "")


def test_nobody_waits_for_ever(a_bench):
    bench = a_bench(shop("A", "B", level_of_trust="suggest"))
    one, two = (bench.pipeline.propose(wish(sku=s)) for s in "AB")
    bench.pipeline.approve(one.key, "anna")
    assert bench.pipeline.expire() == 0
    bench.wait(30)
    assert bench.pipeline.expire() == 1
    bench.wait(24 * 60)
    assert bench.pipeline.approve(two.key, "anna").why == "nobody answered in time"
    assert states(bench.ledger.tables) == {"denied": 2}


def test_another_modes_wish_is_denied(bench):
    assert bench.pipeline.propose(wish(mode=Mode.DRY_RUN)).state is State.DENIED


def test_undo_is_an_action_through_the_same_gate(bench):
    done = bench.pipeline.propose(wish())
    bench.executor().run_once()
    with pytest.raises(BadInput):
        bench.pipeline.undo(done.key, "anna")
    bench.wait(3)
    bench.verifier.run_once()
    back = bench.pipeline.undo(done.key, "anna")
    assert (back.state, back.action.undoes, back.action.after) == (State.APPROVED, done.key, usd("20.00"))
    bench.executor().run_once()
    assert bench.platform.prices[SKU] == usd("20.00")


def test_a_change_that_was_overtaken_is_not_undone_blindly(bench):
    done = bench.pipeline.propose(wish())
    bench.executor().run_once()
    bench.wait(3)
    bench.verifier.run_once()
    with bench.ledger.unit() as book:
        book.facts.learn(done.action, usd("18.00"), bench.clock.now() + timedelta(seconds=1))
    denied = bench.pipeline.undo(done.key, "anna")
    assert denied.state is State.DENIED
    assert "meanwhile it is 18.00 USD" in denied.why


def test_a_unit_that_fails_leaves_nothing(bench):
    def wish_then_fail():
        with bench.ledger.unit() as book:
            bench.pipeline.propose_in(book, wish())
            raise RuntimeError("the caller's own part failed")

    with pytest.raises(RuntimeError):
        wish_then_fail()
    assert bench.ledger.tables.actions == {}
    assert bench.audit().events == 0
