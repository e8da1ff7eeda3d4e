"""A listing's price story and its sales, folded into days for `elasticity`. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ecom_agent.records.stories import Stories
from native_pricer import epoch_us
from native_pricer.words import DAY_US
from pricing.elasticity import Day

_FIRST_DAY: Final = date(1970, 1, 1).toordinal()


def by_day(story: Stories, units: Mapping[date, int], now: datetime) -> list[Day]:
    """Whole days (UTC) from the first moment's to yesterday; a moment lasts until the next one.

    `story` is one listing's. Prices and the share of the Buy Box are means over time. A day on which our price was not
    seen is taken for one without stock: an offer that is not shown cannot sell. Whether the box was held is None where
    nobody told. Prices in more than one currency are cut to those in the newest.
    """
    known = story.between(0, epoch_us(now))
    money = known.money()
    if money is None:
        return []
    row, day, seconds = _pieces(known.at, epoch_us(now))
    first = int(known.at[0] // DAY_US)
    days = int(epoch_us(now) // DAY_US) - first

    def total(which: NDArray[np.bool_], worth: NDArray[np.int64] | None = None) -> list[float]:
        """Seconds a day of the moments that count, each times what it is worth."""
        weights = np.where(which[row], seconds if worth is None else seconds * worth[row], 0.0)
        found: list[float] = np.bincount(day - first, weights, days + 1).tolist()
        return found

    ours = (known.currency == money.encode()) & (known.ours > 0)
    rivals = (known.currency == money.encode()) & (known.rival > 0)
    told = ours & (known.held >= 0)
    sums = zip(
        total(ours), total(ours, known.ours), total(told), total(told, known.held), total(rivals),
        total(rivals, known.rival), strict=True,
    )  # fmt: skip
    whole = [(date.fromordinal(_FIRST_DAY + first + n), seen) for n, seen in enumerate(sums) if 0 < n < days]
    return [_day(on, seen, units.get(on, 0)) for on, seen in whole]


def _pieces(at: NDArray[np.int64], end: int) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """(moment, day since 1970, seconds): how long each moment lasted within each day."""
    until = np.append(at[1:], end)
    days = np.where(until > at, (until - 1) // DAY_US - at // DAY_US + 1, 0)
    row = np.repeat(np.arange(at.size), days)
    day = at[row] // DAY_US + np.arange(row.size) - np.repeat(np.cumsum(days) - days, days)
    lasted = np.minimum(until[row], (day + 1) * DAY_US) - np.maximum(at[row], day * DAY_US)
    return row, day, lasted / 1e6


def _day(on: date, seen: tuple[float, ...], units: int) -> Day:
    known, price, told, held, rival_known, rival = seen
    return Day(
        on=on,
        units=units,
        price_minor=max(1, round(price / known)) if known else 1,
        promoted=False,
        in_stock=known > 0,
        buy_box_share=held / told if told else None,
        rival_minor=max(1, round(rival / rival_known)) if rival_known else None,
    )
