"""eBay's rivals, campaigns and keyword figures: through the App into the store; pricing takes rivals as they come."""

from __future__ import annotations

from typing import Any

import pytest
from seller_kit import Seller
from sqlalchemy import text

from ecom_agent.ids import AccountId, MarketplaceId
from ecom_agent.store.facts import FactStore
from platforms.simulated.servers.ebay import credentials as ebay

pytestmark = pytest.mark.services
ACCOUNT, MARKET = AccountId(ebay.ACCOUNT), MarketplaceId(ebay.MARKETPLACE)


def open_ebay(seller: Seller) -> Any:
    app = seller.open(ECOM_ACCOUNTS=f"{ACCOUNT}:ebay", **ebay.environment(seller.market.url))
    assert app.pull(ACCOUNT, "listings").quarantined == 0
    return app


def test_rivals_are_stored_with_ourselves_among_them(seller: Seller) -> None:
    app = open_ebay(seller)
    report = app.pull(ACCOUNT, "offers")
    assert (report.written > 10, report.quarantined) == (True, 0)
    with app.parts.database.unit() as unit:
        pages = FactStore(unit.session).newest_offers(ACCOUNT, MARKET)
    ours = app.parts.accounts.get(ACCOUNT).connector.seller_id
    assert any(offer.seller_id == ours for page in pages for offer in page.offers)
    assert any(offer.seller_id != ours for page in pages for offer in page.offers)
    shown = {row.sku: row for row in app.pricing()}
    assert any(row.lowest_rival is not None for row in shown.values())
    assert all(row.buy_box is None for row in shown.values()), "eBay has none"
    counts = app.propose("pricing.repricing", ACCOUNT, MARKET, app.clock.now())
    assert counts.get("approved", 0) == 0, "no limits are set"


def test_campaigns_and_figures_of_keywords_are_stored(seller: Seller) -> None:
    app = open_ebay(seller)
    assert app.pull(ACCOUNT, "campaigns").quarantined == 0
    seller.wait(hours=36)
    for _ in range(40):
        report = app.pull(ACCOUNT, "ad_figures")
        assert report.quarantined == 0
        seller.wait(minutes=2)
    with app.parts.database.unit() as unit:
        held = {
            name: unit.session.execute(text(f"SELECT count(*) FROM {name}")).scalar_one()
            for name in ("ad_campaign", "ad_target", "ad_figure")
        }
    assert min(held.values()) > 3, held
