"""What a change in profit is made of: the parts always sum to it, and each part is what it says."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pricing.attribution import (
    FACTORS,
    Observed,
    Side,
    attribute,
    attribute_all,
    expected_units,
    poisson_interval,
    shapley,
)

WHOLE = st.integers(0, 10**6).map(Fraction)
SHARES = st.fractions(0, 1, max_denominator=1000)
PRICES = st.integers(-(10**4), 10**6).map(Fraction)
SIDES = st.builds(Side, WHOLE, SHARES, SHARES, PRICES, PRICES, st.none() | WHOLE)


def side(demand: int, share: str, conversion: str, net: int, cost: int = 500, sold: int | None = None) -> Side:
    f = Fraction
    return Side(f(demand), f(share), f(conversion), f(net), f(cost), None if sold is None else f(sold))


@settings(max_examples=60, deadline=None)
@given(SIDES, SIDES)
def test_the_parts_sum_to_the_change_exactly(before: Side, after: Side) -> None:
    found = attribute(before, after)
    assert sum((getattr(found, name) for name in FACTORS), found.luck) == found.total
    assert found.total == after.profit - before.profit
    assert found.luck_low <= 0 <= found.luck_high


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(SIDES, SIDES), max_size=4))
def test_and_over_many_listings_too(pairs: list[tuple[Side, Side]]) -> None:
    found = attribute_all(pairs)
    assert sum((getattr(found, name) for name in FACTORS), found.luck) == found.total
    assert found.total == sum((b.profit - a.profit for a, b in pairs), Fraction(0))


@settings(max_examples=30, deadline=None)
@given(SIDES)
def test_nothing_changed_is_no_effect(same: Side) -> None:
    found = attribute(same, same)
    assert {getattr(found, name) for name in (*FACTORS, "luck", "total")} == {0}


def test_twice_the_buyers_is_demand_alone() -> None:
    found = attribute(side(100, "1/2", "4/5", 900), side(200, "1/2", "4/5", 900))
    assert (found.demand, found.total) == (40 * 400, 40 * 400)
    assert found.price == found.share == found.conversion == found.cost == found.luck == 0


def test_a_lost_buy_box_is_share() -> None:
    found = attribute(side(100, "1/2", "4/5", 900), side(100, "0", "4/5", 900))
    assert found.share == found.total == -40 * 400


def test_a_dearer_unit_that_sells_as_well_is_price() -> None:
    found = attribute(side(100, "1/2", "4/5", 900), side(100, "1/2", "4/5", 950))
    assert found.price == found.total == 40 * 50


def test_selling_more_than_expected_is_luck_and_within_its_interval() -> None:
    usual = side(100, "1/2", "4/5", 900, sold=40)
    found = attribute(usual, side(100, "1/2", "4/5", 900, sold=45))
    assert found.luck == found.total == 5 * 400
    assert found.luck_explains
    assert not attribute(usual, side(100, "1/2", "4/5", 900, sold=90)).luck_explains


def test_no_order_of_change_is_privileged() -> None:
    one, two = Fraction(1), Fraction(2)
    found = shapley(lambda f: f["a"] * f["b"], {"a": one, "b": one}, {"a": two, "b": two})
    assert found == {"a": Fraction(3, 2), "b": Fraction(3, 2)}


@pytest.mark.parametrize(("mean", "low", "high"), [(0.0, 0, 0), (1.0, 0, 3), (10.0, 4, 17), (100.0, 81, 120)])
def test_poisson_intervals(mean: float, low: int, high: int) -> None:
    assert poisson_interval(mean) == (low, high)


def test_expected_sales_keep_what_listings_and_periods_sold() -> None:
    rows = [Observed([30, 60], [10.0, 10.0], [1.0, 1.0]), Observed([10, 25], [5.0, 5.0], [1.0, 1.0])]
    found = expected_units(rows, elasticity=2.0)
    assert [round(sum(x), 6) for x in found] == [90, 35]
    assert [round(a + b, 6) for a, b in zip(*found, strict=True)] == [40, 85]
    assert found[0][1] / found[0][0] == pytest.approx(found[1][1] / found[1][0])


def test_without_time_on_sale_nothing_is_expected() -> None:
    assert expected_units([Observed([0, 0], [0.0, 0.0], [1.0, 1.0])], elasticity=2.0) == [[0.0, 0.0]]
    assert expected_units([], elasticity=2.0) == []
