"""Price stories as days: means over time, unseen is without stock, and nothing of an unfinished day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ecom_agent.money import Money
from ecom_agent.records.offers import PricePoint
from pricing.daily import by_day

START = datetime(2026, 3, 1, 18, tzinfo=UTC)
NOW = START + timedelta(days=3)


def point(hours: float, ours: int | None, rival: int | None = None, held: bool | None = None) -> PricePoint:
    def usd(minor: int | None) -> Money | None:
        return None if minor is None else Money(minor, "USD")

    return PricePoint(START + timedelta(hours=hours), usd(ours), usd(rival), None, held)


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
    euro = PricePoint(START, Money(900, "EUR"), None, None, True)
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
