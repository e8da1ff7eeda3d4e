"""Our own recorded pages led through other ways of pricing: what is known is used, and nothing else."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from store_kit import ATV, T0, US, a_listing

from ecom_agent.clock import FrozenClock
from ecom_agent.errors import BadInput
from ecom_agent.records.backtests import BacktestReport
from ecom_agent.records.views import LimitsView
from ecom_agent.store.catalog import ListingStore
from ecom_agent.store.db import Database
from ecom_agent.store.kept_events import EventKeeper, Recorded
from ecom_agent.store.limits import LimitsStore
from ecom_agent.wiring.backtesting import FIXED, RULES, WAYS, Backtesting
from native_pricer import Clause, ListingConfig, ListingFacts, Target
from native_pricer.journal import Recorder

pytestmark = pytest.mark.services
KNOWN = ListingFacts(unit_cost_minor=1_000, fee_bp=1_500, velocity_centiunits=1_000, reference_minor=2_000)
HOURS = 6


def backtest(database: Database, days: int = 1) -> BacktestReport:
    told = Backtesting()
    accounts = SimpleNamespace(get=lambda name: SimpleNamespace(name=name))
    told.parts = SimpleNamespace(database=database, clock=FrozenClock(T0), accounts=accounts)  # type: ignore[assignment]  # all it asks for
    return told.backtest(US, ATV, days)


def notice(asin: str, n: int, at: datetime) -> bytes:
    def offer(seller: str, price: float) -> dict[str, Any]:
        money = {"Amount": price, "CurrencyCode": "USD"}
        return {"SellerId": seller, "SubCondition": "new", "ListingPrice": money, "Shipping": money | {"Amount": 0.0}}

    trigger = {"MarketplaceId": ATV, "ASIN": asin, "ItemCondition": "new", "TimeOfOfferChange": at.isoformat()}
    offers = [offer("OURS", 20.0), offer("RIVAL", round(18.0 - n / 100, 2))]
    body = {"OfferChangeTrigger": trigger, "Summary": {}, "Offers": offers}
    return json.dumps(
        {
            "NotificationType": "ANY_OFFER_CHANGED",
            "NotificationMetadata": {"NotificationId": f"{asin}-{n}"},
            "Payload": {"AnyOfferChangedNotification": body},
        }
    ).encode()


def recorded(database: Database, sku: str, asin: str, facts: ListingFacts = KNOWN) -> None:
    """Six hours of a page on which a rival is cheaper than we are."""
    engine = Recorder()
    lowest = (Clause("lowest", target=Target.LOWEST, offset_bp=0),)
    engine.configure(
        ListingConfig(ATV, asin, "new", sku, "OURS", "USD", 2_000, 0, 1_200, 4_000, clauses=lowest, cooldown_s=0)
    )
    engine.inform(ATV, sku, facts)
    for n in range(HOURS):
        at = T0 - timedelta(hours=HOURS - n)
        engine.on_event(notice(asin, n, at), at)
    with database.unit() as unit:
        recorded = Recorded.of(engine.take(T0), 90)
        EventKeeper(unit.session).keep(US, recorded)
    engine.kept(recorded.chunks)


def test_each_way_is_told_for_listings_whose_costs_and_sales_are_known(database: Database) -> None:
    with database.unit() as unit:
        ListingStore(unit.session).upsert([a_listing(sku, external_id=f"B{sku}") for sku in "ABC"])
        limits = [LimitsView(US, ATV, sku, "USD", "9.00", "40.00", None, "10.00", None, 0) for sku in "AB"]
        LimitsStore(unit.session).set(limits, by="ann", at=T0)
    assert (backtest(database).asked, backtest(database).listings, backtest(database).rows) == (2, 0, ())
    for sku, facts in (("A", KNOWN), ("B", KNOWN._replace(velocity_centiunits=None)), ("C", KNOWN)):
        recorded(database, sku, f"B{sku}", facts)
    found = backtest(database)
    assert (found.asked, found.listings, found.events) == (2, 1, HOURS)
    by_way = {row.way: row for row in found.rows}
    assert set(by_way) == set(WAYS)
    assert by_way[RULES].profit_a_day > by_way[FIXED].profit_a_day > 0
    assert (by_way[RULES].better, by_way[FIXED].better) == (1, 0)
    assert [row.profit_a_day for row in found.rows] == sorted((r.profit_a_day for r in found.rows), reverse=True)


def test_days_are_few(database: Database) -> None:
    with pytest.raises(BadInput, match="days"):
        backtest(database, 8)
