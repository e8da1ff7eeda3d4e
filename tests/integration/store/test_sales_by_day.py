"""Sales by each marketplace's own day, at home at that day's rate; what is not known is not nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from store_kit import ATV, an_order, usd

from ecom_agent.actions.model import Mode
from ecom_agent.ids import MarketplaceId
from ecom_agent.money import Money
from ecom_agent.records.costs import FxRate
from ecom_agent.records.orders import Order, OrderStatus
from ecom_agent.records.zones import ZONES
from ecom_agent.store.daily import sales_by_day
from ecom_agent.store.db import Database
from ecom_agent.store.fx_rates import FxRateStore
from ecom_agent.store.orders import OrderStore
from ecom_agent.store.overview import OverviewView
from ecom_agent.store.policies import seed_policies

pytestmark = pytest.mark.services
NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)  # one in the night in Los Angeles, 9:00 in London
UK = MarketplaceId("A1F83G8C2ARO7P")


def bought(
    order_id: str, hour: int, *, day: int = 20, marketplace: MarketplaceId = ATV, total: Money | None = None
) -> Order:
    at = datetime(2026, 11, day, hour, tzinfo=UTC)
    order = an_order(order_id, lines=(), total=None)
    return replace(
        order, marketplace=marketplace, purchased_at=at, updated_at=at, total=total, currency=total and total.currency
    )


def rate(day: int, told: str) -> FxRate:
    return FxRate("EUR", "USD", Decimal(told), datetime(2026, 11, day, tzinfo=UTC), "ECB")


def test_a_day_is_the_marketplaces_and_its_money_is_that_days(database: Database) -> None:
    orders = [
        bought("1", 7, total=usd(1250)),  # still the 19th in Los Angeles
        bought("2", 8, total=usd(200)),
        bought("3", 7, marketplace=UK, total=Money(500, "GBP")),
        bought("4", 8, day=18),
        replace(bought("5", 8, total=usd(999)), status=OrderStatus.CANCELLED),
    ]
    with database.unit() as unit:
        seed_policies(unit.session, at=NOW)
        OrderStore(unit.session).upsert(orders, seen_at=NOW)
        rates = FxRateStore(unit.session)
        assert rates.put([rate(19, "9.9"), rate(20, "2.0")], by="anna", at=NOW) == 2
        assert rates.put([rate(19, "1.25")], by="anna", at=NOW) == 1  # corrected
        assert [(r.at.day, str(r.rate)) for r in rates.since(date(2026, 11, 1))] == [(20, "2.0"), (19, "1.25")]
    with database.unit() as unit:
        found = sales_by_day(unit.session, NOW, 7, ZONES, "EUR")
        today = {t.name: t.value for t in OverviewView(unit.session, NOW, Mode.LIVE, ()).overview().tiles}
    assert [(d.day.day, d.marketplace, d.orders, d.sales, d.home) for d in found] == [
        (20, UK, 1, Money(500, "GBP"), None),
        (20, ATV, 1, usd(200), Money(100, "EUR")),
        (19, ATV, 1, usd(1250), Money(1000, "EUR")),
        (18, ATV, 1, None, None),
    ]
    assert "no rate from GBP" in found[0].why
    assert {d.zone for d in found} == {"Europe/London", "America/Los_Angeles"}
    assert (today["orders_today"], today["revenue_today_USD"], today["revenue_today_GBP"]) == (2, 200, 500)
