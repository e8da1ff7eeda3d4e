from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecom_agent.adapters.forecasting import BestOf, SeasonalMean, choose
from ecom_agent.adapters.forecasting_boosted import LOOK_BACK, BoostedForecaster, _features, as_array
from ecom_agent.errors import BadInput

WEEK = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
units = st.lists(st.one_of(st.none(), st.integers(0, 50).map(float)), min_size=1, max_size=60)


@dataclass
class Oracle:
    """Says the same each day; remembers how much of the past it was shown."""

    name: str
    says: float
    least_days: int = 1

    def __post_init__(self) -> None:
        self.seen: list[int] = []

    def forecast(self, daily_units: Sequence[float | None], days: int) -> list[float]:
        self.seen.append(len(daily_units))
        return [self.says] * days


def test_the_seasonal_naive_repeats_the_last_week_in_step() -> None:
    assert SeasonalMean(1).forecast(WEEK * 3, 9) == [*WEEK, 0.0, 1.0]
    assert SeasonalMean(1).forecast([*WEEK * 3, 0.0, 1.0], 3) == [2.0, 3.0, 4.0]


def test_a_weekday_takes_its_newest_observed_days() -> None:
    history: list[float | None] = [*WEEK, *[10.0] * 7, None, *[20.0] * 6]
    assert SeasonalMean(1).forecast(history, 2) == [10.0, 20.0]
    assert SeasonalMean(2).forecast(history, 2) == [5.0, 15.0]


@settings(max_examples=60)
@given(units, st.integers(1, 6), st.integers(1, 20))
def test_a_mean_stays_within_what_was_observed(history: list[float | None], weeks: int, days: int) -> None:
    observed = [x for x in history if x is not None]
    if not observed:
        with pytest.raises(BadInput):
            SeasonalMean(weeks).forecast(history, days)
        return
    expected = SeasonalMean(weeks).forecast(history, days)
    assert all(min(observed) - 1e-9 <= x <= max(observed) + 1e-9 for x in expected)


def test_negative_units_are_refused() -> None:
    with pytest.raises(BadInput, match="0 or more"):
        SeasonalMean(1).forecast([1.0, -2.0], 3)


def test_the_choice_is_made_by_the_error_on_the_past_and_not_by_name_or_order() -> None:
    wrong, right = Oracle("prophet", 9.0), Oracle("plain", 5.0)
    chosen = choose([5.0] * 60, 7, [wrong, right])
    assert chosen.forecaster is right
    assert chosen.errors == {"prophet": 4.0, "plain": 0.0}


def test_each_look_back_shows_only_what_was_known_before() -> None:
    oracle = Oracle("plain", 1.0)
    choose([1.0] * 60, 7, [oracle], origins=4)
    assert oracle.seen == [32, 39, 46, 53]


def test_a_candidate_that_needs_more_history_is_not_asked() -> None:
    young, old = Oracle("young", 1.0), Oracle("old", 5.0, least_days=365)
    assert choose([5.0] * 60, 7, [young, old]).forecaster is young
    assert old.seen == []


def test_with_too_little_history_the_first_candidate_serves_unproven() -> None:
    first, second = Oracle("first", 1.0, least_days=7), Oracle("second", 5.0, least_days=7)
    chosen = choose([5.0] * 8, 7, [first, second])
    assert (chosen.forecaster, dict(chosen.errors)) == (first, {})


def test_a_tie_goes_to_the_simpler_one() -> None:
    assert choose([5.0] * 60, 7, [Oracle("simple", 5.0), Oracle("grand", 5.0)]).forecaster.name == "simple"


def test_rare_sales_are_forecast_by_their_mean_and_not_by_nothing() -> None:
    history = [3.0 if day % 6 == 0 else 0.0 for day in range(120)]
    assert choose(history, 14, [Oracle("nothing", 0.0), Oracle("mean", 0.5)]).forecaster.name == "mean"


def test_the_best_of_past_forecasts_with_the_chosen_one() -> None:
    assert BestOf([Oracle("wrong", 9.0), SeasonalMean(1)]).forecast(WEEK * 8, 3) == [0.0, 1.0, 2.0]


def test_the_boosted_candidate_learns_a_weekly_pattern() -> None:
    expected = BoostedForecaster().forecast(WEEK * 20, 7)
    assert expected == pytest.approx(WEEK, abs=0.7)


@settings(max_examples=30)
@given(st.integers(LOOK_BACK, 60), st.integers(0, 30), st.lists(st.integers(0, 9), min_size=60, max_size=60))
def test_no_feature_knows_the_future(moment: int, ahead: int, history: list[int]) -> None:
    past = as_array([float(x) for x in history])
    changed = past.copy()
    changed[moment:] = 99.0
    assert str(_features(past, moment, ahead)) == str(_features(changed, moment, ahead))


@settings(max_examples=30)
@given(st.integers(LOOK_BACK, 60), st.integers(0, 30))
def test_the_former_weekdays_of_a_day_are_of_its_weekday(moment: int, ahead: int) -> None:
    weekdays = as_array([float(day % 7) for day in range(60)])
    _, weekday, former_same, _, _ = _features(weekdays, moment, ahead)
    assert former_same == weekday
