"""The event lane of one account: receive → decide → Actions, page and price story in one commit → acknowledge.

A message is acknowledged only after what it changed is committed; one that comes again is known by its id.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Protocol

from ecom_agent.actions.model import Mode
from ecom_agent.actions.pipeline import Pipeline
from ecom_agent.clock import Clock
from ecom_agent.connector import Page, Poison
from ecom_agent.errors import ParseFailed
from ecom_agent.ids import AccountId, MarketplaceId, OrderId
from ecom_agent.ingest.land import land, land_page
from ecom_agent.ports.reads import RawEvent
from ecom_agent.records.events import Notification, OrderChange
from ecom_agent.records.offers import OfferSnapshot, PricePoint
from ecom_agent.records.orders import Order
from ecom_agent.store.catalog import ListingStore
from ecom_agent.store.db import Database, Unit
from ecom_agent.store.events import EventStore
from ecom_agent.store.facts import FactStore
from ecom_agent.store.halts import HaltStore
from ecom_agent.store.ledger import PgLedger
from ecom_agent.store.offers import OfferStore, PriceStoryStore
from ecom_agent.store.sent import sent_prices
from ecom_agent.telemetry import DECISIONS, EVENTS_IN
from native_pricer import Decision
from pricing.repricing.inputs import RepricePolicy
from pricing.repricing.lane import Lane

STREAM: Final = "events"
# Limits, halts and fees as the engine knows them are at most this old; the gate asks for the newest before sending.
REFRESH: Final = timedelta(seconds=30)
LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)
# Writes are asked for once more than needed: another process may commit one a moment after it was dated.
OVERLAP: Final = timedelta(minutes=2)


class Source(Protocol):
    """What the lane needs of a connector."""

    @property
    def seller_id(self) -> str: ...
    def subscribe(self) -> tuple[str, ...]: ...
    def receive(self, *, wait_s: int, most: int) -> Any: ...
    def acknowledge(self, events: Any) -> None: ...
    def read_event(self, event: RawEvent) -> Notification: ...
    def get_order(self, order_id: OrderId) -> Order: ...


@dataclass
class EventLane:
    """`policy` gives the repricing policy in force and its version. One thread at a time."""

    account: AccountId
    platform: str
    marketplaces: tuple[MarketplaceId, ...]
    source: Source
    database: Database
    ledger: PgLedger
    pipeline: Pipeline
    clock: Clock
    mode: Mode
    policy: Callable[[Unit], tuple[int, Mapping[str, Any]]]
    _lane: Lane | None = None
    _loaded_at: datetime | None = field(default=None, repr=False)
    _told_until: datetime = LONG_AGO
    decided: int = field(default=0, init=False)

    def subscribe(self) -> tuple[str, ...]:
        """Set up queue and subscriptions; idempotent."""
        return self.source.subscribe()

    def round(self, *, wait_s: int, most: int) -> dict[str, int]:
        """Receive once and handle what came. Gives counts: received, duplicate, orders, moves, holds, …

        Raises what the platform raises; messages that were not handled come again.
        """
        counts: Counter[str] = Counter()
        events = self.source.receive(wait_s=wait_s, most=most)
        if not events:
            return {}
        self._refresh()
        self._learn_own_writes()
        for event in events:
            self._handle(event, counts)
            counts["received"] += 1
        self.source.acknowledge(events)
        return dict(counts)

    def _handle(self, event: RawEvent, counts: Counter[str]) -> None:
        now = self.clock.now()
        try:
            told = self.source.read_event(event)
        except ParseFailed as error:
            EVENTS_IN.labels(self.platform, "unreadable").inc()
            counts["unreadable"] += 1
            self._set_aside(event, str(error), now)
            return
        EVENTS_IN.labels(self.platform, told.type).inc()
        match told.content:
            case OfferSnapshot():
                self._reprice(event.body, told, counts, now)
            case OrderChange(order_id=order_id):
                self._order(event.body, told, order_id, counts, now)
            case _:
                with self.database.unit() as unit:
                    seen = self._seen(unit, told, now)
                counts["duplicate" if seen else "other"] += 1

    def _reprice(self, raw: bytes, told: Notification, counts: Counter[str], now: datetime) -> None:
        lane = self._loaded()
        result = lane.on_event(raw, now)
        try:
            with self.database.unit() as unit, self.ledger.within(unit) as book:
                if self._seen(unit, told, now):
                    counts["duplicate"] += 1
                    return
                if result.page is None:
                    poison = Poison(told.id, result.problem or "cannot be read", None)
                    page: Page[Any] = Page((), None, False, told.type, raw, (poison,))
                    land_page(unit.session, self.account, STREAM, page, at=now)
                    counts["unreadable"] += 1
                    return
                OfferStore(unit.session).upsert([result.page])
                self._tell_story(unit, result.page, result.decisions)
                for action in result.actions:
                    counts[f"action_{self.pipeline.propose_in(book, action).state}"] += 1
        except Exception:
            lane.forget(result)
            raise
        for outcome, number in result.outcomes().items():
            DECISIONS.labels(outcome).inc(number)
            counts[outcome] += number
            self.decided += number

    def _tell_story(self, unit: Unit, page: OfferSnapshot, decisions: tuple[Decision, ...]) -> None:
        """A moment for the charts of each of our listings on the page."""
        mine = {d.sku: d for d in decisions}
        for listing in ListingStore(unit.session).on_page(self.account, page.marketplace, page.external_id):
            decision = mine.get(listing.sku)
            if listing.price is None or listing.condition.lower() != page.condition.lower():
                continue
            currency = listing.price.currency
            own = next((o for o in page.offers if o.seller_id == self.source.seller_id), None)
            rivals = [o.landed for o in page.offers if o.seller_id != self.source.seller_id and o.landed is not None]
            PriceStoryStore(unit.session).add(
                self.account,
                page.marketplace,
                listing.sku,
                currency,
                [
                    PricePoint(
                        page.changed_at,
                        own.landed if own is not None else None,
                        min((r for r in rivals if r.currency == currency), default=None),
                        page.buy_box_landed,
                        decision.we_hold_buy_box if decision is not None else None,
                    )
                ],
            )

    def _order(self, raw: bytes, told: Notification, order_id: OrderId, counts: Counter[str], now: datetime) -> None:
        with self.database.unit() as unit:
            if EventStore(unit.session).known(told.id):
                counts["duplicate"] += 1
                return
        order = self.source.get_order(order_id)
        with self.database.unit() as unit:
            land(unit.session, self.account, "orders", [order], operation=told.type, raw=raw, at=now)
            self._seen(unit, told, now)
        counts["orders"] += 1

    def _seen(self, unit: Unit, told: Notification, now: datetime) -> bool:
        return EventStore(unit.session).seen(told.id, account=self.account, type=told.type, at=now)

    def _set_aside(self, event: RawEvent, reason: str, now: datetime) -> None:
        page: Page[Any] = Page((), None, False, STREAM, event.body, (Poison(None, reason, None),))
        with self.database.unit() as unit:
            land_page(unit.session, self.account, STREAM, page, at=now)

    def _loaded(self) -> Lane:
        if self._lane is None:
            self._refresh()
        assert self._lane is not None
        return self._lane

    def _learn_own_writes(self) -> None:
        """Whoever sent a price (this process or another), the engine decides the next step from it."""
        lane, now = self._loaded(), self.clock.now()
        with self.database.unit() as unit:
            sent = sent_prices(unit.session, self.account, self.mode, self._told_until)
        for marketplace, sku, price, sent_at in sent:
            lane.applied(marketplace, sku, price, sent_at)
        self._told_until = now - OVERLAP

    def _refresh(self) -> None:
        """Bring the engine up to the store's facts, unless it was a moment ago."""
        now = self.clock.now()
        if self._loaded_at is not None and now - self._loaded_at < REFRESH:
            return
        with self.database.unit() as unit:
            version, body = self.policy(unit)
            policy = RepricePolicy.read(body)
            if self._lane is None:
                self._lane = Lane(self.account, self.source.seller_id, self.mode, policy, version)
            self._lane.policy, self._lane.policy_version = policy, version
            self._lane.load(FactStore(unit.session), self.marketplaces)
            self._lane.set_halts(halt.scope for halt in HaltStore(unit.session).active())
        self._loaded_at = now
