"""Reading back at 3, 15 and 60 minutes: verified, drifted with a halt, or not yet known."""

from dataclasses import replace

import pytest
from actions_kit import ACCOUNT, MARKET, SKU, FakePlatform, usd, wish

from ecom_agent.actions.model import State
from ecom_agent.errors import NotFound


def sent(bench):
    key = bench.pipeline.propose(wish()).key
    bench.executor().run_once()
    return key


def test_a_match_verifies_and_is_the_newest_fact(bench):
    key = sent(bench)
    assert bench.verifier.run_once() == {}
    bench.wait(3)
    assert bench.verifier.run_once() == {"verified": 1}
    assert bench.get(key).state is State.VERIFIED
    shown = bench.ledger.tables.listings[ACCOUNT, MARKET, SKU]
    assert (shown.price, shown.seen_at) == (usd("19.00"), bench.clock.now())


def test_accepted_but_never_applied_is_drift_after_the_last_look_and_halts_the_sku(a_bench):
    bench = a_bench(platform=FakePlatform("ignored"))
    key = sent(bench)
    for minutes, state in ((3, State.APPLIED), (12, State.APPLIED), (45, State.FAILED)):
        bench.wait(minutes)
        bench.verifier.run_once()
        assert bench.get(key).state is state
    assert bench.get(key).why == "drifted: wanted 19.00 USD, the platform shows 20.00 USD"
    assert list(bench.ledger.tables.halts) == [f"sku:{ACCOUNT}/{MARKET}/{SKU}"]
    assert bench.steps(key)[-2:] == ["failed", "halted"]
    assert bench.pipeline.propose(wish(slot=bench.clock.now())).state is State.DENIED


def test_what_shows_late_is_verified_all_the_same(a_bench):
    bench = a_bench(platform=FakePlatform("ignored"))
    key = sent(bench)
    bench.wait(3)
    assert bench.verifier.run_once() == {"pending": 1}
    bench.platform.prices[SKU] = usd("19.00")
    bench.wait(12)
    assert bench.verifier.run_once() == {"verified": 1}
    assert bench.get(key).verify_tries == 1


def test_a_persons_change_at_the_platform_is_drift_with_what_was_found(bench):
    key = sent(bench)
    bench.platform.prices[SKU] = usd("25.00")
    for minutes in (3, 12, 45):
        bench.wait(minutes)
        bench.verifier.run_once()
    assert "shows 25.00 USD" in bench.get(key).why
    assert bench.ledger.tables.chain[-2].event.detail["found"] == {"minor": 2500, "currency": "USD"}


def test_no_answer_but_done_is_applied_and_verified_in_one_look(a_bench):
    bench = a_bench(platform=FakePlatform("lost"))
    key = sent(bench)
    bench.wait(1)
    assert bench.verifier.run_once() == {"verified": 1}
    assert bench.steps(key)[-3:] == ["unknown", "applied", "verified"]


def test_no_answer_and_not_done_fails_without_a_halt(a_bench):
    bench = a_bench(platform=FakePlatform("vanished"))
    key = sent(bench)
    for minutes in (1, 2, 12, 45):
        bench.wait(minutes)
        bench.verifier.run_once()
    assert bench.get(key).state is State.FAILED
    assert bench.get(key).why == "not done: still 20.00 USD"
    assert not bench.ledger.tables.halts
    assert bench.pipeline.propose(wish(slot=bench.clock.now())).state is State.APPROVED


def test_a_read_that_fails_decides_nothing(bench):
    key = sent(bench)
    bench.platform.unreadable = True
    for _ in range(9):
        bench.wait(60)
        assert bench.verifier.run_once() == {"pending": 1}
    assert bench.get(key).verify_tries == 0
    bench.platform.unreadable = False
    bench.wait(3)
    assert bench.verifier.run_once() == {"verified": 1}


def test_one_can_be_looked_at_before_it_is_due(bench):
    key = sent(bench)
    assert bench.verifier.check(key).state is State.VERIFIED
    assert bench.verifier.check(key).state is State.VERIFIED
    with pytest.raises(NotFound):
        bench.verifier.check("0" * 64)


def test_without_readable_times_in_the_policy_it_still_looks(bench):
    tables = bench.ledger.tables
    tables.policies["guards"] = {**tables.policies["guards"], "verify": {"applied_after_min": "soon"}}
    sent(bench)
    bench.wait(3)
    assert bench.verifier.run_once() == {"verified": 1}


def test_a_step_taken_meanwhile_by_another_is_not_contradicted(bench):
    key = sent(bench)
    bench.wait(3)
    other = bench.platform.live_price

    def reads_slowly(sku, marketplace):
        bench.platform.live_price = other
        bench.verifier.run_once()
        return usd("1.00")

    bench.platform.live_price = reads_slowly
    assert bench.verifier.run_once() == {"verified": 1}
    assert bench.steps(key).count("verified") == 1
    assert replace(bench.get(key)).state is State.VERIFIED
