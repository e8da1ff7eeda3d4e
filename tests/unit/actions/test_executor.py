"""The one door out: asked again, claimed once, sent once, and every answer has its place."""

from dataclasses import replace
from datetime import timedelta

import pytest
from actions_kit import (
    ACCOUNT,
    MARKET,
    SKU,
    T0,
    FakePlatform,
    Killed,
    PreviewingPlatform,
    later,
    pool,
    shop,
    states,
    usd,
    wish,
)  # fmt: skip

from ecom_agent.actions.door import Preview, Writer
from ecom_agent.actions.execute import Executor
from ecom_agent.actions.guards import all_guards
from ecom_agent.actions.halts import Halt
from ecom_agent.actions.model import Kind, Mode, State
from ecom_agent.errors import ConfigError


@pytest.mark.parametrize(
    ("answer", "state", "word"),
    [
        ("ok", State.APPLIED, "took it"),
        ("lost", State.UNKNOWN, "no answer"),
        ("vanished", State.UNKNOWN, "no answer"),
        ("odd", State.UNKNOWN, "KeyError"),
        ("throttled", State.FAILED, "not sent"),
        ("rejected", State.FAILED, "price too round"),
        ("locked_out", State.FAILED, "revoked"),
    ],
)
def test_every_answer_has_its_place(a_bench, answer, state, word):
    bench = a_bench(platform=FakePlatform(answer))
    key = bench.pipeline.propose(wish()).key
    assert bench.executor().run_once() == {state: 1}
    record = bench.get(key)
    assert record.state is state
    assert word in record.why
    assert bench.steps(key) == ["proposed", "approved", "executing", state]
    assert (record.sent_at is None) == (state is State.FAILED)
    assert (record.verify_due_at is not None) == (state in (State.APPLIED, State.UNKNOWN))
    assert bench.executor().run_once() == {}
    assert bench.platform.sent.total() <= 1


def test_the_receipt_is_kept(bench):
    key = bench.pipeline.propose(wish()).key
    bench.executor().run_once()
    assert bench.get(key).receipt.external_ref == "submission-1"
    assert bench.ledger.tables.chain[-1].event.detail["receipt"] == "submission-1"


def test_refused_credentials_are_reported_and_the_account_rests(a_bench):
    bench = a_bench(shop("A", "B"), FakePlatform("locked_out"))
    for sku in "AB":
        bench.pipeline.propose(wish(sku=sku))
    assert bench.executor().run_once() == {"failed": 1}
    assert bench.locked_out[0][0] == ACCOUNT
    assert states(bench.ledger.tables) == {"failed": 1, "approved": 1}


def test_a_throttled_account_rests_for_the_round_and_no_longer(a_bench):
    bench = a_bench(shop("A", "B", "C"), FakePlatform("ok", "throttled"))
    for sku in "ABC":
        bench.pipeline.propose(wish(sku=sku))
    assert bench.executor().run_once() == {"applied": 1, "failed": 1}
    assert bench.executor().run_once() == {"applied": 1}


def test_the_gate_is_asked_again_just_before(bench):
    key = bench.pipeline.propose(wish()).key
    with bench.ledger.unit() as book:
        book.halts.open(Halt(f"sku:{ACCOUNT}/{MARKET}/{SKU}", "wrong picture", "anna", T0))
    assert bench.executor().run_once() == {"denied": 1}
    assert "facts have moved" in bench.get(key).why
    assert not bench.platform.sent


def test_a_raised_minimum_stops_what_was_approved(a_bench):
    bench = a_bench(shop(level_of_trust="suggest"))
    key = bench.pipeline.propose(wish()).key
    bench.pipeline.approve(key, "anna")
    place = (ACCOUNT, MARKET, SKU)
    bench.ledger.tables.limits[place] = replace(bench.ledger.tables.limits[place], hard_min=usd("19.50"))
    assert bench.executor().run_once() == {"denied": 1}


def test_what_a_person_approved_is_not_held_again_but_what_the_gate_approved_is(a_bench):
    bench = a_bench(shop("A", "B", level_of_trust="suggest"))
    signed = bench.pipeline.propose(wish(sku="A"))
    bench.pipeline.approve(signed.key, "anna")
    assert bench.executor().run_once() == {"applied": 1}
    auto = a_bench()
    auto.pipeline.propose(wish())
    auto.ledger.tables.policies["autonomy"] = {"default": "suggest"}
    assert auto.executor().run_once() == {"denied": 1}


def test_what_could_not_be_sent_in_time_is_not_sent(bench):
    bench.pipeline.propose(wish())
    bench.wait(30)
    assert bench.executor().run_once() == {"denied": 1}
    assert not bench.platform.sent


def test_an_account_without_the_verb_is_denied_not_crashed(bench):
    bench.pipeline.propose(wish())
    assert bench.executor(Writer(Mode.LIVE, {ACCOUNT: object()})).run_once() == {"denied": 1}
    bench.wait(1)
    bench.pipeline.propose(wish(slot=bench.clock.now()))
    assert bench.executor(Writer(Mode.LIVE, {})).run_once() == {"denied": 1}


def test_stock_goes_through_the_same_door(bench):
    bench.ledger.tables.pools[ACCOUNT, MARKET, SKU] = pool()
    bench.pipeline.propose(wish(50, 60, kind=Kind.STOCK_SET, evidence={"location": "main"}))
    assert bench.executor().run_once() == {"applied": 1}
    assert bench.platform.stock == {SKU: 60}
    bench.wait(3)
    bench.platform.stock[SKU] = 55
    assert bench.verifier.run_once() == {"verified": 1}


