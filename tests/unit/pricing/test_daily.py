"""Price stories as days: means over time, unseen is without stock, and nothing of an unfinished day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from story_columns import Told, columns

from pricing.daily import by_day as of_columns
from pricing.elasticity import Day

START = datetime(2026, 3, 1, 18, tzinfo=UTC)
NOW = START + timedelta(days=3)


def point(hours: float, ours: int | None, rival: int | None = None, held: bool | None = None) -> Told:
    return Told(START + timedelta(hours=hours), ours, rival, held)


def by_day(story: list[Told], units: dict[date, int], now: datetime) -> list[Day]:
    return of_columns(columns(story), units, now)


def test_a_day_is_the_mean_over_its_time() -> None:
    story = [point(0, 1_000, 990, False), point(12, 2_000, None, True)]  # the second from 6 in the morning on
    first, second = by_day(story, {date(2026, 3, 2): 7}, NOW)
    assert (first.on, first.units, first.price_minor) == (date(2026, 3, 2), 7, 1_750)
    assert (first.buy_box_share, first.rival_minor, first.in_stock) == (0.75, 990, True)
    assert (second.price_minor, second.units, second.buy_box_share, second.rival_minor) == (2_000, 0, 1.0, None)


def test_a_day_without_our_price_is_one_without_stock() -> None:
    (gone, back) = by_day([point(0, 1_000, 900, True), point(2, None, 900), point(31, 1_100, 900)], {}, NOW)
    assert (gone.in_stock, gone.buy_box_share) == (False, None)
    assert (back.in_stock, back.price_minor, back.buy_box_share) == (True, 1_100, None)


def test_only_the_newest_currency_counts_and_nothing_gives_no_day() -> None:
    euro = point(0, 900, held=True)._replace(currency="EUR")
    first, *_ = by_day([euro, point(12, 1_000, held=True)], {}, NOW)
    assert first.price_minor == 1_000
    assert by_day([], {}, NOW) == []
    assert by_day([point(0, None)], {}, NOW) == []


@given(st.lists(st.tuples(st.floats(0, 72), st.integers(1, 9_999) | st.none()), min_size=1, max_size=20))
def test_prices_lie_between_those_seen_and_days_are_whole(told: list[tuple[float, int | None]]) -> None:
    days = by_day([point(hours, price) for hours, price in told], {}, NOW)
    seen = [price for _, price in told if price is not None]
    assert all(min(seen) <= d.price_minor <= max(seen) for d in days if d.in_stock)
    assert all(START.date() < d.on < NOW.date() for d in days)


@given(st.lists(st.tuples(st.integers(0, 80), st.integers(0, 99) | st.none(), st.sampled_from([True, False, None]))))
def test_folding_by_columns_is_adding_up_minute_by_minute(told: list[tuple[int, int | None, bool | None]]) -> None:
    story = [point(h, price, None if price is None else price + 1, held) for h, price, held in dict.fromkeys(told)]
    story = list({one.at: one for one in story}.values())
    for day in by_day(story, {}, NOW):
        start = datetime(day.on.year, day.on.month, day.on.day, tzinfo=UTC)
        hours = [_at(story, start + timedelta(hours=n)) for n in range(24)]
        priced = [one for one in hours if one is not None and one.ours]
        told_of = [one.held for one in priced if one.held is not None]
        assert day.in_stock == bool(priced)
        if priced:
            assert abs(day.price_minor - sum(one.ours or 0 for one in priced) / len(priced)) <= 0.5 + 1e-9
        assert day.buy_box_share == (pytest.approx(sum(told_of) / len(told_of)) if told_of else None)


def _at(story: list[Told], moment: datetime) -> Told | None:
    return max((one for one in story if one.at <= moment), key=lambda one: one.at, default=None)
