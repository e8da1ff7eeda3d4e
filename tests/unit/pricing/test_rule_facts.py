"""What conditions look at: unknown stays unknown, and a month is asked where a fortnight is mostly chance."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
from pricing_facts import ACCOUNT, MARKET, NOON, SKU, a_listing, usd

from ecom_agent.records.catalog import ListingStatus as Shown
from ecom_agent.records.offers import ExpectedPrice
from ecom_agent.records.rules import Circumstance
from ecom_agent.records.stock import StockLevel
from native_pricer.facts import ListingFacts, ListingStatus
from pricing.rules.compile import Compiled, compile_rule, today
from pricing.rules.facts import listing_facts, pace, velocity
from pricing.rules.read import read

LONG_KNOWN = Circumstance(sales_known_days=400, first_seen_at=NOON - timedelta(days=300))


def rule(lines: str = "") -> Compiled:
    found = read(f"rule: r\n{lines}\nclauses: [{{target: hold}}]")
    compiled = compile_rule(found, "USD", "new", today(found, NOON))
    assert isinstance(compiled, Compiled)
    return compiled


def level(units: int, location: str = "FBA") -> StockLevel:
    return StockLevel(ACCOUNT, MARKET, SKU, location, None, units, 0, 0, 0, NOON, NOON)


def test_what_nobody_told_is_none() -> None:
    found = listing_facts(a_listing(fulfilment=None), [], Circumstance(), rule(), None, NOON)
    assert found == ListingFacts(status=ListingStatus.ACTIVE)


def test_everything_that_is_known_is_in_the_engines_units() -> None:
    told = ExpectedPrice(ACCOUNT, MARKET, SKU, usd(1_900), None, "VALID", NOON)
    seen = replace(LONG_KNOWN, units_14=28, units_30=40, expected=told, usual=usd(2_150))
    by = rule("time_zone: America/New_York\nsell_out_by: 2026-03-10")
    found = listing_facts(a_listing(), [level(20), level(15, "STORE")], seen, by, usd(400), NOON)
    assert found == ListingFacts(
        our_is_fba=True,
        stock_units=35,
        cover_centidays=1_750,
        velocity_centiunits=200,
        age_days=300,
        pace_bp=2 * 10 * 10_000 // 35,
        status=ListingStatus.ACTIVE,
        expected_minor=2_300,
        reference_minor=2_550,
        utc_offset_minutes=-300,
    )


@pytest.mark.parametrize(
    ("units_14", "units_30", "known", "expected"),
    [
        (28, 100, 400, Fraction(2)),
        (3, 15, 400, Fraction(1, 2)),
        (3, 3, 20, Fraction(3, 20)),
        (3, 3, 10, Fraction(3, 10)),
        (0, 0, 400, Fraction(0)),
        (50, 50, 6, None),
        (50, 50, None, None),
    ],
)
def test_velocity_is_over_a_fortnight_or_a_month_of_known_days(
    units_14: int, units_30: int, known: int | None, expected: Fraction | None
) -> None:
    assert velocity(Circumstance(units_14, units_30, known), NOON) == expected


def test_a_new_listings_days_count_from_when_it_was_first_seen() -> None:
    seen = Circumstance(20, 20, 400, NOON - timedelta(days=10))
    assert velocity(seen, NOON) == 2
    assert velocity(replace(seen, first_seen_at=NOON - timedelta(days=2)), NOON) is None


def test_nothing_sold_gives_no_days_of_cover_and_nothing_left_no_pace() -> None:
    found = listing_facts(a_listing(), [level(5)], LONG_KNOWN, rule("sell_out_by: 2026-03-10"), None, NOON)
    assert (found.velocity_centiunits, found.cover_centidays, found.pace_bp) == (0, None, 0)
    assert pace(0, Fraction(1), date(2026, 3, 10), NOON, "UTC") is None
    assert pace(5, Fraction(1), date(2026, 2, 28), NOON, "UTC") is None
    assert pace(5, Fraction(1), date(2026, 3, 1), NOON, "UTC") == 2_000


def test_the_rules_own_reference_comes_before_the_usual_price_and_another_currency_counts_for_nothing() -> None:
    seen = replace(LONG_KNOWN, usual=usd(2_150))
    assert listing_facts(a_listing(), [], seen, rule("reference: 24.90"), None, NOON).reference_minor == 2_490
    assert listing_facts(a_listing(price=None), [], seen, rule(), None, NOON).reference_minor is None


def test_a_listing_that_is_down_says_so() -> None:
    told = {
        status: listing_facts(a_listing(status=status), [], Circumstance(), rule(), None, NOON).status
        for status in Shown
    }
    assert told == {
        Shown.ACTIVE: ListingStatus.ACTIVE, Shown.INACTIVE: ListingStatus.DEACTIVATED,
        Shown.SUPPRESSED: ListingStatus.SUPPRESSED, Shown.DELETED: None, Shown.UNMAPPED: None,
    }  # fmt: skip
