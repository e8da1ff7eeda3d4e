"""Killed at any step, restarted, recovered: nothing is sent twice, nothing is lost, the chain is whole.

A "process" here is an executor over a ledger that ends it (`Killed`) just before or just after any commit, or while
the platform is called. What was committed stays; everything else is gone.
"""

import itertools
from contextlib import contextmanager

import pytest
from actions_kit import SKU, FakePlatform, Killed, shop, usd, wish
from hypothesis import given, settings
from hypothesis import strategies as st

from ecom_agent.actions.audit import verify
from ecom_agent.actions.model import NEXT, State

FINAL = {state for state, following in NEXT.items() if not following}
ANSWERS = ("ok", "lost", "vanished", "ignored", "throttled", "rejected", "locked_out", "odd", "killed_before")
SKUS = ("A", "B", "C")


class Deadly:
    """A ledger that kills at the nth commit, before it or right after; every n only once."""

    def __init__(self, ledger, at, after):
        self.real, self.left, self.after = ledger, at, after

    @contextmanager
    def unit(self, *, lasting=True):
        self.left -= 1
        if self.left == 0 and self.after:
            with self.real.unit(lasting=lasting) as book:
                yield book
            raise Killed
        with self.real.unit(lasting=lasting) as book:
            yield book
            if self.left == 0:
                raise Killed


def live_through(bench, at, after, rounds=12):
    """Propose, send and verify for a while, being killed once at the `at`th commit, and whenever the platform says."""
    bench.pipeline._ledger = bench.verifier._ledger = deadly = Deadly(bench.ledger, at, after)
    lives, wished = 1, 0
    while rounds:
        executor = bench.executor(claimed_by=f"life-{lives}")
        executor._ledger = deadly
        try:
            executor.recover(alive=lambda name, now=f"life-{lives}": name == now)
            while wished < len(SKUS):
                bench.pipeline.propose(wish(sku=SKUS[wished]))
                wished += 1
            executor.run_once()
            bench.verifier.run_once()
            bench.pipeline.expire()
            bench.wait(10)
            rounds -= 1
        except Killed:
            lives += 1
    return lives


def check(bench):
    tables = bench.ledger.tables
    assert verify(tables.chain).ok
    assert len(tables.actions) == len(SKUS)
    assert all(count == 1 for count in bench.platform.sent.values()), "sent twice"
    for record in tables.actions.values():
        assert record.state in FINAL, f"stuck: {record.state}, {record.why}"
        assert record.why
        walk(record, [link.event.step for link in tables.chain if link.event.action_key == record.key])
        shown = bench.platform.live_price(record.action.target, record.action.marketplace)
        if record.state is State.VERIFIED:
            assert shown == record.action.after
        if record.state is State.DENIED or record.why.startswith("not "):
            assert bench.platform.sent[record.key] == 0 or shown == usd("20.00")


def walk(record, steps):
    """The audit alone tells a legal life that ends where the Action is."""
    assert steps[0] == "proposed"
    lived = [State(step) for step in steps if step != "halted"]
    for before, then in itertools.pairwise(lived):
        assert then in NEXT[before]
    assert lived[-1] is record.state


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("answer", ["ok", "lost", "vanished"])
def test_killed_at_each_commit_in_turn(a_bench, answer, after):
    for at in range(1, 40):
        bench = a_bench(shop(*SKUS), FakePlatform(*[answer] * 3))
        live_through(bench, at, after)
        check(bench)


@settings(max_examples=60, deadline=None)
@given(
    at=st.integers(0, 60),
    after=st.booleans(),
    answers=st.lists(st.sampled_from((*ANSWERS, "killed_after")), max_size=6),
)
def test_killed_anywhere_with_any_answers(a_bench, at, after, answers):
    bench = a_bench(shop(*SKUS), FakePlatform(*answers))
    live_through(bench, at, after)
    check(bench)


def test_one_that_was_done_is_known_to_be_done_after_a_kill(a_bench):
    bench = a_bench(shop(*SKUS), FakePlatform("killed_after", "killed_after", "killed_after"))
    assert live_through(bench, 0, after=False) == 4
    check(bench)
    assert {r.state for r in bench.ledger.tables.actions.values()} == {State.VERIFIED}
    assert SKU not in bench.platform.prices
