"""What a true floor needs of the seller: typed as text, kept exactly, dated by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from store_kit import ATV, T0, US, at, usd

from ecom_agent.errors import BadInput
from ecom_agent.money import Money
from ecom_agent.records.views import LimitsView
from ecom_agent.store.db import Database
from ecom_agent.store.facts import FactStore
from ecom_agent.store.limits import LimitsStore, view
from ecom_agent.store.line import driver

pytestmark = pytest.mark.services

FULL = LimitsView(
    US, ATV, "MUG-01", "USD", "9.99", "39.99", None, None, "1.00", 0, foreign_cost="5.00 EUR", ad_cost="0.80",
    return_percent="4.5", return_cost="3.00", margin_percent="12.5", roi_percent="30", fee_class="home",
    costs_on="2025-12-01",
)  # fmt: skip
LATER = timedelta(days=40)


def test_every_field_is_read_back_as_typed(database: Database) -> None:
    with database.unit() as unit:
        assert LimitsStore(unit.session).set([FULL], by="ann", at=T0) == 1
        (stands,) = FactStore(unit.session).price_limits(US, ATV)
    assert (stands.foreign_cost, stands.ad_cost, stands.return_cost) == (Money(500, "EUR"), usd(80), usd(300))
    assert (stands.return_bp, stands.margin_bp, stands.roi_bp, stands.fee_class) == (450, 1_250, 3_000, "home")
    assert view(stands) == replace(FULL, version=1)


def test_only_new_costs_are_new(database: Database) -> None:
    with database.unit() as unit:
        store = LimitsStore(unit.session)

        def edit(**changes: str | None) -> str | None:
            known = store.get(US, ATV, FULL.sku)
            before = FULL if known is None else view(known)
            store.set([replace(before, **changes)], by="ann", at=T0 + LATER)
            found = store.get(US, ATV, FULL.sku)
            assert found is not None
            return view(found).costs_on

        store.set([replace(FULL, costs_on=None)], by="ann", at=T0)
        assert edit(ceiling="45.00") == T0.date().isoformat()
        assert edit(ad_cost="0.90") == (T0 + LATER).date().isoformat()
        assert edit(costs_on="2026-01-02") == "2026-01-02"
        assert edit(hard_min="8.00", costs_on=None) == "2026-01-02"


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"foreign_cost": "5.00"}, "foreign_cost of MUG-01"),
        ({"foreign_cost": "5.00 USD"}, "other than USD"),
        ({"foreign_cost": "x EUR"}, "amount in EUR"),
        ({"unit_cost": "4.00"}, "one landed cost of MUG-01"),
        ({"return_percent": "101"}, "from 0 to 100"),
        ({"return_percent": "1.234"}, "two digits"),
        ({"margin_percent": "100"}, "from 0 to 99.99"),
        ({"roi_percent": "-1"}, "roi_percent"),
        ({"ad_cost": "-1"}, "0 or more"),
        ({"costs_on": "yesterday"}, "as a day"),
        ({"costs_on": "2199-01-01"}, "not after today"),
    ],
)
def test_what_makes_no_sense_is_told_with_its_field(database: Database, changed: dict[str, str], told: str) -> None:
    with pytest.raises(BadInput, match=told), database.unit() as unit:
        LimitsStore(unit.session).set([replace(FULL, **changed)], by="ann", at=at(0))


@pytest.mark.parametrize(
    "change",
    [
        "unit_cost_minor = 1",
        "foreign_currency = NULL",
        "foreign_currency = currency",
        "return_bp = 10001",
        "margin_bp = 10000",
        "ad_cost_minor = -1",
        "fee_class = ''",
    ],
)
def test_the_database_refuses_what_makes_no_sense(database: Database, change: str) -> None:
    with database.unit() as unit:
        LimitsStore(unit.session).set([FULL], by="ann", at=T0)
    with pytest.raises(Exception, match="violates"), database.unit() as unit:
        driver(unit.session).execute(f"UPDATE price_limits SET {change}".encode())
