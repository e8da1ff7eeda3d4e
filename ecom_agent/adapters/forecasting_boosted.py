"""Gradient boosting (scikit-learn) as a candidate: one model for all days ahead, fed with what was known before."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from ecom_agent.adapters.forecasting import WEEK, Series, as_array

LOOK_BACK: Final = 4 * WEEK


class BoostedForecaster:
    """Learns, over all moments of the series, how the next days follow from the four weeks before.

    Features of a day: its distance, its weekday, the mean of its four former weekdays, the mean of the last week and
    of the last four. Nothing after the moment of forecasting enters a feature.
    """

    name: Final = "gradient-boosting"
    least_days: Final = 3 * LOOK_BACK

    def forecast(self, daily_units: Series, days: int) -> list[float]:
        from sklearn.ensemble import HistGradientBoostingRegressor

        history = as_array(daily_units)
        moments = range(LOOK_BACK, len(history))
        rows = [(m, ahead) for m in moments for ahead in range(min(days, len(history) - m))]
        features = np.array([_features(history, m, ahead) for m, ahead in rows])
        target = np.array([history[m + ahead] for m, ahead in rows])
        seen = ~np.isnan(target)
        model = HistGradientBoostingRegressor(max_iter=60, max_leaf_nodes=8, early_stopping=False, random_state=1)
        model.fit(features[seen], target[seen])
        expected = model.predict(np.array([_features(history, len(history), ahead) for ahead in range(days)]))
        found: list[float] = np.maximum(expected, 0.0).tolist()
        return found


def _features(history: NDArray[np.float64], moment: int, ahead: int) -> list[float]:
    """What is known at `moment` (an index; earlier days only) about the day `ahead` after it. NaN = not observed."""
    window = history[moment - LOOK_BACK : moment]
    weekday = (moment + ahead) % WEEK
    same = window[(weekday - moment + LOOK_BACK) % WEEK :: WEEK]
    return [float(ahead), float(weekday), _mean(same), _mean(window[-WEEK:]), _mean(window)]


def _mean(values: NDArray[np.float64]) -> float:
    observed = values[~np.isnan(values)]
    return float(observed.mean()) if len(observed) else float("nan")
