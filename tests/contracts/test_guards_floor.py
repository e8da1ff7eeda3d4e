"""The gate reckons the floor again from the facts of that moment, by the room's own sums, never on old costs."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from actions_kit import MARKET, T0, fees, limits, listing, policy, usd, wish
from hypothesis import given, settings
from hypothesis import strategies as st

from ecom_agent.actions.facts import GuardFacts
from ecom_agent.actions.gate import judge
from ecom_agent.actions.guards import all_guards, freshness, price_band
from ecom_agent.actions.model import Answer, Mode
from ecom_agent.economics.margin import floor
from ecom_agent.economics.sheets import sheets
from ecom_agent.money import Money

RATE = {"base": "EUR", "quote": "USD", "rate": "1.20", "on": T0.date().isoformat(), "source": "ECB"}
ROW = {
    "marketplace": MARKET, "class": "home", "currency": "USD", "referral": "0.15", "least": "0.30", "fixed": "3.22",
    "since": "2020-01-01", "checked": T0.date().isoformat(), "source": "fee page",
}  # fmt: skip
DAY = timedelta(days=1)


def known(*, rates=(), tables=(), **other):
    body = policy("guards")
    facts = {
        "now": T0, "mode": Mode.LIVE, "policy": body, "listing": listing(), "limits": limits(), "fees": fees(),
        "current": usd("20.00"), "current_at": other.get("now", T0),
        "sheets": sheets({"rates": list(rates)}, {"tables": list(tables)}, body),
    }  # fmt: skip
    return GuardFacts(**(facts | other))


def asked(price: str, now=T0):
    return wish(usd("20.00"), usd(price), slot=now)


def answer(guard, action, facts):
    verdict = guard.GUARD(action, facts)
    return verdict.answer, verdict.reason


@settings(max_examples=200)
@given(
    cost=st.integers(0, 1_500), ads=st.none() | st.integers(0, 500), back=st.integers(0, 2_000),
    margin=st.none() | st.integers(0, 2_000), price=st.integers(1, 5_000), by_table=st.booleans(),
)  # fmt: skip
def test_the_guard_stops_exactly_what_is_below_the_rooms_floor(cost, ads, back, margin, price, by_table):
    own = limits(
        unit_cost=Money(cost, "USD"), ad_cost=None if ads is None else Money(ads, "USD"), return_bp=back, ceiling=None,
        return_cost=usd("4.00"), margin_bp=margin, fee_class="home",
    )  # fmt: skip
    facts = known(limits=own, fees=None if by_table else fees(), tables=[ROW])
    least = floor(own, facts.fees, facts.sheets, facts.now).price
    assert least is not None
    found, reason = answer(price_band, wish(usd("20.00"), Money(price, "USD")), facts)
    assert (found is Answer.DENY) == (price < least.minor), reason


def test_a_cost_learnt_after_the_wish_stops_it_at_the_gate():
    before, after = known(), known(limits=limits(ad_cost=usd("2.00")))
    assert answer(price_band, asked("12.50"), before)[0] is Answer.ALLOW
    found, reason = answer(price_band, asked("12.50"), after)
    assert (found, "below the floor 14.38 USD" in reason) == (Answer.DENY, True)


def test_floor_above_ceiling_is_named_for_what_it_is():
    found, reason = answer(price_band, asked("20.00"), known(limits=limits(ceiling=usd("12.00"))))
    assert found is Answer.DENY
    assert "the floor 12.03 USD (break-even + margin) is above the ceiling 12.00 USD: change one" in reason


@pytest.mark.parametrize(
    ("facts", "word"),
    [
        (known(now=T0 + 4 * DAY), "the fee quote was learnt 4 days"),
        (known(limits=limits(costs_on=T0.date() - 366 * DAY)), "the unit cost was learnt 366 days"),
        (known(limits=limits(unit_cost=None, foreign_cost=Money(500, "EUR"))), "exchange rate"),
        (
            known(limits=limits(fee_class="home"), fees=None, tables=[{**ROW, "checked": "2024-01-01"}]),
            "the fee table home since 2020-01-01 (fee page) was learnt",
        ),
    ],
    ids=["quote", "cost", "no rate", "table"],
)
def test_old_or_missing_costs_deny(facts, word):
    found, reason = answer(freshness, asked("19.00", facts.now), facts)
    assert found is Answer.DENY
    assert word in reason


def test_a_stale_rate_denies_at_both_guards_and_a_fresh_one_does_not():
    own = limits(unit_cost=None, foreign_cost=Money(500, "EUR"), costs_on=date(T0.year, T0.month, T0.day))
    fresh = known(limits=own, rates=[RATE])
    assert answer(price_band, asked("19.00"), fresh)[0] is Answer.ALLOW
    assert answer(freshness, asked("19.00"), fresh)[0] is Answer.ALLOW
    later = T0 + 8 * DAY
    stale = known(limits=own, rates=[RATE], now=later, fees=fees(quoted_at=later))
    for guard, word in ((price_band, "older than 7 days"), (freshness, "the exchange rate was learnt 8 days")):
        found, reason = answer(guard, asked("19.00", later), stale)
        assert (found, word in reason) == (Answer.DENY, True)


def test_a_checked_table_stands_in_for_an_old_quote():
    later = T0 + 4 * DAY
    own = limits(fee_class="home")
    facts = known(limits=own, tables=[ROW], now=later)
    assert answer(freshness, asked("19.00", later), facts)[0] is Answer.ALLOW
    assert answer(price_band, asked("19.00", later), facts)[0] is Answer.ALLOW
    assert answer(freshness, asked("19.00", later), replace(facts, limits=limits()))[0] is Answer.DENY


def test_a_policy_without_the_limits_of_age_denies():
    body = policy("guards")
    gap = {**body, "freshness": {k: v for k, v in body["freshness"].items() if k != "fx_max_age_days"}}
    own = limits(unit_cost=None, foreign_cost=Money(500, "EUR"))
    facts = known(limits=own, rates=[RATE], policy=gap, sheets=sheets({"rates": [RATE]}, {}, gap))
    verdict, verdicts = judge(asked("19.00"), all_guards(), facts)
    assert verdict is Answer.DENY
    assert any("fx_max_age_days" in v.reason for v in verdicts)


def test_rates_are_exact_not_floats():
    own = limits(unit_cost=None, foreign_cost=Money(500, "EUR"), min_margin=None)
    found = floor(own, None, sheets({"rates": [{**RATE, "rate": "1.0842"}]}, {}, policy("guards")), T0)
    assert found.parts[-1][1] == Money(543, "USD")  # 5.421, rounded up
    assert Decimal("5.421") < Decimal(found.parts[-1][1].minor) / 100
