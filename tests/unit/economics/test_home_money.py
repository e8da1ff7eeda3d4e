"""Money at home: by the day's rate, never by a later or a stale one, and unknown stays unknown."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecom_agent.economics.home import at_home
from ecom_agent.errors import BadInput
from ecom_agent.money import Money
from ecom_agent.records.costs import CostSheets, FxRate
from ecom_agent.records.zones import ZONES, midnight, zones

DAY = date(2026, 11, 20)


def sheets(*told: tuple[int, str], age: int | None = 7) -> CostSheets:
    """(days before DAY, EUR in USD)"""
    start = datetime(DAY.year, DAY.month, DAY.day, tzinfo=UTC)
    rates = tuple(FxRate("EUR", "USD", Decimal(rate), start - timedelta(days=back), "ECB") for back, rate in told)
    return CostSheets(rates=rates, rate_max_age=None if age is None else timedelta(days=age))


def test_the_days_own_rate_counts_and_no_later_one() -> None:
    book = sheets((-1, "2.0"), (0, "1.25"), (1, "1.0"))
    found = at_home(Money(12_500, "USD"), "EUR", DAY, book)
    assert (found.money, found.why) == (Money(10_000, "EUR"), "")
    assert "1.25" in found.by
    weekend = at_home(Money(12_500, "USD"), "EUR", DAY, sheets((2, "1.25"), (-3, "9")))
    assert weekend.money == Money(10_000, "EUR")
    assert at_home(Money(100, "USD"), "USD", DAY, sheets()).money == Money(100, "USD")


@pytest.mark.parametrize(
    ("book", "why"),
    [(sheets(), "no rate"), (sheets((-2, "1.1")), "no rate"), (sheets((9, "1.1")), "older than 7"),
     (sheets((0, "1.1"), age=None), "not set")],
)  # fmt: skip
def test_a_missing_or_stale_rate_leaves_it_unknown(book: CostSheets, why: str) -> None:
    found = at_home(Money(100, "USD"), "EUR", DAY, book)
    assert found.money is None
    assert why in found.why


def test_what_is_not_told_is_not_nothing() -> None:
    assert at_home(None, "EUR", DAY, sheets((0, "1.1"))).money is None
    assert "home_currency" in at_home(Money(1, "USD"), None, DAY, sheets()).why


@given(st.integers(1_577_836_800, 1_893_456_000), st.sampled_from(sorted(ZONES)))
def test_a_day_begins_at_the_marketplaces_own_midnight(seconds: int, marketplace: str) -> None:
    now = datetime.fromtimestamp(seconds, UTC)
    start = midnight(now, ZONES[marketplace])
    assert timedelta(0) <= now - start < timedelta(hours=25)
    assert start.tzinfo is UTC


def test_the_sellers_own_zones_go_first_and_must_be_zones() -> None:
    assert zones({"zones": {"my-shop.example": "Europe/Berlin"}})["my-shop.example"] == "Europe/Berlin"
    assert midnight(datetime(2026, 11, 20, 7, tzinfo=UTC), "America/Los_Angeles") == datetime(
        2026, 11, 19, 8, tzinfo=UTC
    )
    for odd in ({"zones": {"x": "Moon/Sea"}}, {"zones": ["x"]}, {"zones": {"x": "../etc"}}):
        with pytest.raises(BadInput, match="books"):
            zones(odd)
