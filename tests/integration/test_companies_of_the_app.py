"""Prices for companies over the whole App: a rule's plan goes out, follows the price, is read back and taken back."""

from __future__ import annotations

from typing import Any

import pytest
from seller_kit import AMAZON, PERSON, REPRICING, Seller, only, rows

from ecom_agent.ids import MarketplaceId, Sku
from ecom_agent.money import Money
from ecom_agent.records.business import NOT_OFFERED, BusinessPrices
from ecom_agent.wiring import App
from platforms.simulated.wire.offers import MARKETPLACE

pytestmark = pytest.mark.services

RULE = "rule: mine\nbusiness: {discount: 2 %, tiers: {5: 4 %}}\nclauses: [{target: CLAUSE}]\n"


def for_companies(app: App, sku: str) -> BusinessPrices:
    connector: Any = app.parts.accounts.get(AMAZON).connector
    found = connector.live_business(Sku(sku), MarketplaceId(MARKETPLACE))
    assert isinstance(found, BusinessPrices)
    return found


def plan(price: int) -> BusinessPrices:
    """Two percent off, four from five units on, rounded up."""
    return BusinessPrices(Money(-(-price * 98 // 100), "USD"), ((5, Money(-(-price * 96 // 100), "USD")),))


def test_a_plan_is_set_follows_the_price_and_is_taken_back(seller: Seller) -> None:
    app = seller.alone()
    row = rows(app, 1)[0]
    assert row.price is not None
    app.set_rule(RULE.replace("CLAUSE", "hold"), PERSON)
    app.assign_rule([f"sku:{AMAZON}/{MARKETPLACE}/{row.sku}"], "mine", PERSON)
    assert for_companies(app, row.sku) == NOT_OFFERED

    app.propose(REPRICING, AMAZON, MARKETPLACE, seller.clock.now())
    seller.settle(app)
    first = only(app, row.sku)
    assert (first.state, seller.price(row.sku)) == ("verified", row.price.minor)
    assert for_companies(app, row.sku) == plan(row.price.minor)

    app.set_rule(RULE.replace("CLAUSE", "lowest, offset: -1 %"), PERSON)
    seller.wait(minutes=1)
    seller.tell(row, 97)
    app.consume(wait_s=0)
    seller.settle(app)
    moved = next(x for x in app.actions(sku=row.sku) if x.key != first.key)
    now = seller.price(row.sku)
    assert (moved.state, now < row.price.minor) == ("verified", True)
    assert for_companies(app, row.sku) == plan(now)
    assert "companies: 1+:" in moved.reason

    seller.wait(minutes=5)
    app.undo(moved.key, PERSON)
    for held in app.pending():
        app.approve(held.key, PERSON)
    seller.settle(app)
    assert seller.price(row.sku) == row.price.minor
    assert for_companies(app, row.sku) == plan(row.price.minor)
    assert app.audit_verify().ok
