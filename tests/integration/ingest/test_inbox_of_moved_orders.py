"""Webhooks that only name an order: it is asked for once, outside the inbox's transaction, and may be had later."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from ecom_agent.clock import FrozenClock
from ecom_agent.errors import NotFound, ParseFailed, TransientError
from ecom_agent.ids import AccountId, MarketplaceId, OrderId
from ecom_agent.ingest import inbox
from ecom_agent.money import Money
from ecom_agent.records.events import OrderChange
from ecom_agent.records.orders import Order, OrderStatus
from ecom_agent.store.db import Database
from ecom_agent.store.events import InboxStore
from ecom_agent.store.facts import FactStore

pytestmark = pytest.mark.services
NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)
SHOP = MarketplaceId("7490")


class Shop:
    """Says which order moved; has those it was given."""

    def __init__(self, account: AccountId, *held: str) -> None:
        self.account, self.held, self.asked = account, held, list[str]()

    def verify_webhook(self, headers: Mapping[str, str], raw: bytes) -> Any:
        raise AssertionError("it was verified before")

    def read_webhook(self, topic: str, raw: bytes) -> OrderChange | None:
        if not raw:
            raise ParseFailed("webhook", "empty")
        return OrderChange(OrderId(raw.decode()), SHOP, NOW) if topic == "ORDER" else None

    def get_order(self, order_id: OrderId) -> Order:
        self.asked.append(order_id)
        if order_id == "slow":
            raise TransientError("shop", "getOrder", "no answer")
        if order_id not in self.held:
            raise NotFound(f"no order {order_id}")
        total = Money(900, "USD")
        return Order(
            self.account, SHOP, order_id, OrderStatus.UNSHIPPED, "PAID", NOW, NOW, "USD", total, "US", "fbm", ()
        )


def test_moved_orders_are_asked_for_once_and_what_cannot_be_had_is_left_to_the_sweep(database: Database) -> None:
    account = AccountId("inbox_moved")
    shop = Shop(account, "o1", "o2")
    bodies = [("ORDER", b"o1"), ("ORDER", b"slow"), ("ORDER", b"o1"), ("OTHER", b"x"), ("ORDER", b""), ("ORDER", b"o2")]
    with database.unit() as unit:
        for number, (topic, body) in enumerate([*bodies, ("ORDER", b"gone")]):
            assert InboxStore(unit.session).put(account, "shop", topic, f"moved-{number}", body, at=NOW)
    counts = inbox.process({account: shop}, database, FrozenClock(NOW))
    assert counts == {"processed": 7, "written": 2, "quarantined": 1, "later": 2}
    assert shop.asked == ["o1", "slow", "o2", "gone"]
    with database.unit() as unit:
        landed = FactStore(unit.session).orders_between(account, NOW, NOW.replace(hour=13))
    assert {order.order_id for order in landed} == {"o1", "o2"}
    assert inbox.process({account: shop}, database, FrozenClock(NOW)) == {}
