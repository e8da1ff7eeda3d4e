"""Prophet as a candidate: trend, weekly and yearly seasons. Some 0.2 s a series, so it is asked, not trusted."""

from __future__ import annotations

import logging
from datetime import date, timedelta
from typing import Final

import numpy as np
import pandas as pd

from ecom_agent.adapters.extras import bring
from ecom_agent.adapters.forecasting import WEEK, Series, as_array


class ProphetForecaster:
    """Raises ConfigError when built where Prophet is not installed."""

    name: Final = "prophet"
    least_days: Final = 8 * WEEK

    def __init__(self) -> None:
        self._prophet = bring("prophet", needed_for="the Prophet forecast").Prophet
        for noisy in ("cmdstanpy", "prophet"):
            logging.getLogger(noisy).setLevel(logging.WARNING)

    def forecast(self, daily_units: Series, days: int) -> list[float]:
        history = as_array(daily_units)
        first = date(2001, 1, 1)  # a Monday; only the distance between days matters, seasons are fitted from the series
        when = pd.to_datetime([first + timedelta(days=i) for i in range(len(history) + days)])
        model = self._prophet(
            yearly_seasonality=len(history) >= 2 * 365,
            weekly_seasonality=True,
            daily_seasonality=False,
            uncertainty_samples=0,
        )
        model.fit(pd.DataFrame({"ds": when[: len(history)], "y": history}), seed=1)
        expected = model.predict(pd.DataFrame({"ds": when[len(history) :]}))["yhat"].to_numpy()
        found: list[float] = np.maximum(expected, 0.0).tolist()
        return found
