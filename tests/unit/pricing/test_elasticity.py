"""A listing's elasticity: a known one is found, money's scale is nothing, more days narrow it, little data says so."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pricing.elasticity import LEAST_DAYS, Day, Elasticity, Prior, TooThin, category_prior, estimate

START = date(2026, 1, 1)
KNOWN = st.floats(-4.0, -0.3)


def some_days(elasticity: float, count: int, seed: int, *, a_day: float = 20.0) -> list[Day]:
    """Sales by a Poisson of known elasticity; the price changes every third day by about 10 %."""
    dice = np.random.default_rng(seed)
    logs = np.repeat(dice.normal(0, 0.1, count // 3 + 1), 3)[:count]
    units = dice.poisson(a_day * np.exp(elasticity * logs))
    prices = [max(1, round(2_000 * float(np.exp(x)))) for x in logs]
    return [
        Day(START + timedelta(i), int(n), p, False, True, 1.0)
        for i, (n, p) in enumerate(zip(units, prices, strict=True))
    ]


def found(days: list[Day], prior: Prior | None = None) -> Elasticity:
    told = estimate(days, prior)
    assert isinstance(told, Elasticity), told
    return told


@settings(max_examples=25)
@given(true=KNOWN, seed=st.integers(0, 10_000))
def test_a_known_elasticity_is_found(true: float, seed: int) -> None:
    told = found(some_days(true, 200, seed, a_day=50.0), Prior(-2.0, 3.0))
    assert abs(told.value - true) < 4.5 * told.sd + 0.05
    assert told.low < told.value < told.high


def test_nine_in_ten_intervals_hold_the_truth() -> None:
    dice, hits = np.random.default_rng(5), []
    for seed in range(120):
        true = float(dice.normal(-2.0, 0.8))
        told = found(some_days(true, 90, seed, a_day=6.0), Prior(-2.0, 0.8))
        hits.append(told.low <= true <= told.high)
    assert 0.82 <= np.mean(hits) <= 0.98


def drifting_days(elasticity: float, months: int, seed: int, *, drift: float) -> list[Day]:
    """As `some_days`, with an elasticity of its own in each month."""
    dice = np.random.default_rng(seed)
    parts = [some_days(float(dice.normal(elasticity, drift)), 30, 1_000 * seed + m, a_day=60.0) for m in range(months)]
    return [replace(d, on=d.on + timedelta(30 * m)) for m, part in enumerate(parts) for d in part]


def test_an_elasticity_that_drifts_from_month_to_month_gets_an_honest_interval() -> None:
    dice, hits, drifts = np.random.default_rng(9), [], []
    for seed in range(60):
        true = float(dice.normal(-2.0, 0.8))
        told = found(drifting_days(true, 10, seed, drift=1.2), Prior(-2.0, 0.8))
        hits.append(told.low <= true <= told.high)
        drifts.append(told.drift)
    assert 0.8 <= np.mean(hits) <= 0.98
    assert np.mean(drifts) == pytest.approx(1.2, abs=0.25)


def test_months_that_are_alike_are_seen_to_be() -> None:
    still, drifts = (found(drifting_days(-2.0, 12, 4, drift=d)) for d in (0.0, 1.2))
    assert still.drift < 0.4 < drifts.drift
    assert still.sd < drifts.sd


@settings(max_examples=20)
@given(true=KNOWN, seed=st.integers(0, 999), times=st.sampled_from([3, 10, 1_000]))
def test_the_scale_of_money_is_nothing(true: float, seed: int, times: int) -> None:
    days = some_days(true, 60, seed)
    scaled = [replace(d, price_minor=d.price_minor * times) for d in days]
    assert found(scaled).value == pytest.approx(found(days).value, abs=1e-6)
    assert found(scaled).sd == pytest.approx(found(days).sd, rel=1e-6)


@settings(max_examples=20)
@given(true=KNOWN, seed=st.integers(0, 999))
def test_more_days_narrow_the_interval_and_make_it_the_listings_own(true: float, seed: int) -> None:
    few, many = found(some_days(true, 40, seed)), found(some_days(true, 400, seed))
    assert many.sd < few.sd <= Prior().sd
    assert many.own_share > few.own_share >= 0


@settings(max_examples=20)
@given(seed=st.integers(0, 999), order=st.randoms(use_true_random=False))
def test_the_order_of_days_is_nothing(seed: int, order) -> None:
    days = some_days(-2.0, 50, seed)
    mixed = days.copy()
    order.shuffle(mixed)
    assert estimate(mixed) == estimate(days)


def test_days_without_stock_or_buy_box_change_nothing_however_wild() -> None:
    days = some_days(-2.0, 120, 3)
    wild = [
        replace(days[0], on=START + timedelta(500), units=0, in_stock=False),
        replace(days[1], on=START + timedelta(501), units=0, in_stock=None),
        replace(days[2], on=START + timedelta(502), units=0, buy_box_share=0.1),
        replace(days[3], on=START + timedelta(503), units=9_999, buy_box_share=None),
    ]
    told = found(days + wild)
    assert (told.days, told.masked) == (120, 4)
    assert replace(told, masked=0) == found(days)


def test_half_a_day_of_buy_box_is_half_a_day_on_offer() -> None:
    """Had it been taken for weak demand at a high price, the elasticity would look far larger."""
    days = some_days(-1.5, 300, 8, a_day=200.0)
    mean = sum(d.price_minor for d in days) / len(days)
    shared = [replace(d, buy_box_share=0.5, units=d.units // 2) if d.price_minor > mean else d for d in days]
    ignored = [replace(d, buy_box_share=1.0) for d in shared]
    assert found(shared).value == pytest.approx(-1.5, abs=0.3)
    assert found(ignored).value < -3.0


@pytest.mark.parametrize(
    ("days", "word"),
    [
        ([], "usable days"),
        (some_days(-2.0, LEAST_DAYS - 1, 1), "usable days"),
        ([replace(d, units=0) for d in some_days(-2.0, 60, 1)], "units sold"),
        ([replace(d, price_minor=2_000) for d in some_days(-2.0, 60, 1)], "hardly moved"),
    ],
)
def test_too_little_is_said_with_its_reason(days: list[Day], word: str) -> None:
    told = estimate(days)
    assert isinstance(told, TooThin)
    assert word in told.reason


@pytest.mark.parametrize(
    "wrong", [{"units": -1}, {"price_minor": 0}, {"buy_box_share": 1.5}, {"rival_minor": 0}], ids=str
)
def test_a_day_that_cannot_be_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="wanted"):
        estimate([replace(some_days(-2.0, 1, 1)[0], **wrong)])


def test_a_rivals_price_is_told_apart_from_ours() -> None:
    """Rivals follow us half of the way, and their price cuts cost us: alone, ours would look far less elastic."""
    dice = np.random.default_rng(11)
    ours = np.repeat(dice.normal(0, 0.1, 100), 3)
    theirs = 0.5 * ours + np.repeat(dice.normal(0, 0.03, 100), 3)
    units = dice.poisson(60 * np.exp(-3.0 * ours + 2.0 * theirs))
    days = [
        Day(
            START + timedelta(i),
            int(n),
            round(2_000 * float(np.exp(a))),
            False,
            True,
            1.0,
            round(2_000 * float(np.exp(b))),
        )
        for i, (n, a, b) in enumerate(zip(units, ours, theirs, strict=True))
    ]
    wide = Prior(-2.0, 3.0)
    assert found(days, wide).value == pytest.approx(-3.0, abs=0.5)
    assert found([replace(d, rival_minor=None) for d in days], wide).value > -2.5


def test_a_category_learns_its_mean_and_spread() -> None:
    dice = np.random.default_rng(2)
    true = dice.normal(-2.5, 0.5, 60)
    told = [found(some_days(float(e), 150, i, a_day=50.0), Prior(-2.0, 3.0)) for i, e in enumerate(true)]
    prior = category_prior(told)
    assert prior.mean == pytest.approx(-2.5, abs=0.3)
    assert prior.sd == pytest.approx(0.5, abs=0.3)
    assert category_prior(told[:2], Prior(-1.0, 0.7)) == Prior(-1.0, 0.7)
