"""Strategies' memories are kept with what followed from the event, the newest of each listing, for a week."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ecom_agent.ids import AccountId, MarketplaceId, Sku
from ecom_agent.store.db import Database
from ecom_agent.store.facts import FactStore
from ecom_agent.store.kept_events import EventKeeper, Recorded
from ecom_agent.store.minds import STILL_TRUE, MindStore
from native_pricer import Clause, ListingConfig, Target
from native_pricer.journal import Recorder
from native_pricer.strategies import strategy

pytestmark = pytest.mark.services

US, PLACE = AccountId("amazon_us"), MarketplaceId("ATVPDKIKX0DER")
ONE, TWO = Sku("SKU-1"), Sku("SKU-2")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def read(database: Database, now: datetime = NOON) -> dict[Sku, bytes]:
    with database.unit() as unit:
        return dict(FactStore(unit.session).strategy_memories(US, PLACE, now))


def test_the_newest_of_each_listing_stands(database: Database) -> None:
    with database.unit() as unit:
        minds = MindStore(unit.session)
        minds.keep(US, {(PLACE, ONE): b"one" * 500, (PLACE, TWO): b"two"}, NOON)
        minds.keep(US, {(PLACE, ONE): b"later"}, NOON + timedelta(minutes=1))
        minds.keep(US, {(PLACE, TWO): b"earlier"}, NOON - timedelta(minutes=1))
        minds.keep(AccountId("amazon_de"), {(PLACE, TWO): b"theirs"}, NOON)
        minds.keep(US, {}, NOON)
    assert read(database) == {ONE: b"later", TWO: b"two"}


def test_what_is_older_than_a_week_is_not_told(database: Database) -> None:
    with database.unit() as unit:
        MindStore(unit.session).keep(US, {(PLACE, ONE): b"old"}, NOON)
    assert read(database, NOON + STILL_TRUE - timedelta(seconds=1)) == {ONE: b"old"}
    assert read(database, NOON + STILL_TRUE) == {}


def notice(asin: str, rival: float) -> bytes:
    def offer(seller: str, price: float) -> dict[str, Any]:
        money = {"Amount": price, "CurrencyCode": "USD"}
        return {"SellerId": seller, "SubCondition": "new", "ListingPrice": money, "Shipping": money | {"Amount": 0.0}}

    trigger = {"MarketplaceId": PLACE, "ASIN": asin, "ItemCondition": "new", "TimeOfOfferChange": NOON.isoformat()}
    body = {"OfferChangeTrigger": trigger, "Summary": {}, "Offers": [offer("OURS", 20.0), offer("A1", rival)]}
    return json.dumps(
        {
            "NotificationType": "ANY_OFFER_CHANGED",
            "NotificationMetadata": {"NotificationId": asin},
            "Payload": {"AnyOfferChangedNotification": body},
        }
    ).encode()


def test_a_lanes_commit_keeps_what_its_strategies_know_and_of_no_other_listing(database: Database) -> None:
    engine = Recorder()
    by_strategy = (Clause("s", target=Target.STRATEGY),)
    for sku, asin, clauses, chosen in ((ONE, "B1", by_strategy, strategy("raise_alone")), (TWO, "B2", (), None)):
        engine.configure(
            ListingConfig(
                PLACE, asin, "new", sku, "OURS", "USD", 2_000, 0, 1_000, 4_000, clauses=clauses, strategy=chosen
            )
        )
    for asin in ("B1", "B2"):
        engine.on_event(notice(asin, 18.0), NOON)
    with database.unit() as unit:
        recorded = Recorded.of(engine.take(NOON), 90)
        EventKeeper(unit.session).keep(US, recorded)
    assert read(database) == {ONE: engine.memory(PLACE, ONE)}
    engine.kept(recorded.chunks)
    assert engine.memories() == {}
