"""PRICING_HEALTH: our offer fell out of the Buy Box over its price; rules and people learn the price that returns."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any, NamedTuple

import orjson
import pytest
from store_kit import ATV, T0, US, a_listing, usd
from vendor_kit import sample

from ecom_agent.actions.model import Mode
from ecom_agent.clock import FrozenClock
from ecom_agent.ids import Asin
from ecom_agent.money import Money
from ecom_agent.ports.reads import RawEvent
from ecom_agent.records.events import Notification, PricingHealth
from ecom_agent.runtime.other_news import OtherNews
from ecom_agent.store.catalog import ListingStore
from ecom_agent.store.db import Database
from ecom_agent.store.facts import FactStore
from ecom_agent.store.views import ViewStore
from platforms.amazon import parse

pytestmark = pytest.mark.services

MUG = a_listing()
HEALTH = PricingHealth(
    ATV, Asin(MUG.external_id), "new", "BuyBoxDisqualification", usd(1_500), usd(1_210), T0, usd(200), usd(1_190)
)


class Queue:
    """Reads Amazon's messages; nothing else is asked of it."""

    seller_id = "A1SAMPLESELLER"

    def read_event(self, event: RawEvent) -> Notification:
        return parse.notification(event.body, account=US, seen_at=T0)


class Message(NamedTuple):
    body: bytes
    receipt: str = "receipt"
    tries: int = 1


def message(**trigger: Any) -> Message:
    body = orjson.loads(orjson.dumps(sample("amazon", "notifications")["pricing_health"]))
    body["payload"]["offerChangeTrigger"] |= {"asin": MUG.external_id, "marketplaceId": ATV, **trigger}
    return Message(orjson.dumps(body))


def test_the_price_that_would_return_is_told_with_its_reason_and_known_to_rules(database: Database) -> None:
    clock = FrozenClock(T0)
    with database.unit() as unit:
        used = replace(a_listing("MUG-USED"), condition="used")
        ListingStore(unit.session).upsert([MUG, used])
    news = OtherNews(US, "amazon", Queue(), database, clock)  # type: ignore[arg-type]
    counts: Counter[str] = Counter()
    at = T0 - timedelta(minutes=1)
    news.take(message(timeOfOfferChange=at.isoformat()), counts)
    news.take(message(timeOfOfferChange=at.isoformat()), counts)
    assert counts == {"other": 1, "duplicate": 1}
    with database.unit() as unit:
        found = FactStore(unit.session).circumstances(US, ATV, T0, mode="live", usual=False)
        views = ViewStore(unit.session, now=T0, mode=Mode.SANDBOX, streams={}, database="postgresql://db/ecom")
        shown = {x.sku: (x.expected_price, x.expected_status) for x in views.listings()}
    expected = found[MUG.sku].expected
    assert expected is not None
    assert (expected.expected, expected.status, expected.seen_at) == (usd(1_210), "BuyBoxDisqualification", at)
    assert shown == {MUG.sku: (usd(1_210), "BuyBoxDisqualification"), used.sku: (None, None)}


@pytest.mark.parametrize(
    ("told", "expected", "featured"),
    [
        (HEALTH, usd(1_010), usd(1_190)),
        (replace(HEALTH, our_shipping=None), None, usd(1_190)),
        (replace(HEALTH, competitive_price_threshold=None), None, usd(1_190)),
        (replace(HEALTH, our_shipping=usd(1_210)), None, usd(1_190)),
        (replace(HEALTH, featured_landed=Money(1_190, "EUR")), usd(1_010), None),
    ],
)
def test_the_threshold_is_what_a_buyer_pays_and_ours_is_without_shipping(
    told: PricingHealth, expected: Money | None, featured: Money | None
) -> None:
    found = told.expected(MUG)
    assert (found.expected, found.competing_landed, found.sku) == (expected, featured, MUG.sku)
