"""Advertising in the store: the report made later wins up or down, an older one never; what is not told stays None."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store_kit import ATV, T0, US, at, usd

from ecom_agent.connector import Page
from ecom_agent.ids import Sku
from ecom_agent.ingest.land import land_page
from ecom_agent.money import Money
from ecom_agent.records.advertising import (
    AdFigures,
    AdGroup,
    AdPerformance,
    AdRecord,
    AdState,
    Campaign,
    Match,
    PaysFor,
    ProductAd,
    SearchTerm,
    Target,
    TargetKind,
)
from ecom_agent.store.ad_figures import AdFigureStore
from ecom_agent.store.advertising import AdvertisingStore
from ecom_agent.store.bulk import Written
from ecom_agent.store.db import Database
from ecom_agent.store.quarantine import QuarantineStore

pytestmark = pytest.mark.services
DAY = date(2026, 11, 3)

CAMPAIGN = Campaign(
    US, ATV, "C-1", "Mugs\tautumn", AdState.ENABLED, "ENABLED", PaysFor.CLICK, usd(2500), DAY, None, T0, T0
)
GROUP = AdGroup(US, ATV, "G-1", "C-1", "Mugs", AdState.ENABLED, "ENABLED", usd(75), None, T0)
AD = ProductAd(US, ATV, "A-1", "C-1", "G-1", Sku("MUG-01"), None, AdState.PAUSED, "PAUSED", Decimal("0.045"), None, T0)
TARGET = Target(
    US,
    ATV,
    "K-1",
    "C-1",
    "G-1",
    TargetKind.KEYWORD,
    "blue mug",
    Match.EXACT,
    False,
    usd(60),
    AdState.ENABLED,
    "ENABLED",
    T0,
    T0,
)
REFUSED = replace(TARGET, target_id="N-1", text="free", negative=True, bid=None, updated_at=None)
FIGURES = AdFigures(100, 7, usd(420), usd(1230), 1, None, 7)
TOLD = AdPerformance(US, ATV, DAY, "C-1", "G-1", "K-1", None, FIGURES, T0)
TERM = SearchTerm(US, ATV, DAY, "C-1", "G-1", None, "blue\\mug\n☕", FIGURES, T0)


def put(database: Database, *records: AdRecord) -> Written:
    with database.unit() as unit:
        return AdvertisingStore(unit.session).upsert(records)


def tell(database: Database, *told: AdPerformance) -> Written:
    with database.unit() as unit:
        return AdFigureStore(unit.session).upsert(told)


def told_of(database: Database) -> Sequence[AdPerformance]:
    with database.unit() as unit:
        return AdFigureStore(unit.session).between(US, DAY, DAY)


def target_of(database: Database) -> Target | None:
    with database.unit() as unit:
        return AdvertisingStore(unit.session).target(US, "K-1")


def test_what_is_advertised_comes_out_as_it_went_in_and_is_written_once(database: Database) -> None:
    page = Page((CAMPAIGN, GROUP, AD, TARGET, REFUSED, TOLD, TERM), None, False, "list", b"{}")
    with database.unit() as unit:
        assert land_page(unit.session, US, "campaigns", page, at=T0).written == 7
    with database.unit() as unit:
        assert land_page(unit.session, US, "campaigns", page, at=T0).unchanged == 7
        store = AdvertisingStore(unit.session)
        assert list(store.campaigns(US)) == [CAMPAIGN]
        assert list(store.ad_groups(US)) == [GROUP]
        assert list(store.product_ads(US)) == [AD]
        assert list(store.targets(US)) == [TARGET, REFUSED]
        assert list(AdFigureStore(unit.session).between(US, DAY, DAY)) == [TOLD]
        assert list(AdFigureStore(unit.session).terms_between(US, DAY, DAY)) == [TERM]


def test_a_bid_that_was_changed_later_stands(database: Database) -> None:
    later = replace(TARGET, bid=usd(80), updated_at=at(5), seen_at=at(6))
    assert put(database, later) == Written(1, 0)
    assert put(database, TARGET) == Written(0, 1)
    assert target_of(database) == later
    with database.unit() as unit:
        AdvertisingStore(unit.session).saw_bid(US, "K-1", usd(90), seen_at=at(1))
    assert target_of(database) == later
    with database.unit() as unit:
        AdvertisingStore(unit.session).saw_bid(US, "K-1", usd(90), seen_at=at(7))
    assert target_of(database) == replace(later, bid=usd(90), seen_at=at(7))


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.permutations(range(4)), st.data())
def test_in_any_order_the_report_made_last_stands(database: Database, order: list[int], data: st.DataObject) -> None:
    """Late sales make a day grow, clicks found invalid make it shrink: neither may come back."""
    clicks = [data.draw(st.integers(0, 50)) for _ in range(4)]
    day = replace(TOLD, campaign_id=data.draw(st.uuids()).hex)
    reports = [
        replace(day, figures=replace(FIGURES, clicks=many, cost=usd(many * 60)), told_at=at(n))
        for n, many in enumerate(clicks)
    ]
    for n in order:
        tell(database, reports[n])
    (stands,) = [one for one in told_of(database) if one.campaign_id == day.campaign_id]
    assert stands == reports[3]


def test_figures_that_are_not_told_stay_unknown(database: Database) -> None:
    bare = replace(TOLD, ad_group_id=None, target_id=None, figures=AdFigures(None, 0, None, None, None, None, None))
    by_sku = replace(bare, sku=Sku("MUG-01"))
    assert tell(database, bare, by_sku, TOLD) == Written(3, 0)
    assert set(told_of(database)) == {bare, by_sku, TOLD}


@pytest.mark.parametrize(
    "broken",
    [
        replace(TOLD, figures=replace(FIGURES, sales=Money(1, "EUR"))),
        replace(TOLD, figures=replace(FIGURES, clicks=-1)),
        replace(TARGET, negative=True),
    ],
    ids=["two currencies", "fewer than no clicks", "a bid on what is refused"],
)
def test_a_poison_record_is_set_aside_and_the_page_goes_on(database: Database, broken: AdPerformance | Target) -> None:
    good = replace(TOLD, day=date(2026, 11, 4))
    with database.unit() as unit:
        landed = land_page(unit.session, US, "ad_figures", Page((broken, good), None, False, "r", b"{}"), at=T0)
        assert (landed.written, landed.quarantined) == (1, 1)
        assert QuarantineStore(unit.session).count_open() == 1
