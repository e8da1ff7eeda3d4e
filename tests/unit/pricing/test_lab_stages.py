"""A strategy climbs on evidence, one step at a time, and falls by itself."""

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecom_agent.errors import BadInput
from ecom_agent.records.strategies import Stage
from pricing.lab.evidence import LEAST, Bounds, bounds
from pricing.lab.stages import StagePolicy, Standing, Stay, Step, in_canary, next_step

BETTER, WORSE, UNCLEAR = Bounds(10, 2, 18, 40), Bounds(-10, -18, -2, 40), Bounds(1, -5, 7, 40)
POLICY = StagePolicy()
READY = Standing(Stage.SHADOW, 30, BETTER, BETTER, None)
proofs = st.sampled_from([None, BETTER, WORSE, UNCLEAR])
standings = st.builds(
    Standing,
    st.sampled_from(Stage),
    st.integers(0, 60),
    proofs,
    proofs,
    proofs,
    st.integers(0, 100_000),
    st.integers(0, 2),
)


def test_better_in_simulation_and_replay_asks_for_the_canary():
    assert next_step(READY, POLICY) == Step(
        Stage.CANARY,
        "better by simulation: +10.0 a day (+2.0 … +18.0, 40 pairs); "
        "better by replay of recorded days: +10.0 a day (+2.0 … +18.0, 40 pairs)",
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"days_in_stage": 3}, "3 of 7 days"),
        ({"recorded": None}, "not measured yet by replay"),
        ({"simulated": UNCLEAR}, "not surely better by simulation"),
    ],
)
def test_without_all_the_evidence_it_stays(change, words):
    answer = next_step(replace(READY, **change), POLICY)
    assert isinstance(answer, Stay)
    assert words in answer.reason


@pytest.mark.parametrize(
    ("standing", "to"),
    [
        (Standing(Stage.LIVE, 9, BETTER, BETTER, WORSE), Stage.SHADOW),
        (Standing(Stage.CANARY, 1, BETTER, BETTER, BETTER, lost_minor=50_001), Stage.SHADOW),
        (Standing(Stage.CANARY, 1, BETTER, BETTER, BETTER, violations=1), Stage.RETIRED),
        (Standing(Stage.SHADOW, 1, WORSE, None, None), Stage.RETIRED),
    ],
)
def test_bad_news_brings_it_down_at_once(standing, to):
    answer = next_step(standing, POLICY)
    assert isinstance(answer, Step)
    assert answer.to is to


@given(standings)
def test_up_is_one_step_and_only_with_every_bound_above_the_incumbent(standing):
    answer = next_step(standing, POLICY)
    if isinstance(answer, Step) and answer.to > standing.stage:
        assert answer.to == standing.stage + 1
        asked = [standing.live] if standing.stage is Stage.CANARY else [standing.simulated, standing.recorded]
        assert all(found is not None and found.lower > 0 for found in asked)
        assert not standing.violations
        assert standing.lost_minor <= POLICY.loss_cap_minor


@given(standings, st.integers(1, 3))
def test_a_broken_limit_never_leaves_it_where_it_is(standing, violations):
    answer = next_step(replace(standing, violations=violations), POLICY)
    assert standing.stage is Stage.RETIRED or answer == Step(
        Stage.RETIRED, f"asked for {violations} prices beyond its limits"
    )


@given(st.lists(st.floats(-1e6, 1e6), min_size=LEAST, max_size=60), st.integers(1, 50))
def test_later_looks_are_surer_and_bounds_hold_the_mean(differences, look):
    first, later = bounds(differences, confidence=0.95), bounds(differences, confidence=0.95, look=look + 1)
    assert later.lower <= first.lower <= first.mean <= first.upper <= later.upper


@given(st.lists(st.floats(-1e6, 1e6), max_size=LEAST - 1))
def test_few_pairs_prove_nothing(differences):
    found = bounds(differences, confidence=0.95)
    assert found.lower < -1e300
    assert found.upper > 1e300


def test_of_equal_strategies_looked_at_daily_hardly_any_seems_better():
    dice, fooled = random.Random(4), 0
    for _ in range(200):
        days = [dice.gauss(0, 100) for _ in range(30)]
        fooled += any(bounds(days[:n], confidence=0.95, look=n - LEAST + 1).lower > 0 for n in range(LEAST, 31))
    assert fooled <= 16  # 5 % of 200 wanted, and the dice of this test


def test_a_real_gain_is_found():
    dice = random.Random(5)
    assert bounds([dice.gauss(60, 100) for _ in range(60)], confidence=0.95, look=3).lower > 0


def test_one_sku_in_a_hundred_is_a_canary_and_others_for_others():
    ours = {n for n in range(20_000) if in_canary("one", f"SKU-{n}", 100)}
    others = {n for n in range(20_000) if in_canary("two", f"SKU-{n}", 100)}
    assert 150 < len(ours) < 250
    assert len(ours & others) < 20


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"canary_share_bp": 10_000}, "canary_share_bp"),
        ({"confidence": 0.5}, "confidence"),
        ({"loss_cap_minor": True}, "loss_cap_minor"),
        ({"shadow_day": 1}, "shadow_day"),
    ],
)
def test_a_policy_that_opens_too_far_is_refused(body, named):
    with pytest.raises(BadInput, match=named):
        StagePolicy.read(body)
