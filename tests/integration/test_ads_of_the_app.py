"""An advertising account beside a seller's: the App pulls what it has, says what it has not, and prices go on."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from seller_kit import AMAZON, SHOP, Seller

from ecom_agent.errors import BadInput
from ecom_agent.ids import AccountId
from ecom_agent.store.ad_figures import AdFigureStore
from ecom_agent.store.advertising import AdvertisingStore
from platforms.simulated.servers.ads.credentials import ACCOUNT, environment

pytestmark = pytest.mark.services
ADS = AccountId(ACCOUNT)


def open_with_ads(seller: Seller) -> Any:
    given = environment(seller.market.url)
    return seller.open(**{"ECOM_ACCOUNTS": f"{AMAZON}:amazon,{SHOP}:shopify,{ACCOUNT}:amazon_ads", **given})


def test_its_streams_are_scheduled_and_the_others_are_not_offered(seller: Seller) -> None:
    app = open_with_ads(seller)
    told = {(account, stream): every for account, stream, every in app.streams()}
    assert {stream: every for (account, stream), every in told.items() if account == ADS} == {
        "campaigns": 30,
        "ad_figures": 10,
        "search_terms": 10,
    }
    missing = dict(app.sync_status().missing)
    assert {"orders", "stock", "listings"} <= set(missing[ADS])
    assert {"campaigns", "ad_figures", "search_terms"} <= set(missing[AMAZON])
    with pytest.raises(BadInput, match="campaigns, ad_figures"):
        app.pull(ADS, "orders")


def test_campaigns_and_figures_land_and_prices_are_judged_as_before(seller: Seller) -> None:
    app = open_with_ads(seller)
    assert app.pull(ADS, "campaigns").quarantined == 0
    seller.wait(hours=30)
    app.pull(ADS, "ad_figures")
    for _ in range(8):
        seller.wait(minutes=10)
        app.pull(ADS, "ad_figures")
    truth = seller.truth()["ads"]
    with app.parts.database.unit() as unit:
        stored = AdFigureStore(unit.session).between(ADS, date(2025, 1, 1), date(2027, 1, 1))
        targets = AdvertisingStore(unit.session).targets(ADS)
    assert sum(one.figures.impressions or 0 for one in stored) > 0
    assert {one.target_id for one in targets if not one.negative} == set(truth["targets"])
    assert app.pull(AMAZON, "listings").quarantined == 0
    assert {row.account for row in app.sync_status().streams} == {AMAZON, SHOP, ADS}
