"""A price war is seen for what it is, and nothing else is; answers keep our floor and say what they cost."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pricing.war import LEAST_TURNS, QUIET, Choice, Economics, Moment, War, advise, detect

START = datetime(2026, 3, 1, tzinfo=UTC)
STEP = timedelta(minutes=20)


def spiral(turns: int, *, start: int = 2_000, step: int = 20) -> list[Moment]:
    """We and a rival take turns to go `step` below one another."""
    ours = rival = start
    story = [Moment(START, ours, rival)]
    for n in range(turns):
        if n % 2:
            ours = rival - step
        else:
            rival = ours - step
        story.append(Moment(START + (n + 1) * STEP, ours, rival))
    return story


def ends(story: list[Moment]) -> datetime:
    return story[-1].at + timedelta(minutes=5)


def seen(story: list[Moment]) -> War:
    war = detect(story, ends(story))
    assert war is not None
    return war


TOLD = Economics(
    unit_cost=900, fee_share=0.15, floor=1_200, units_a_day=10, elasticity=-2, elasticity_low=-3, elasticity_high=-1
)


@given(turns=st.integers(LEAST_TURNS, 40), start=st.integers(1_500, 50_000), order=st.randoms(use_true_random=False))
def test_a_falling_spiral_is_a_war_in_whatever_order_it_is_told(turns, start, order):
    step = max(1, start // 100)
    story = spiral(turns, start=start, step=step)
    war = seen(story)
    assert (war.turns, war.peace, war.now) == (turns, start, start - turns * step)
    assert (war.began, war.last_move) == (story[1].at, story[-1].at)
    mixed = story.copy()
    order.shuffle(mixed)
    assert detect(mixed, ends(story)) == war


@given(times=st.integers(2, 1_000), shift=st.integers(0, 10_000))
def test_neither_the_unit_of_money_nor_the_day_matters(times, shift):
    story, late = spiral(8), timedelta(hours=shift)
    scaled = [Moment(m.at + late, (m.ours or 0) * times, (m.rival or 0) * times) for m in story]
    war, same = seen(story), seen(scaled)
    assert (same.turns, same.fall) == (war.turns, pytest.approx(war.fall))
    assert (same.peace, same.began) == (war.peace * times, war.began + late)


@settings(max_examples=200)
@given(prices=st.lists(st.tuples(st.integers(1, 9_999) | st.none(), st.integers(1, 9_999) | st.none()), max_size=30))
def test_whatever_the_story_there_is_an_answer_and_a_war_has_fallen(prices):
    story = [Moment(START + n * STEP, ours, rival) for n, (ours, rival) in enumerate(prices)]
    war = detect(story, START + 40 * STEP)
    if war is not None:
        assert war.turns >= LEAST_TURNS
        assert war.now < war.peace
        assert 1 <= war.rival_floor[0] <= war.rival_floor[1]
        advice = advise(war, replace(TOLD, floor=1))
        assert all(cost.price >= 1 for cost in advice.costs)


def test_what_is_no_war():
    alone = [Moment(START + n * STEP, 2_000, 2_000 - 40 * n) for n in range(10)]  # one clears stock, nobody answers
    wandering = [Moment(START + n * STEP, 2_000 + 50 * (n % 2), 2_000 - 50 * (n % 2)) for n in range(12)]
    tiny = spiral(8, step=1)  # eight cents of twenty dollars
    reset = [*spiral(3), Moment(START + 4 * STEP, 2_000, 2_000), *[replace(m, at=m.at + 5 * STEP) for m in spiral(3)]]
    for story in (alone, wandering, tiny, reset, [], spiral(1)):
        assert detect(story, START + timedelta(hours=12)) is None


def test_a_war_that_has_long_been_quiet_is_over_and_one_to_come_is_not_known():
    story = spiral(10)
    assert detect(story, story[-1].at + QUIET) is not None
    assert detect(story, story[-1].at + QUIET + STEP) is None
    assert detect(story, story[LEAST_TURNS - 1].at) is None


def test_unknown_prices_are_no_moves():
    story = spiral(10)
    holes = [m for one in story for m in (one, Moment(one.at + STEP / 2, None, None))]
    assert replace(seen(holes), rival_floor=seen(story).rival_floor) == seen(story)


def test_a_rival_that_no_longer_answers_has_shown_its_floor():
    story = spiral(10)  # we moved last
    open_end = seen(story)
    assert open_end.rival_floor[0] < open_end.rival_floor[1] == open_end.rival_price
    rested = [*story, Moment(story[-1].at + timedelta(hours=3), None, open_end.rival_price)]
    assert seen(rested).rival_floor == (open_end.rival_price, open_end.rival_price)


@settings(max_examples=200)
@given(
    turns=st.integers(LEAST_TURNS, 30), cost=st.integers(0, 3_000), fee=st.integers(0, 40), floor=st.integers(1, 3_000),
    sold=st.integers(0, 500), low=st.floats(-6, -2), high=st.floats(-2, -0.1),
)  # fmt: skip
def test_advice_keeps_the_floor_and_its_interval(turns, cost, fee, floor, sold, low, high):
    told = Economics(cost, fee / 100, floor, sold, -2.0, low, high)
    advice = advise(seen(spiral(turns)), told)
    assert {c.choice for c in advice.costs} == set(Choice)
    assert all(c.price >= floor and c.low - 1e-6 <= c.loss <= c.high + 1e-6 for c in advice.costs)
    assert [c.loss for c in advice.costs] == sorted(c.loss for c in advice.costs)
    best, hold = advice.costs[0], next(c for c in advice.costs if c.choice is Choice.HOLD)
    assert advice.choice in (best.choice, Choice.HOLD)
    if advice.choice is not Choice.HOLD:
        assert best.loss <= hold.loss


def test_with_margin_left_we_stay_in_it_and_below_cost_we_leave():
    war = seen(spiral(11))  # the rival moved last: 17.80, we stand at 18.00
    near = advise(war, replace(TOLD, unit_cost=100))
    assert near.choice in (Choice.HOLD, Choice.MATCH)
    lost = advise(war, replace(TOLD, unit_cost=1_650, floor=1))  # every sale here costs money
    assert lost.costs[0].choice is Choice.LEAVE
    assert lost.choice is Choice.LEAVE


def test_what_cannot_be_is_refused():
    war = seen(spiral(8))
    with pytest.raises(ValueError, match="above 0"):
        detect([Moment(START, 0, 100)], START)
    for wrong in ({"floor": 0}, {"fee_share": 1.0}, {"unit_cost": -1}, {"elasticity_high": 0.1}, {"elasticity": -9}):
        with pytest.raises(ValueError, match="wanted"):
            advise(war, replace(TOLD, **wrong))
