"""The event lane of one account: receive → decide → Actions, page and price story in one commit → acknowledge.

A message is acknowledged only after what it changed is committed; one that comes again is known by its id.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Protocol

import psycopg
from sqlalchemy.exc import DataError

from ecom_agent.actions.halts import HaltLevel
from ecom_agent.actions.model import Mode
from ecom_agent.actions.pipeline import Pipeline
from ecom_agent.clock import Clock
from ecom_agent.connector import Page, Poison
from ecom_agent.errors import AuthFailed, EcomError, ParseFailed, TerminalError
from ecom_agent.ids import AccountId, MarketplaceId, OrderId
from ecom_agent.ingest.land import land, land_page, refusal
from ecom_agent.ingest.story import tell_story
from ecom_agent.ports.reads import RawEvent
from ecom_agent.records.catalog import Listing
from ecom_agent.records.events import Notification, OrderChange
from ecom_agent.records.offers import OfferSnapshot
from ecom_agent.records.orders import Order
from ecom_agent.store.db import Database, Unit
from ecom_agent.store.events import EventStore
from ecom_agent.store.facts import FactStore
from ecom_agent.store.halts import HaltStore
from ecom_agent.store.ledger import PgLedger
from ecom_agent.store.offers import OfferStore
from ecom_agent.store.sent import sent_prices
from ecom_agent.telemetry import DECISIONS, EVENTS_IN
from native_pricer import Kind as Outcome
from pricing.repricing.inputs import RepricePolicy
from pricing.repricing.lane import Lane, LaneResult

STREAM: Final = "events"
OUTCOMES: Final = tuple(kind.value for kind in Outcome)
# Limits, halts and fees as the engine knows them are at most this old; the gate asks for the newest before sending.
REFRESH: Final = timedelta(seconds=30)
LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)
# Writes are asked for once more than needed: another process may commit one a moment after it was dated.
OVERLAP: Final = timedelta(minutes=2)
# What an event itself can be at fault for: values that no database takes, an order that its platform does not know.
_AT_FAULT: Final = (DataError, psycopg.DataError, ParseFailed, TerminalError)


@dataclass(frozen=True, slots=True)
class _Heard:
    """One message as received, as read, and when."""

    raw: bytes = field(repr=False)
    told: Notification
    at: datetime


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
    _listings: Sequence[Listing] = field(default=(), repr=False)
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
        counts["received"] = len(events)
        offers: list[_Heard] = []
        for event in events:
            try:
                heard = self._read(event, counts)
                if heard is None:
                    continue
                match heard.told.content:
                    case OfferSnapshot():
                        offers.append(heard)
                    case OrderChange(order_id=order_id):
                        self._order(heard, order_id, counts)
            except Exception as error:
                if not _at_fault(error):
                    raise
                self._refuse(event.body, error, counts)
        if offers:
            self._reprice(offers, counts)
        self.source.acknowledge(events)
        return dict(counts)

    def _read(self, event: RawEvent, counts: Counter[str]) -> _Heard | None:
        """What a message says. None: an unreadable one is set aside, one that decides nothing is kept as received."""
        now = self.clock.now()
        try:
            heard = _Heard(event.body, self.source.read_event(event), now)
        except ParseFailed as error:
            EVENTS_IN.labels(self.platform, "unreadable").inc()
            counts["unreadable"] += 1
            with self.database.unit() as unit:
                self._set_aside(unit, event.body, STREAM, Poison(None, str(error), None), now)
            return None
        EVENTS_IN.labels(self.platform, heard.told.type).inc()
        if isinstance(heard.told.content, OfferSnapshot | OrderChange):
            return heard
        with self.database.unit() as unit:
            if self._seen(unit, heard):
                counts["duplicate"] += 1
                return None
            page: Page[Any] = Page((), None, False, heard.told.type, heard.raw)
            land_page(unit.session, self.account, STREAM, page, at=now)
            counts["other"] += 1
        return None

    def _reprice(self, batch: Sequence[_Heard], counts: Counter[str]) -> None:
        """Decide on each page and keep all that follows in one commit; a batch that cannot be kept goes one by one."""
        lane = self._loaded()
        results: list[LaneResult] = []
        found: Counter[str] = Counter()
        try:
            with self.database.unit() as unit, self.ledger.within(unit) as book:
                kind, at = batch[0].told.type, batch[0].at
                ids = [heard.told.id for heard in batch]
                new = EventStore(unit.session).take(ids, account=self.account, type=kind, at=at)
                for heard in batch:
                    if heard.told.id not in new:
                        found["duplicate"] += 1
                        continue
                    new.discard(heard.told.id)
                    result = lane.on_event(heard.raw, heard.at)
                    results.append(result)
                    if result.page is None:
                        poison = Poison(heard.told.id, result.problem or "cannot be read", None)
                        self._set_aside(unit, heard.raw, heard.told.type, poison, heard.at)
                        found["unreadable"] += 1
                    for action in result.actions:
                        found[f"action_{self.pipeline.propose_in(book, action).state}"] += 1
                    found.update(result.outcomes())
                pages = [r.page for r in results if r.page is not None]
                OfferStore(unit.session).upsert(pages)
                tell_story(unit.session, self.account, self.source.seller_id, pages, self._listings)
        except Exception as error:
            for result in results:
                lane.forget(result)
            if len(batch) > 1:
                for heard in batch:
                    self._reprice([heard], counts)
            elif _at_fault(error):
                self._refuse(batch[0].raw, error, counts)
            else:
                raise
            return
        counts.update(found)
        for outcome in OUTCOMES:
            DECISIONS.labels(outcome).inc(found[outcome])
            self.decided += found[outcome]

    def _order(self, heard: _Heard, order_id: OrderId, counts: Counter[str]) -> None:
        with self.database.unit() as unit:
            if EventStore(unit.session).known(heard.told.id):
                counts["duplicate"] += 1
                return
        order = self.source.get_order(order_id)
        with self.database.unit() as unit:
            operation, at = heard.told.type, heard.at
            land(unit.session, self.account, "orders", [order], operation=operation, raw=heard.raw, at=at)
            self._seen(unit, heard)
        counts["orders"] += 1

    def _refuse(self, raw: bytes, error: Exception, counts: Counter[str]) -> None:
        """Set aside what can never be handled, so that it holds up nothing else."""
        with self.database.unit() as unit:
            why = str(error) if isinstance(error, EcomError) else refusal(error)
            self._set_aside(unit, raw, STREAM, Poison(None, why, None), self.clock.now())
        counts["unreadable"] += 1

    def _seen(self, unit: Unit, heard: _Heard) -> bool:
        told = heard.told
        return EventStore(unit.session).seen(told.id, account=self.account, type=told.type, at=heard.at)

    def _set_aside(self, unit: Unit, raw: bytes, operation: str, poison: Poison, at: datetime) -> None:
        page: Page[Any] = Page((), None, False, operation, raw, (poison,))
        land_page(unit.session, self.account, STREAM, page, at=at)

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
        for was in sent:
            lane.applied(was.marketplace, was.sku, was.price, was.at, was.before)
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
            facts = FactStore(unit.session)
            self._lane.load(facts, self.marketplaces, now)
            self._listings = [listing for place in self.marketplaces for listing in facts.listings(self.account, place)]
            scopes: dict[HaltLevel, list[str]] = {HaltLevel.HALTED: [], HaltLevel.REDUCING: []}
            for halt in HaltStore(unit.session).active():
                scopes[halt.level].append(halt.scope)
            self._lane.set_halts(scopes[HaltLevel.HALTED], scopes[HaltLevel.REDUCING])
        self._loaded_at = now


def _at_fault(error: Exception) -> bool:
    """Whether the event itself is the reason, so that it would fail every time it comes."""
    return isinstance(error, _AT_FAULT) and not isinstance(error, AuthFailed)
