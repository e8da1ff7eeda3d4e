"""The policies fx and fees as dated sheets, and what a unit costs by the time it is here."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from actions_kit import policy, usd
from hypothesis import given
from hypothesis import strategies as st

from ecom_agent.economics.landed_cost import TERMS, Shipment, landed_cost
from ecom_agent.economics.sheets import read_fees, read_rates, sheets
from ecom_agent.errors import BadInput
from ecom_agent.money import Money

RATE = {"base": "EUR", "quote": "USD", "rate": "1.0842", "on": "2026-11-20", "source": "ECB"}
FEE = {
    "marketplace": "ATVPDKIKX0DER", "class": "kitchen", "currency": "USD", "referral": "0.15", "least": "0.30",
    "fixed": "3.22", "since": "2026-01-15", "checked": "2026-10-01", "source": "fee page",
}  # fmt: skip
JUNK = st.none() | st.booleans() | st.integers() | st.text(max_size=4) | st.lists(st.integers(), max_size=2)


def test_the_shipped_policies_are_read():
    assert read_rates(policy("fx")) == ()
    read_fees(policy("fees"))
    found = sheets(policy("fx"), policy("fees"), policy("guards"))
    assert found.rate_max_age == timedelta(days=7)
    assert found.quote_max_age == timedelta(hours=72)


def test_lines_are_read_exactly():
    (rate,) = read_rates({"rates": [RATE]})
    assert (rate.base, rate.rate, rate.at.isoformat()) == ("EUR", Decimal("1.0842"), "2026-11-20T00:00:00+00:00")
    (row,) = read_fees({"tables": [FEE]})
    assert (row.referral, row.least, row.fixed) == (Decimal("0.15"), usd("0.30"), usd("3.22"))


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"rate": "0"}, "above 0"),
        ({"rate": "nan"}, "a number"),
        ({"rate": True}, "a number"),
        ({"quote": "EUR"}, "two currencies"),
        ({"base": "EURO"}, "ISO 4217"),
        ({"on": "yesterday"}, "a day such as"),
        ({"of": "x"}, "not one of"),
    ],
)
def test_a_wrong_rate_is_told_by_its_line(change, word):
    with pytest.raises(BadInput, match=word) as told:
        read_rates({"rates": [RATE, {**RATE, **change}]})
    assert "fx.rates[1]" in str(told.value)


@pytest.mark.parametrize(
    ("change", "word"),
    [({"referral": "1"}, "below 1"), ({"fixed": "-1"}, "no less than 0"), ({"least": "0.301"}, "digits")],
)
def test_a_wrong_fee_is_told_by_its_line(change, word):
    with pytest.raises(BadInput, match=word):
        read_fees({"tables": [{**FEE, **change}]})


def test_a_missing_name_and_an_unknown_one_are_told():
    with pytest.raises(BadInput, match="since is missing"):
        read_fees({"tables": [{k: v for k, v in FEE.items() if k != "since"}]})
    with pytest.raises(BadInput, match="only tables"):
        read_fees({"table": []})
    with pytest.raises(BadInput, match="a list"):
        read_rates({})


def test_for_decisions_what_cannot_be_read_is_unknown_never_an_error():
    found = sheets({"rates": [RATE, {**RATE, "rate": "x"}]}, {"tables": 3}, {"freshness": {"fx_max_age_days": "old"}})
    assert [r.base for r in found.rates] == ["EUR"]
    assert (found.fees, found.rate_max_age, found.quote_max_age) == ((), None, None)


@given(
    fx=st.dictionaries(st.sampled_from(["rates", "x"]), JUNK), fees=st.dictionaries(st.just("tables"), JUNK), age=JUNK
)
def test_no_policy_however_odd_stops_a_decision(fx, fees, age):
    sheets(fx, fees, {"freshness": {"fx_max_age_days": age, "fees_max_age_h": age}})


SHIPMENT = Shipment(
    "FOB", 100, usd("500.00"), usd("80.00"), usd("20.00"), Decimal("0.05"), Decimal("0.20"), tax_recoverable=False
)


def test_landed_cost_by_term():
    assert landed_cost(SHIPMENT) == usd("7.56")  # 600 + 30 duty + 126 tax
    assert landed_cost(replace(SHIPMENT, tax_recoverable=True)) == usd("6.30")
    assert landed_cost(replace(SHIPMENT, term="DAP", tax_recoverable=True)) == usd("5.46")  # freight is in the price
    assert landed_cost(replace(SHIPMENT, term="DDP")) == usd("5.20")


@given(
    units=st.integers(1, 999),
    goods=st.integers(0, 10**7),
    duty=st.decimals(0, 1, places=3),
    term=st.sampled_from(sorted(TERMS)),
)
def test_a_unit_never_costs_less_than_its_share_of_the_goods(units, goods, duty, term):
    one = landed_cost(replace(SHIPMENT, units=units, goods=Money(goods, "USD"), duty=duty, term=term))
    assert one.minor * units >= goods


def test_what_cannot_be_is_refused():
    for change in ({"term": "XYZ"}, {"units": 0}, {"goods": usd("-1.00")}, {"duty": Decimal("-0.1")}):
        with pytest.raises(ValueError, match="wanted"):
            landed_cost(replace(SHIPMENT, **change))
