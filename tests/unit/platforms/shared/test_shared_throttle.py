"""One token bucket per (account, operation): never faster than allowed, and nobody waits longer than he said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecom_agent.clock import FrozenClock
from ecom_agent.connector import Rate
from ecom_agent.errors import TransientError
from ecom_agent.ids import AccountId
from platforms._shared.throttle import UNPUBLISHED, MemoryState, Quota

NOON = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)
A, B = AccountId("a"), AccountId("b")


def quota(per_s: float = 2.0, burst: float = 3.0) -> tuple[FrozenClock, Quota]:
    clock = FrozenClock(NOON)
    made = Quota(clock)
    made.seed(A, "northwind", {"orders": Rate(per_s, burst)})
    return clock, made


@settings(max_examples=60, deadline=None)
@given(
    per_s=st.floats(0.005, 50),
    burst=st.floats(1, 50),
    costs=st.lists(st.floats(0.1, 20), min_size=1, max_size=30),
)
def test_never_more_than_the_bucket_and_its_rate_allow(per_s: float, burst: float, costs: list[float]) -> None:
    clock, made = quota(per_s, burst)
    spent = 0.0
    for cost in costs:
        made.acquire(A, "orders", cost=cost, within_s=1e9)
        spent += cost
        passed = (clock.now() - NOON).total_seconds()
        assert spent <= max(burst, burst + cost - min(cost, burst)) + passed * per_s + 1e-3


def test_a_full_bucket_does_not_wait_and_an_empty_one_does() -> None:
    clock, made = quota()
    for _ in range(3):
        made.acquire(A, "orders")
    assert clock.now() == NOON
    made.acquire(A, "orders")
    assert clock.now() == NOON + timedelta(seconds=0.5)


def test_accounts_and_operations_do_not_share() -> None:
    clock, made = quota(per_s=0.01, burst=1)
    made.seed(B, "northwind", {"orders": Rate(0.01, 1)})
    for account, operation in ((A, "orders"), (B, "orders"), (A, "prices")):
        made.acquire(account, operation)
    assert clock.now() == NOON


def test_a_wait_longer_than_ones_patience_is_an_error_that_tells_it() -> None:
    clock, made = quota(per_s=0.001, burst=1)
    made.acquire(A, "orders")
    with pytest.raises(TransientError, match="northwind orders") as caught:
        made.acquire(A, "orders", within_s=60)
    assert caught.value.retry_after_s == pytest.approx(1000)
    assert clock.now() == NOON


def test_an_answer_corrects_the_rate_the_burst_and_what_is_left() -> None:
    clock, made = quota()
    made.learn(A, "orders", per_s=10, burst=100, tokens=0)
    made.acquire(A, "orders", cost=5)
    assert clock.now() == NOON + timedelta(seconds=0.5)
    [bucket] = made.snapshot()
    assert (bucket.per_s, bucket.burst, bucket.throttled) == (10, 100, 0)


@pytest.mark.parametrize("nonsense", [0.0, -1.0, None])
def test_a_rate_that_makes_no_sense_is_not_learnt(nonsense: float | None) -> None:
    _, made = quota()
    made.learn(A, "orders", per_s=nonsense, burst=nonsense)
    [bucket] = made.snapshot()
    assert (bucket.per_s, bucket.burst) == (2.0, 3.0)


@pytest.mark.parametrize(("told", "waits"), [(None, 0.5), (30.0, 30.0)])
def test_a_refusal_empties_the_bucket_for_as_long_as_it_says(told: float | None, waits: float) -> None:
    clock, made = quota()
    made.acquire(A, "orders")
    made.throttled(A, "orders", retry_after_s=told)
    made.acquire(A, "orders")
    assert clock.now() == NOON + timedelta(seconds=waits)
    assert made.snapshot()[0].throttled == 1


def test_an_operation_nobody_published_has_a_careful_rate() -> None:
    _, made = quota()
    made.acquire(B, "newThing")
    [bucket] = made.snapshot()
    assert (bucket.per_s, bucket.burst) == (UNPUBLISHED.per_s, UNPUBLISHED.burst)


def test_brokers_over_one_state_share_its_buckets() -> None:
    clock, state = FrozenClock(NOON), MemoryState()
    first, second = Quota(clock, state), Quota(clock, state)
    for made in (first, second):
        made.seed(A, "northwind", {"orders": Rate(1, 2)})
    first.acquire(A, "orders")
    second.acquire(A, "orders")
    first.acquire(A, "orders")
    assert clock.now() == NOON + timedelta(seconds=1)


@given(per_s=st.floats(0.5, 50), burst=st.integers(1, 50), asked=st.lists(st.integers(1, 60), min_size=1, max_size=10))
def test_reserved_tokens_are_spent_once_and_what_is_left_goes_back(per_s: float, burst: int, asked: list[int]) -> None:
    clock, made = quota(per_s, float(burst))
    spent = 0
    for most in asked:
        got = made.reserve(A, "orders", most)
        assert 1 <= got <= min(most, burst)
        for _ in range(max(1, got // 2)):
            before = clock.now()
            made.acquire(A, "orders")
            assert clock.now() == before, "what is reserved is not waited for"
            spent += 1
        made.give_back(A, "orders")
    passed = (clock.now() - NOON).total_seconds()
    assert spent <= burst + per_s * passed + 1e-3
    (bucket,) = made.snapshot()
    assert bucket.tokens <= burst


def test_who_does_not_wait_is_told_that_there_is_no_room() -> None:
    clock, made = quota(per_s=1, burst=2)
    assert made.reserve(A, "orders", 5, wait=False) == 2
    assert made.reserve(A, "orders", 5, wait=False) == 0
    assert clock.now() == NOON
    made.give_back(A, "orders")
    assert made.reserve(A, "orders", 5, wait=False) == 2
    assert made.reserve(B, "orders", 0) == 0
