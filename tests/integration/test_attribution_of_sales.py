"""`App.attribution` over the whole App: real orders and price story, costs as the seller told them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from seller_kit import AMAZON, PERSON, Seller, rows

from ecom_agent.errors import BadInput, ConfigError

pytestmark = pytest.mark.services


def test_a_change_in_profit_is_told_by_its_parts(seller: Seller) -> None:
    app = seller.ready()
    costed = [replace(row, unit_cost="5.00") for row in seller.limits(app) if row.account == AMAZON]
    app.set_limits(costed, by=PERSON)
    (row,) = rows(app, 1)
    for hours in range(0, 36, 6):
        seller.tell(row, 97 + hours % 4)
        app.consume(wait_s=0)
        seller.wait(hours=6)
    seller.pull(app, AMAZON, "orders")
    report = app.attribution(AMAZON, seller.clock.now() - timedelta(days=1), 1)
    assert (report.account, report.days) == (AMAZON, 1)
    assert len(report.listings) + len(report.left_out) > 0
    for told in (*report.totals, *report.listings):
        parts = told.price + told.buy_box + told.demand + told.conversion + told.cost + told.luck
        assert parts == pytest.approx(told.change, abs=0.1)


def test_days_that_are_not_over_and_accounts_that_are_none_are_told(seller: Seller) -> None:
    app = seller.open()
    now = seller.clock.now()
    with pytest.raises(BadInput, match="over"):
        app.attribution(AMAZON, now, 1)
    with pytest.raises(BadInput, match="1 to 366"):
        app.attribution(AMAZON, now, 0)
    with pytest.raises(ConfigError, match="nobody"):
        app.attribution("nobody", now - timedelta(days=2), 1)
