"""Messages of an account's queue that are not about offers: an order is pulled, anything else is kept as received.

Where our offer fell out of the Buy Box over its price, the price that would be featured goes to our listings there.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from ecom_agent.clock import Clock
from ecom_agent.connector import Page, Poison
from ecom_agent.errors import ParseFailed
from ecom_agent.ids import AccountId, OrderId
from ecom_agent.ingest.land import land, land_page
from ecom_agent.ports.reads import RawEvent
from ecom_agent.records.events import Notification, OrderChange, PricingHealth
from ecom_agent.records.offers import ExpectedPrice
from ecom_agent.records.orders import Order
from ecom_agent.store.catalog import ListingStore
from ecom_agent.store.db import Database, Unit
from ecom_agent.store.events import EventStore
from ecom_agent.telemetry import EVENTS_IN

STREAM: Final = "events"


class Source(Protocol):
    """What the lane needs of a connector."""

    @property
    def seller_id(self) -> str: ...
    def subscribe(self) -> tuple[str, ...]: ...
    def receive(self, *, wait_s: int, most: int) -> Any: ...
    def acknowledge(self, events: Any) -> None: ...
    def offers_event(self, event: RawEvent) -> str | None: ...
    def read_event(self, event: RawEvent) -> Notification: ...
    def get_order(self, order_id: OrderId) -> Order: ...


@dataclass(frozen=True, slots=True)
class OtherNews:
    """One message at a time, each committed by itself."""

    account: AccountId
    platform: str
    source: Source
    database: Database
    clock: Clock

    def take(self, event: RawEvent, counts: Counter[str]) -> None:
        """Raises ParseFailed for one that cannot be read, and what the platform raises."""
        now = self.clock.now()
        try:
            told = self.source.read_event(event)
        except ParseFailed:
            EVENTS_IN.labels(self.platform, "unreadable").inc()
            raise
        EVENTS_IN.labels(self.platform, told.type).inc()
        if isinstance(told.content, OrderChange):
            self._order(event.body, told, told.content.order_id, counts)
            return
        with self.database.unit() as unit:
            if self._seen(unit, told, now):
                counts["duplicate"] += 1
                return
            page: Page[Any] = Page(self._records(unit, told), None, False, told.type, event.body)
            land_page(unit.session, self.account, STREAM, page, at=now)
            counts["other"] += 1

    def _records(self, unit: Unit, told: Notification) -> tuple[ExpectedPrice, ...]:
        health = told.content
        if not isinstance(health, PricingHealth):
            return ()
        on_page = ListingStore(unit.session).on_page(self.account, health.marketplace, health.asin)
        return tuple(health.expected(x) for x in on_page if x.condition.lower() == health.condition)

    def _order(self, raw: bytes, told: Notification, order_id: OrderId, counts: Counter[str]) -> None:
        with self.database.unit() as unit:
            if EventStore(unit.session).known(told.id):
                counts["duplicate"] += 1
                return
        order = self.source.get_order(order_id)
        with self.database.unit() as unit:
            now = self.clock.now()
            land(unit.session, self.account, "orders", [order], operation=told.type, raw=raw, at=now)
            self._seen(unit, told, now)
        counts["orders"] += 1

    def _seen(self, unit: Unit, told: Notification, at: datetime) -> bool:
        return EventStore(unit.session).seen(told.id, account=self.account, type=told.type, at=at)


def set_aside(unit: Unit, account: AccountId, raw: bytes, operation: str, poison: Poison, at: datetime) -> None:
    """What cannot be used, with its reason: nothing is lost."""
    page: Page[Any] = Page((), None, False, operation, raw, (poison,))
    land_page(unit.session, account, STREAM, page, at=at)
