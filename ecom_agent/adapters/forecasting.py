"""Expected units a day. Which method serves a series is decided by how it did on that series' own past, never by name.

The light stand-ins here need NumPy only; `forecasting_boosted` and `forecasting_prophet` are further candidates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from ecom_agent.errors import BadInput
from ecom_agent.ports.services import Forecaster

Series = Sequence[float | None]
WEEK: Final = 7


class Candidate(Forecaster, Protocol):
    """A forecaster that says how many days of history it needs before it may be asked."""

    @property
    def least_days(self) -> int: ...


class SeasonalMean:
    """The mean of the last `weeks` same weekdays that were observed; 1 week = the seasonal naive forecast.

    A weekday never observed takes the mean of all observed days.
    """

    def __init__(self, weeks: int) -> None:
        if weeks < 1:
            raise ValueError("weeks is at least 1")
        self._weeks = weeks

    @property
    def name(self) -> str:
        return "seasonal-naive" if self._weeks == 1 else f"seasonal-mean-{self._weeks}-weeks"

    @property
    def least_days(self) -> int:
        return self._weeks * WEEK

    def forecast(self, daily_units: Series, days: int) -> list[float]:
        history = as_array(daily_units)
        overall = float(np.nanmean(history))
        week = [self._of_weekday(history[-WEEK + i :: -WEEK], overall) for i in range(WEEK)] if len(history) else []
        return [week[i % WEEK] for i in range(days)]

    def _of_weekday(self, newest_first: NDArray[np.float64], overall: float) -> float:
        observed = newest_first[~np.isnan(newest_first)][: self._weeks]
        return float(observed.mean()) if len(observed) else overall


@dataclass(frozen=True, slots=True)
class Choice:
    """The method taken, and each candidate's root mean squared error in units a day (empty: too little history)."""

    forecaster: Forecaster
    errors: Mapping[str, float]


def choose(daily_units: Series, days: int, candidates: Sequence[Candidate], *, origins: int = 4) -> Choice:
    """The candidate that would have done best on this series at `origins` earlier moments, each `days` ahead.

    Squared error, because the mean is wanted: the absolute error would favour nothing at all for what sells rarely.
    With too little history for `origins` moments fewer are taken; with none the first candidate serves. On a tie
    the earlier candidate wins, so put the simplest first.
    """
    if not candidates:
        raise ValueError("at least one candidate is needed")
    history = as_array(daily_units)
    for looks in range(origins, 0, -1):
        first = len(history) - looks * days
        cuts = [first + i * days for i in range(looks)]
        fit = [c for c in candidates if c.least_days <= first]
        if fit and not np.isnan(history[first:]).all() and not np.isnan(history[:first]).all():
            errors = {c.name: _error(c, history, cuts, days) for c in fit}
            return Choice(min(fit, key=lambda c: errors[c.name]), MappingProxyType(errors))
    return Choice(candidates[0], MappingProxyType({}))


class BestOf:
    """Forecasts each series with the candidate that did best on its past."""

    name: Final = "best-of-past"

    def __init__(self, candidates: Sequence[Candidate], *, origins: int = 4) -> None:
        self._candidates, self._origins = tuple(candidates), origins

    def forecast(self, daily_units: Series, days: int) -> list[float]:
        chosen = choose(daily_units, days, self._candidates, origins=self._origins)
        return chosen.forecaster.forecast(daily_units, days)


def as_array(daily_units: Series) -> NDArray[np.float64]:
    """The series as floats with NaN for what was not observed. Raises BadInput: nothing observed, or negative units."""
    history = np.array([np.nan if units is None else float(units) for units in daily_units], dtype=np.float64)
    if not len(history) or np.isnan(history).all():
        raise BadInput("a sales history with at least one observed day", "none", "sync orders first")
    if np.nanmin(history) < 0:
        raise BadInput("units sold a day, 0 or more", f"{np.nanmin(history):g}", "count returns apart from sales")
    return history


def _error(candidate: Candidate, history: NDArray[np.float64], cuts: Sequence[int], days: int) -> float:
    misses: list[float] = []
    for cut in cuts:
        past: Series = [None if np.isnan(units) else float(units) for units in history[:cut]]
        actual = history[cut : cut + days]
        misses.extend(((np.array(candidate.forecast(past, days)) - actual) ** 2)[~np.isnan(actual)].tolist())
    return float(np.sqrt(np.mean(misses)))
