"""A rule's limits only narrow; business prices fall with quantity and never under the floor."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pricing_facts import ACCOUNT, MARKET, NOON, SKU, some_limits, usd

from ecom_agent.economics.margin import Floor, contribution, floor
from ecom_agent.economics.unit_costs import unit_costs
from ecom_agent.money import Money
from ecom_agent.records.costs import CostSheets, FeeRow, FxRate
from ecom_agent.records.finance import FeeQuote
from ecom_agent.records.offers import PriceLimits
from pricing.rules.bounds import Band, narrow
from pricing.rules.compile import Limit
from pricing.rules.model import Business
from pricing.rules.tiers import business_prices

FEES = FeeQuote(ACCOUNT, MARKET, SKU, usd(2_000), usd(300), usd(320), NOON)
FEE_ROW = FeeRow(
    MARKET, "mugs", Decimal("0.12"), usd(40), usd(250), date(2026, 1, 1), date(2026, 2, 20), "a price list"
)
SHEETS = CostSheets((FxRate("USD", "CNY", Decimal("7.1"), NOON, "a bank"),), (FEE_ROW,))
NONE = Limit()
PRICES = st.integers(1, 10**6)
LIMITS = st.builds(
    Limit,
    st.none() | PRICES,
    st.none() | st.integers(-9_999, 9_999),
    st.none() | st.integers(-9_999, 10**6),
    st.none() | st.integers(1, 10**6),
)


def band(limits: PriceLimits, fees: FeeQuote | None) -> Band:
    return Band(floor(limits, fees), limits.ceiling)


@settings(max_examples=200, deadline=None)
@given(
    hard=PRICES, ceiling=st.none() | PRICES, cost=st.none() | PRICES, least_ad=st.none() | PRICES, quoted=st.booleans(),
    least=LIMITS, most=LIMITS,
)  # fmt: skip
def test_a_rule_narrows_and_never_widens(
    hard: int, ceiling: int | None, cost: int | None, least_ad: int | None, quoted: bool, least: Limit, most: Limit
) -> None:
    amounts = {"ceiling": ceiling, "unit_cost": cost, "map_price": least_ad}
    told = {name: None if minor is None else usd(minor) for name, minor in amounts.items()}
    limits = some_limits(hard_min=usd(hard), **told)
    fees = FEES if quoted else None
    before = band(limits, fees)
    after = narrow(before, limits, unit_costs(limits, fees), least, most)
    if before.least.price is None:
        assert after == before
    if after.least.price is None:
        assert after.least.reason
        return
    assert before.least.price is not None
    assert after.least.price >= before.least.price
    assert before.most is None or (after.most is not None and after.most <= before.most)
    assert after.most is None or after.least.price <= after.most


@settings(max_examples=100, deadline=None)
@given(st.integers(100, 10**5), st.integers(-5_000, 8_000), st.integers(0, 20_000))
def test_margin_and_roi_hold_at_the_bound_and_not_a_cent_below(cost: int, margin_bp: int, roi_bp: int) -> None:
    limits = some_limits(hard_min=usd(1), ceiling=None, unit_cost=usd(cost))
    start = Band(Floor(usd(1), "hard minimum"), None)

    def share(price: int) -> Fraction:
        return contribution(usd(price), usd(cost), FEES) / price

    lowest = narrow(start, limits, unit_costs(limits, FEES), Limit(margin_bp=margin_bp), NONE).least.price
    highest = narrow(start, limits, unit_costs(limits, FEES), NONE, Limit(margin_bp=margin_bp)).most
    assert lowest is not None
    assert highest is not None
    assert share(lowest.minor) >= Fraction(margin_bp, 10_000)
    assert lowest.minor == 1 or share(lowest.minor - 1) < Fraction(margin_bp, 10_000)
    assert share(highest.minor) <= Fraction(margin_bp, 10_000)
    earned = narrow(start, limits, unit_costs(limits, FEES), Limit(roi_bp=roi_bp), NONE).least.price
    assert earned is not None
    assert contribution(earned, usd(cost), FEES) >= Fraction(cost * roi_bp, 10_000)


@settings(max_examples=150, deadline=None)
@given(
    cost=PRICES, foreign=st.booleans(), ads=st.none() | st.integers(0, 10**4),
    returned=st.none() | st.tuples(st.integers(0, 10_000), st.integers(0, 10**4)),
    fees=st.sampled_from([None, FEES]), share=st.integers(0, 9_999), by=st.sampled_from(["margin_bp", "roi_bp"]),
)  # fmt: skip
def test_a_rules_margin_means_what_the_listings_own_margin_means(
    cost: int, foreign: bool, ads: int | None, returned: tuple[int, int] | None, fees: FeeQuote | None, share: int,
    by: str,
) -> None:  # fmt: skip
    limits = some_limits(
        hard_min=usd(1), ceiling=None, fee_class="mugs",
        unit_cost=None if foreign else usd(cost), foreign_cost=Money(cost, "CNY") if foreign else None,
        ad_cost=None if ads is None else usd(ads), return_bp=None if returned is None else returned[0],
        return_cost=None if returned is None else usd(returned[1]),
    )  # fmt: skip
    costs = unit_costs(limits, fees, SHEETS, NOON)
    before = Band(floor(limits, fees, SHEETS, NOON), None)
    wanted = floor(replace(limits, **{by: share}), fees, SHEETS, NOON).price
    assert narrow(before, limits, costs, Limit(**{by: share}), NONE).least.price == wanted
    highest = narrow(before, limits, costs, NONE, Limit(**{by: share})).most
    assert wanted is None or highest in (wanted, usd(wanted.minor - 1))


def test_a_cost_in_other_money_without_a_rate_is_said_and_not_called_missing() -> None:
    limits = some_limits(foreign_cost=Money(3_000, "CNY"))
    costs = unit_costs(limits, FEES, now=NOON)
    for least, most in ((Limit(margin_bp=1_000), NONE), (NONE, Limit(roi_bp=1_000))):
        reason = narrow(Band(Floor(usd(1_400), "hard minimum"), None), limits, costs, least, most).least.reason
        assert "CNY" in reason
        assert "unit cost" not in reason


@pytest.mark.parametrize(
    ("limit", "why"),
    [
        (Limit(map_bp=10_000), "no|none is set"),
        (Limit(margin_bp=1_000), "no unit cost is set"),
        (Limit(roi_bp=1_000), "no unit cost is set"),
    ],
)
def test_a_share_of_something_unknown_means_no_price(limit: Limit, why: str) -> None:
    limits = some_limits()
    for least, most in ((limit, NONE), (NONE, limit)):
        after = narrow(band(limits, FEES), limits, unit_costs(limits, FEES), least, most)
        assert after.least.price is None
        assert any(part in after.least.reason for part in why.split("|"))


def test_a_margin_that_fees_leave_no_room_for_means_no_price() -> None:
    limits = some_limits(unit_cost=usd(500))
    after = narrow(band(limits, FEES), limits, unit_costs(limits, FEES), Limit(margin_bp=9_000), NONE)
    assert (after.least.price, after.least.reason) == (None, "no price leaves a margin of 90 % after fees")
    assert (
        narrow(band(limits, FEES), limits, unit_costs(limits, FEES), NONE, Limit(margin_bp=9_000)).most
        == limits.ceiling
    )


def test_a_rules_floor_above_the_ceiling_means_no_price_and_says_both() -> None:
    limits = some_limits()
    after = narrow(band(limits, None), limits, unit_costs(limits, None), Limit(minor=9_900), NONE)
    assert after.least.price is None
    assert "99.00 USD (the rule's amount) is above the ceiling 30.00 USD" in after.least.reason


@settings(max_examples=200, deadline=None)
@given(
    PRICES, PRICES, st.integers(0, 9_000),
    st.dictionaries(st.integers(2, 1000), st.integers(1, 9_000), max_size=5).map(lambda x: sorted(x.items())),
)  # fmt: skip
def test_business_prices_fall_with_quantity_and_never_under_the_floor(
    consumer: int, least: int, discount: int, tiers: list[tuple[int, int]]
) -> None:
    found = business_prices(usd(consumer), usd(least), Business(discount, tuple(tiers)))
    prices = [found.price, *[price for _, price in found.tiers]]
    assert found.price <= usd(consumer)
    assert prices == sorted(prices, reverse=True)
    assert len(set(prices)) == len(prices)
    assert consumer <= least or all(price >= usd(least) for price in prices)


def test_a_tier_is_rounded_up_and_one_that_is_no_cheaper_is_left_out() -> None:
    found = business_prices(usd(1_999), usd(1_900), Business(100, ((5, 250), (10, 600), (20, 900))))
    assert found.price == usd(1_980)
    assert found.tiers == ((5, usd(1_950)), (10, usd(1_900)))
