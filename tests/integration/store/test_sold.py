"""What was sold and how it stood meanwhile, read from orders and the price story."""

from __future__ import annotations

from datetime import datetime

import pytest
from store_kit import ATV, US, a_line, an_order, at, usd

from ecom_agent.ids import Sku
from ecom_agent.records.offers import PricePoint
from ecom_agent.records.orders import OrderStatus
from ecom_agent.store.db import Database
from ecom_agent.store.offers import PriceStoryStore
from ecom_agent.store.orders import OrderStore
from ecom_agent.store.sold import sales

pytestmark = pytest.mark.services
DAY = 24 * 60
MUG = Sku("MUG-01")


def point(when: datetime, price: int | None, held: bool | None) -> PricePoint:
    return PricePoint(when, None if price is None else usd(price), usd(1_100), usd(1_150), held)


def test_time_featured_is_counted_inside_the_days_and_prices_are_those_paid(database: Database) -> None:
    with database.unit() as unit:
        told = [point(at(-60), 1_000, True), point(at(DAY / 2), 1_200, False), point(at(DAY * 1.5), 1_300, True)]
        PriceStoryStore(unit.session).add(US, ATV, MUG, "USD", told)
        orders = [
            an_order("1", lines=(a_line(quantity=2, price=1_000),)),
            an_order("2", lines=(a_line(quantity=1, price=1_300),)),
            an_order("3", status=OrderStatus.CANCELLED),
        ]
        OrderStore(unit.session).upsert(orders, seen_at=at(1))
    with database.unit() as unit:
        (found,) = sales(unit.session, US, at(0), at(2 * DAY))
        (before,) = sales(unit.session, US, at(-2 * DAY), at(0))
        assert sales(unit.session, US, at(30 * DAY), at(31 * DAY)) == []
    assert (found.marketplace, found.sku, found.currency, found.units) == (ATV, MUG, "USD", 3)
    assert found.featured_days == pytest.approx(1.0)
    assert found.price_minor == pytest.approx(1_100)
    assert (before.units, before.featured_days) == (0, pytest.approx(60 / DAY))
    assert before.price_minor == pytest.approx(1_000)


def test_a_page_that_was_not_heard_of_for_a_week_says_nothing(database: Database) -> None:
    with database.unit() as unit:
        PriceStoryStore(unit.session).add(US, ATV, MUG, "USD", [point(at(0), 1_000, True)])
    with database.unit() as unit:
        (found,) = sales(unit.session, US, at(0), at(20 * DAY))
    assert found.featured_days == pytest.approx(7.0)