def test_a_dry_run_asks_for_a_preview_and_changes_nothing(a_bench):
    platform = PreviewingPlatform()
    bench = a_bench(platform=platform, mode=Mode.DRY_RUN)
    key = bench.pipeline.propose(wish(mode=Mode.DRY_RUN)).key
    assert bench.executor(Preview({ACCOUNT: platform})).run_once() == {"previewed": 1}
    assert (platform.previews, platform.sent.total()) == (1, 0)
    assert bench.get(key).sent_at is None
    assert bench.executor(Preview({ACCOUNT: platform})).run_once() == {}


def test_where_there_is_no_preview_the_guards_alone_judge(a_bench):
    bench = a_bench(mode=Mode.DRY_RUN)
    bench.pipeline.propose(wish(mode=Mode.DRY_RUN))
    assert bench.executor(Preview({ACCOUNT: bench.platform})).run_once() == {"previewed": 1}
    assert not bench.platform.sent


def test_a_dry_run_has_no_writer_and_an_executor_takes_no_other_modes_actions(bench):
    with pytest.raises(ConfigError):
        Writer(Mode.DRY_RUN, {ACCOUNT: bench.platform})
    bench.pipeline.propose(wish())
    assert bench.executor(Preview({ACCOUNT: bench.platform})).run_once() == {}
    assert bench.executor(Writer(Mode.SANDBOX, {ACCOUNT: bench.platform})).run_once() == {}
    assert not bench.platform.sent


def test_a_dry_run_door_holds_no_verb_that_writes():
    held = Preview({ACCOUNT: PreviewingPlatform()})
    assert [verb.__name__ for verb in held._ask.values()] == ["preview_price"]


@pytest.mark.parametrize("answer", ["killed_before", "killed_after"])
def test_killed_while_sending_is_never_sent_again(a_bench, answer):
    bench = a_bench(platform=FakePlatform(answer))
    key = bench.pipeline.propose(wish()).key
    with pytest.raises(Killed):
        bench.executor().run_once()
    assert bench.get(key).state is State.EXECUTING
    second = bench.executor(claimed_by="process-2")
    assert second.run_once() == {}
    assert second.recover(alive=lambda name: name == "process-1") == 0
    assert second.recover(alive=lambda name: name == "process-2") == 1
    assert bench.get(key).state is State.UNKNOWN
    for minutes in (1, 2, 12, 45):
        bench.wait(minutes)
        bench.verifier.run_once()
        second.run_once()
    assert bench.get(key).state is (State.VERIFIED if answer == "killed_after" else State.FAILED)
    assert bench.platform.sent.total() == (answer == "killed_after")


def test_a_claim_too_old_is_left_behind_even_if_its_process_lives(a_bench):
    bench = a_bench(platform=FakePlatform("killed_after"))
    bench.pipeline.propose(wish())
    with pytest.raises(Killed):
        bench.executor().run_once()
    bench.wait(6)
    assert bench.executor().recover(alive=lambda _: True, older_than_s=300) == 1


def test_an_answer_that_comes_after_recovery_completes_it(bench):
    key = bench.pipeline.propose(wish()).key
    slow = FakePlatform()

    class Slow(FakePlatform):
        def set_price(self, listing, price, *, idempotency_key):
            bench.executor(claimed_by="process-2").recover(alive=lambda _: False)
            return slow.set_price(listing, price, idempotency_key=idempotency_key)

    bench.executor(Writer(Mode.LIVE, {ACCOUNT: Slow()})).run_once()
    assert bench.steps(key)[-3:] == ["executing", "unknown", "applied"]
    assert bench.audit().ok


def test_a_killed_preview_ends_as_failed_since_nothing_can_have_been_sent(a_bench):
    class Dies(PreviewingPlatform):
        def preview_price(self, listing, price):
            raise Killed

    bench = a_bench(platform=Dies(), mode=Mode.DRY_RUN)
    key = bench.pipeline.propose(wish(mode=Mode.DRY_RUN)).key
    dry = bench.executor(Preview({ACCOUNT: bench.platform}))
    with pytest.raises(Killed):
        dry.run_once()
    assert dry.recover(alive=lambda _: False) == 1
    assert bench.get(key).state is State.FAILED


def test_a_burst_over_the_catalogue_stops_at_its_share(a_bench):
    skus = [f"S{i:02}" for i in range(40)]
    bench = a_bench(shop(*skus))
    records = [bench.pipeline.propose(wish(sku=s)) for s in skus]
    assert [r.state for r in records].count(State.APPROVED) == 20
    assert [r.state for r in records].count(State.HELD) == 20
    assert bench.executor().run_once() == {"applied": 20}


def test_counts_of_the_day_come_from_what_was_sent(a_bench):
    body = shop().policies["guards"]
    tables = shop(guards={**body, "change_rate": {**body["change_rate"], "changes_per_day": 1}})
    bench = a_bench(tables)
    bench.pipeline.propose(wish())
    bench.executor().run_once()
    bench.wait(3)
    bench.verifier.run_once()
    again = bench.pipeline.propose(wish(usd("19.00"), usd("18.50"), slot=bench.clock.now()))
    assert "1 changes within a day already" in again.why
    bench.clock.sleep(timedelta(days=1).total_seconds())


def test_executor_needs_a_door():
    with pytest.raises(TypeError):
        Executor(None, all_guards(), None, claimed_by="x")
    assert later(1) > T0
