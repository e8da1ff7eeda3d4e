"""The engine of one account, kept up to the store's facts, to halts, and to prices that anybody sent there."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from ecom_agent.actions.halts import Halt, HaltLevel
from ecom_agent.actions.model import Mode, State
from ecom_agent.actions.record import ActionRecord
from ecom_agent.clock import Clock
from ecom_agent.ids import AccountId, MarketplaceId
from ecom_agent.ingest.story import Ours, PageKey, by_page
from ecom_agent.money import Money
from ecom_agent.store.db import Database, Unit
from ecom_agent.store.facts import FactStore
from ecom_agent.store.halts import HaltStore
from ecom_agent.store.kept_events import Recorded
from ecom_agent.store.sent import sent_prices
from pricing.repricing.inputs import RepricePolicy
from pricing.repricing.lane import Lane

# Limits, halts and fees as the engine knows them are at most this old; the gate asks for the newest before sending.
REFRESH: Final = timedelta(seconds=30)
# Writes are asked for once more than needed: another process may commit one a moment after it was dated.
OVERLAP: Final = timedelta(minutes=2)
Policy = Callable[[Unit], tuple[int, Mapping[str, Any]]]
"""The repricing policy in force and its version."""


@dataclass
class EngineRoom:
    """`turn` is held by whoever speaks with the engine; nothing that waits for another thread happens meanwhile."""

    account: AccountId
    seller_id: str
    marketplaces: tuple[MarketplaceId, ...]
    database: Database
    clock: Clock
    mode: Mode
    policy: Policy
    turn: threading.RLock = field(default_factory=threading.RLock, init=False, repr=False)
    ours: Mapping[PageKey, Sequence[Ours]] = field(default_factory=dict, init=False, repr=False)
    """Our listings by the page they are on."""
    _lane: Lane | None = field(default=None, init=False)
    _loaded_at: datetime | None = field(default=None, init=False)
    _told_until: datetime | None = field(default=None, init=False)
    _facts_as_of: Any = field(default=None, init=False, repr=False)

    @property
    def lane(self) -> Lane:
        """The engine with what it knows; loaded when first asked for."""
        if self._lane is None:
            self.refresh()
        assert self._lane is not None
        return self._lane

    def refresh(self) -> None:
        """Bring the engine up to the store's facts, unless it was a moment ago or nothing has changed."""
        now = self.clock.now()
        if self._loaded_at is not None and now - self._loaded_at < REFRESH:
            return
        with self.turn, self.database.unit() as unit:
            version, body = self.policy(unit)
            facts = FactStore(unit.session)
            as_of = (version, body, facts.as_of(self.account, now))
            if self._lane is None or as_of != self._facts_as_of:
                self._load(facts, version, RepricePolicy.read(body), now)
            self._set_halts(HaltStore(unit.session).active())
        self._loaded_at, self._facts_as_of = now, as_of

    def learn_writes(self, without: str | None = None) -> None:
        """Whoever sent a price (another process, or this one), the engine decides the next step from it.

        `without` leaves out what this process sent itself under that name: `sent` was told of it.
        """
        lane, now = self.lane, self.clock.now()
        since = lane.sent_matter_since(now) if self._told_until is None else self._told_until
        with self.database.unit() as unit:
            sent = sent_prices(unit.session, self.account, self.mode, since, without)
        with self.turn:
            for was in sent:
                lane.applied(was.marketplace, was.sku, was.price, was.at, was.before)
        self._told_until = now - OVERLAP

    def sent(self, records: Sequence[ActionRecord]) -> None:
        """These were sent by this process a moment ago."""
        lane = self.lane
        for record in records:
            action = record.action
            taken = record.state in (State.APPLIED, State.VERIFIED) and record.sent_at is not None
            if taken and isinstance(action.after, Money) and record.sent_at is not None:
                before = action.before if isinstance(action.before, Money) else None
                with self.turn:
                    lane.applied(action.marketplace, action.target, action.after, record.sent_at, before)

    def recorded(self, at: datetime) -> Recorded:
        """What the engine was asked and answered; after the commit it is to be told by `journal_kept`.

        Packed once the engine is free again.
        """
        with self.turn:
            taken = self.lane.engine.take(at)
        return Recorded.of(taken, self.lane.policy.keep_days)

    def journal_kept(self, recorded: Recorded) -> None:
        with self.turn:
            self.lane.engine.kept(recorded.chunks)

    def _load(self, facts: FactStore, version: int, policy: RepricePolicy, now: datetime) -> None:
        begins = self._lane is None
        if self._lane is None:
            self._lane = Lane(self.account, self.seller_id, self.mode, policy, version)
        self._lane.policy, self._lane.policy_version = policy, version
        self._lane.load(facts, self.marketplaces, now)
        if begins:
            self._lane.recall(facts, now)
        self.ours = by_page([x for place in self.marketplaces for x in facts.listings(self.account, place)])

    def _set_halts(self, active: Sequence[Halt]) -> None:
        scopes: dict[HaltLevel, list[str]] = {HaltLevel.HALTED: [], HaltLevel.REDUCING: []}
        for halt in active:
            scopes[halt.level].append(halt.scope)
        self.lane.set_halts(scopes[HaltLevel.HALTED], scopes[HaltLevel.REDUCING])
