"""Lanes over one bucket: the rate is never exceeded, price writes are never starved, the lowest gets what is left."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecom_agent.clock import FrozenClock
from ecom_agent.connector import Rate
from ecom_agent.errors import OutOfQuota
from ecom_agent.ids import AccountId
from ecom_agent.records.sync import Lane
from platforms._shared.throttle import GRACE, PATIENCE_S, RESERVE_S, Bucket, Quota

NOW = datetime(2026, 11, 2, 14, tzinfo=UTC)
SHOP = AccountId("shop")
rates = st.floats(0.01, 50)
bursts = st.integers(1, 100).map(float)
asks = st.lists(st.tuples(st.floats(0, 30), st.sampled_from(Lane), st.integers(1, 5)), max_size=40)


def step(bucket: Bucket, lane: Lane, cost: float) -> tuple[Bucket, bool]:
    """One try, as the broker makes it for somebody who will wait."""
    wait_s = bucket.wait_s(cost, lane)
    return (bucket.heard(lane, wait_s), False) if wait_s else (bucket.taken(cost).served(lane), True)


@given(rates, bursts, asks)
@settings(max_examples=60, deadline=None)
def test_no_stretch_of_time_sees_more_than_the_rate_allows(
    per_s: float, burst: float, tries: list[tuple[float, Lane, int]]
) -> None:
    bucket, at, given_out = Bucket(per_s, burst, burst, 0, NOW), 0.0, list[tuple[float, float]]()
    for passed, lane, cost in tries:
        at += passed
        wanted = min(float(cost), burst)
        bucket, got = step(bucket.at(NOW + timedelta(seconds=at)), lane, wanted)
        if got:
            given_out.append((at, wanted))
    for first, (begin, _) in enumerate(given_out):
        spent = 0.0
        for end, cost_ in given_out[first:]:
            spent += cost_
            assert spent <= burst + per_s * (end - begin) + 1e-3


@given(rates, bursts, st.floats(0, 1), st.sampled_from([lane for lane in Lane if lane is not Lane.PRICES]))
@settings(max_examples=60, deadline=None)
def test_a_price_gets_its_token_as_if_it_were_alone(per_s: float, burst: float, full: float, below: Lane) -> None:
    """Others ask again and again, right up to the moment when it looks: it never waits longer for their sake."""
    bucket = Bucket(per_s, burst, burst * full, 0, NOW)
    alone_s = bucket.wait_s(1.0)
    bucket, got = step(bucket, Lane.PRICES, 1.0)
    if got:
        return
    for part in range(1, 10):
        bucket, other = step(bucket.at(NOW + timedelta(seconds=alone_s * part / 10)), below, 1.0)
        assert not other
    due = NOW + timedelta(seconds=alone_s, microseconds=1)
    bucket, other = step(bucket.at(due), below, 1.0)
    assert not other
    assert step(bucket.at(due), Lane.PRICES, 1.0)[1]


@given(rates, bursts, st.sampled_from(Lane), st.integers(1, 5))
@settings(max_examples=60, deadline=None)
def test_every_lane_gets_what_is_left_even_where_a_call_needs_the_whole_bucket(
    per_s: float, burst: float, lane: Lane, cost: int
) -> None:
    bucket = Bucket(per_s, burst, 0.0, 0, NOW)
    wait_s = bucket.wait_s(cost, lane)
    assert wait_s <= burst / per_s + 1e-6
    assert bucket.at(NOW + timedelta(seconds=wait_s, microseconds=1)).wait_s(cost, lane) == pytest.approx(0.0, abs=1e-5)


@given(st.floats(0.001, 50), bursts, st.floats(0, 1), st.sampled_from(Lane), st.integers(1, 5))
@settings(max_examples=60, deadline=None)
def test_no_lane_waits_long_for_the_sake_of_those_that_do_not_ask(
    per_s: float, burst: float, full: float, lane: Lane, cost: int
) -> None:
    bucket = Bucket(per_s, burst, burst * full, 0, NOW)
    alone_s, wait_s = bucket.wait_s(cost), bucket.wait_s(cost, lane)
    assert alone_s <= wait_s <= alone_s + RESERVE_S + 1e-6


def test_after_a_refusal_the_slowest_operation_can_be_waited_for_in_every_lane() -> None:
    """Amazon's searchOrders: 0.0056 calls a second, 20 at once. One 429 empties the bucket."""
    clock = FrozenClock(NOW)
    quota = Quota(clock)
    quota.seed(SHOP, "amazon", {"searchOrders": Rate(0.0056, 20.0)})
    for lane in Lane:
        quota.throttled(SHOP, "searchOrders")
        before = clock.now()
        with quota.lane(lane):
            quota.acquire(SHOP, "searchOrders")
        assert (clock.now() - before).total_seconds() < PATIENCE_S


def test_one_who_died_waiting_holds_nobody_up_for_long() -> None:
    bucket = Bucket(1.0, 1.0, 0.0, 0, NOW).heard(Lane.ORDERS, 1.0)
    assert bucket.at(NOW + timedelta(seconds=2)).wait_s(1.0, Lane.BACKFILL) == 1.0
    assert bucket.at(NOW + timedelta(seconds=1) + GRACE).wait_s(1.0, Lane.BACKFILL) == 0.0


def broker(clock: FrozenClock) -> Quota:
    quota = Quota(clock)
    quota.seed(SHOP, "shop", {"graphql": Rate(1.0, 10.0)})
    return quota


def test_a_lower_lane_leaves_its_share_and_a_higher_one_takes_it() -> None:
    clock = FrozenClock(NOW)
    quota = broker(clock)
    with quota.lane(Lane.BACKFILL, until=NOW):
        for _ in range(5):
            quota.acquire(SHOP, "graphql")
        with pytest.raises(OutOfQuota):
            quota.acquire(SHOP, "graphql")
    for _ in range(5):
        quota.acquire(SHOP, "graphql", within_s=0)
    assert clock.now() == NOW  # nobody waited


def test_a_call_that_cannot_be_in_time_is_told_at_once_and_takes_nothing() -> None:
    clock = FrozenClock(NOW)
    quota = broker(clock)
    quota.acquire(SHOP, "graphql", cost=10)
    with quota.lane(Lane.ORDERS, until=NOW + timedelta(seconds=1)), pytest.raises(OutOfQuota) as told:
        quota.acquire(SHOP, "graphql")
    assert (clock.now(), told.value.retry_after_s) == (NOW, 2.0)
    quota.acquire(SHOP, "graphql")  # of no lane of its own: the first
    assert clock.now() == NOW + timedelta(seconds=1)


def test_the_lane_ends_with_its_block() -> None:
    quota = broker(FrozenClock(NOW))
    with quota.lane(Lane.BACKFILL, until=NOW):
        pass
    for _ in range(10):
        quota.acquire(SHOP, "graphql", within_s=0)
