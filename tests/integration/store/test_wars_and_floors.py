"""Floors with their sheets, and price wars, out of what the store holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest
from store_kit import ATV, T0, US, a_line, a_listing, a_quote, an_order, at, usd

from ecom_agent.clock import FrozenClock
from ecom_agent.ids import Sku
from ecom_agent.money import Money
from ecom_agent.records.offers import PricePoint
from ecom_agent.records.views import LimitsView, WarView
from ecom_agent.store.catalog import ListingStore
from ecom_agent.store.db import Database
from ecom_agent.store.facts import FactStore
from ecom_agent.store.fees import FeeStore
from ecom_agent.store.limits import LimitsStore
from ecom_agent.store.offers import PriceStoryStore
from ecom_agent.store.orders import OrderStore
from ecom_agent.store.policies import PolicyStore, seed_policies
from ecom_agent.store.pricing_view import PricingViews
from ecom_agent.wiring.warring import Warring

pytestmark = pytest.mark.services

LIMITS = LimitsView(
    US,
    ATV,
    "A",
    "USD",
    "9.00",
    "40.00",
    None,
    None,
    "1.00",
    0,
    foreign_cost="5.00 EUR",
    ad_cost="0.50",
    fee_class="home",
)
ROW = {
    "marketplace": ATV, "class": "home", "currency": "USD", "referral": "0.15", "least": "0.30", "fixed": "3.22",
    "since": "2020-01-01", "checked": T0.date().isoformat(), "source": "fee page",
}  # fmt: skip
RATE = {"base": "EUR", "quote": "USD", "rate": "1.2", "on": T0.date().isoformat(), "source": "ECB"}
DAY = timedelta(days=1)


def priced(database: Database) -> None:
    with database.unit() as unit:
        seed_policies(unit.session, at=T0)
        PolicyStore(unit.session).set("fx", {"rates": [RATE]}, "ann", at=T0)
        PolicyStore(unit.session).set("fees", {"tables": [ROW]}, "ann", at=T0)
        ListingStore(unit.session).upsert([a_listing("A"), a_listing("B", external_id="B2")])
        LimitsStore(unit.session).set([LIMITS], by="ann", at=T0)


def wars(database: Database, minutes: int) -> list[WarView]:
    told = Warring()
    told.parts = SimpleNamespace(database=database, clock=FrozenClock(at(minutes)))  # type: ignore[assignment]  # all it asks for
    return list(told.wars())


def test_the_shown_floor_is_by_the_sheets_in_force_and_says_as_of_when(database: Database) -> None:
    priced(database)
    with database.unit() as unit:
        sheets = FactStore(unit.session).cost_sheets()
        a, b = PricingViews(unit.session, T0).listings()
        stale, _ = PricingViews(unit.session, T0 + 8 * DAY).listings()
    assert (sheets.rate_max_age, sheets.quote_max_age) == (7 * DAY, 3 * DAY)
    assert (a.floor, a.floor_reason) == (usd(1262), "break-even + margin")  # (6.00 + 0.50 + 3.22 + 1.00) / 0.85
    told = {cost.name: cost for cost in a.floor_costs}
    assert told["landed cost"].amount == usd(600)
    assert "5.00 EUR at EUR/USD 1.2" in told["landed cost"].note
    assert "fee table home" in told["platform fees"].note
    assert told["returns"].amount is None
    assert (b.floor, b.floor_costs) == (None, ())
    assert stale.floor is None
    assert "older than 7 days" in stale.floor_reason


def test_a_fresh_quote_goes_before_the_table(database: Database) -> None:
    priced(database)
    with database.unit() as unit:
        FeeStore(unit.session).upsert([a_quote("A")])
        a, _ = PricingViews(unit.session, T0).listings()
        later, _ = PricingViews(unit.session, T0 + 4 * DAY).listings()
    notes = [next(c.note for c in x.floor_costs if c.name == "platform fees") for x in (a, later)]
    assert notes[0] == "fee quote"
    assert notes[1].startswith("fee table home")


def spiral(turns: int) -> list[PricePoint]:
    ours = rival = 2_000
    points = [PricePoint(at(0), usd(ours), usd(rival), usd(ours), True)]
    for n in range(turns):
        ours, rival = (rival - 20, rival) if n % 2 else (ours, ours - 20)
        points.append(PricePoint(at(20 * (n + 1)), usd(ours), usd(rival), usd(min(ours, rival)), n % 2 == 1))
    return points


def test_a_war_is_told_with_its_cost_or_with_why_there_is_none(database: Database) -> None:
    priced(database)
    with database.unit() as unit:
        stories = PriceStoryStore(unit.session)
        for sku in ("A", "B"):
            stories.add(US, ATV, Sku(sku), "USD", spiral(10))
        line = replace(a_line(quantity=4), sku=Sku("A"))
        OrderStore(unit.session).upsert(
            [replace(an_order(f"o{n}", lines=(line,)), purchased_at=T0 - n * DAY) for n in range(1, 6)], seen_at=T0
        )
    assert wars(database, 20) == []
    a, b = wars(database, 210)
    assert (a.sku, a.turns, a.peace, a.our_price, a.rival_price) == ("A", 10, usd(2_000), usd(1_800), usd(1_820))
    assert {c.choice for c in a.choices} == {"hold", "match", "leave"}
    assert a.advice in ("hold", "match")
    assert all(c.low.minor <= c.loss.minor <= c.high.minor and c.price >= usd(1_262) for c in a.choices)
    leave = next(c for c in a.choices if c.choice == "leave")
    assert leave.loss > Money(0, "USD")
    assert a.elasticity.startswith("-2.0 assumed: ")
    assert (b.sku, b.advice, b.reason, b.choices) == ("B", None, "no minimum set", ())
    assert wars(database, 210 + 26 * 60) == []


def test_no_war_where_prices_stand_or_wander_and_one_side_told_alone_is_still_a_move(database: Database) -> None:
    priced(database)
    wandering = [
        PricePoint(at(10 * n), usd(2_000 - 60 * (n % 2)), usd(2_010 - 60 * (n % 3)), None, None) for n in range(20)
    ]
    alone = [
        replace(p, **{"our_price" if n % 2 else "lowest_rival": None}) if n else p for n, p in enumerate(spiral(10))
    ]
    with database.unit() as unit:
        PriceStoryStore(unit.session).add(US, ATV, Sku("A"), "USD", wandering)
    assert wars(database, 190) == []
    with database.unit() as unit:
        PriceStoryStore(unit.session).add(US, ATV, Sku("B"), "USD", alone)
    (b,) = wars(database, 210)
    assert (b.sku, b.turns, b.our_price, b.rival_price) == ("B", 10, usd(1_800), usd(1_820))
