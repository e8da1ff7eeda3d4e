"""Money is exact, keeps to its currency, and refuses what it cannot represent."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecom_agent.errors import ParseFailed
from ecom_agent.money import EXPONENTS, Money, exponent, round_up

CURRENCIES = st.sampled_from(sorted(EXPONENTS))
MINORS = st.integers(-(10**15), 10**15)


@given(MINORS, CURRENCIES)
def test_major_text_and_back_is_the_same_amount(minor: int, currency: str) -> None:
    amount = Money(minor, currency)
    assert Money.of(str(amount.major), currency) == amount
    assert Money.of(str(amount).split()[0], currency) == amount


@given(MINORS, MINORS, CURRENCIES)
def test_sums_are_exact_and_ordered_like_their_minor_units(a: int, b: int, currency: str) -> None:
    left, right = Money(a, currency), Money(b, currency)
    assert (left + right - right) == left
    assert (left < right) == (a < b)
    assert (-left).minor == -a
    assert (left * 3).minor == 3 * a


@given(MINORS, st.decimals(0, 1, places=4), CURRENCIES)
def test_a_share_is_off_by_less_than_one_minor_unit(minor: int, ratio: Decimal, currency: str) -> None:
    assert abs(Money(minor, currency).share(ratio).minor - minor * ratio) <= Decimal("0.5")


def test_a_floor_is_rounded_up() -> None:
    assert round_up(Decimal("1230.01"), "USD") == Money(1231, "USD")


@pytest.mark.parametrize("text", ["12.345", "1e400", "NaN", "Infinity", "twelve", "", "1,20", "0.001"])
def test_what_is_no_exact_amount_is_refused(text: str) -> None:
    with pytest.raises(ParseFailed):
        Money.of(text, "USD")


def test_yen_have_no_cents_and_dinars_have_three_digits() -> None:
    assert Money.of("1200", "JPY").minor == 1200
    assert Money.of("1.234", "KWD").minor == 1234
    with pytest.raises(ParseFailed):
        Money.of("1200.5", "JPY")


def test_a_float_is_refused_wherever_it_comes_in() -> None:
    with pytest.raises(ParseFailed):
        Money.of(12.3, "USD")  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        Money(12.0, "USD")  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        Money(True, "USD")


def test_currencies_never_mix() -> None:
    with pytest.raises(ParseFailed, match="USD with EUR"):
        _ = Money(1, "USD") + Money(1, "EUR")
    with pytest.raises(ParseFailed):
        _ = Money(1, "USD") < Money(1, "EUR")


def test_an_unknown_currency_is_refused_by_name() -> None:
    with pytest.raises(ParseFailed, match="'XXQ'"):
        exponent("XXQ")
    with pytest.raises(ParseFailed):
        Money(1, "usd")
