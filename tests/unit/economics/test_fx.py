"""Rates: exact, dated, the newest known wins, a stale one is refused."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from actions_kit import T0, fees, limits, usd
from hypothesis import given
from hypothesis import strategies as st

from ecom_agent.economics.cost_lines import cost_lines
from ecom_agent.economics.fx import Converted, NoRate, convert
from ecom_agent.economics.margin import floor
from ecom_agent.money import Money
from ecom_agent.records.costs import CostSheets, FxRate

WEEK = timedelta(days=7)


def a_rate(base: str, quote: str, rate: str, at: datetime = T0) -> FxRate:
    return FxRate(base, quote, Decimal(rate), at, "ECB")


def a_sheet(*rates: FxRate, age: timedelta | None = WEEK) -> CostSheets:
    return CostSheets(rates, rate_max_age=age)


def converted(amount: Money, currency: str, *rates: FxRate) -> Converted:
    found = convert(amount, currency, a_sheet(*rates), T0)
    assert isinstance(found, Converted), found
    return found


def refused(*rates: FxRate, now: datetime = T0, age: timedelta | None = WEEK) -> str:
    found = convert(Money(100, "EUR"), "USD", a_sheet(*rates, age=age), now)
    assert isinstance(found, NoRate)
    return found.reason


@given(minor=st.integers(0, 10**9), rate=st.decimals("0.0001", "9999", places=4))
def test_there_and_back_is_the_same_to_the_last_digit(minor, rate):
    one = FxRate("EUR", "USD", rate, T0, "ECB")
    there = converted(Money(minor, "EUR"), "USD", one)
    assert there.minor == minor * Fraction(rate)
    back = converted(Money(minor, "USD"), "EUR", one)
    assert back.minor * Fraction(rate) == minor


def test_minor_units_of_different_size_are_minded():
    assert converted(Money(10_000, "JPY"), "USD", a_rate("USD", "JPY", "150")).minor == Fraction(1_000_000, 150)
    assert converted(Money(1_000, "KWD"), "USD", a_rate("KWD", "USD", "3.25")).minor == 325


def test_over_a_third_currency_where_there_is_no_other_way():
    found = converted(Money(100, "CNY"), "USD", a_rate("EUR", "CNY", "8"), a_rate("EUR", "USD", "1.2"))
    assert found.minor == 15
    assert "EUR/CNY 8" in found.by
    assert "EUR/USD 1.2" in found.by


def test_the_newest_rate_known_by_then_counts():
    rates = (a_rate("EUR", "USD", "1.1", T0 - WEEK), a_rate("EUR", "USD", "1.2"), a_rate("EUR", "USD", "9", T0 + WEEK))
    assert converted(Money(100, "EUR"), "USD", *rates).minor == 120


def test_a_stale_or_missing_rate_is_refused_with_the_way_out():
    old = a_rate("EUR", "USD", "1.1", T0 - WEEK - timedelta(seconds=1))
    assert "older than 7 days" in refused(old)
    assert "no rate from EUR to USD" in refused()
    assert "no rate" in refused(a_rate("EUR", "USD", "1.1", T0 + WEEK))
    assert "fx_max_age_days" in refused(a_rate("EUR", "USD", "1.1"), age=None)


def test_a_detour_is_as_old_as_its_oldest_step():
    rates = (a_rate("EUR", "GBP", "0.8"), a_rate("GBP", "USD", "1.3", T0 - 2 * WEEK))
    assert "older than" in refused(*rates)


def test_a_cost_paid_in_another_currency_makes_a_floor_while_its_rate_is_fresh():
    asked = limits(unit_cost=None, foreign_cost=Money.of("5.00", "EUR"))
    sheets = a_sheet(a_rate("EUR", "USD", "1.2"))
    found = floor(asked, fees(), sheets, T0)
    assert found.price == usd("12.03")  # as with a cost of 6.00
    line = cost_lines(found, asked, fees(), sheets, T0)[0]
    assert (line.amount, line.at) == (usd("6.00"), datetime(T0.year, T0.month, T0.day, T0.hour, T0.minute, tzinfo=UTC))
    assert "5.00 EUR at EUR/USD 1.2" in line.note
    stale = floor(asked, fees(), sheets, T0 + 2 * WEEK)
    assert stale.price is None
    assert "older than" in stale.reason
