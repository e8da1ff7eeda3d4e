"""The ledger in memory, under the same contract tests as the one over PostgreSQL: for tests and experiments."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from ecom_agent.actions import autonomy
from ecom_agent.actions.audit import AuditEvent, seal
from ecom_agent.actions.counts import Counts
from ecom_agent.actions.facts import GuardFacts
from ecom_agent.actions.gate import PolicyGap
from ecom_agent.actions.halts import Halt, checked, may_lift, scopes_of
from ecom_agent.actions.ledger import Standing, Subject, subject_of
from ecom_agent.actions.model import OPEN, Action, Kind, Mode, State, Value
from ecom_agent.actions.record import ActionRecord
from ecom_agent.economics.sheets import sheets
from ecom_agent.errors import IllegalTransition
from ecom_agent.ids import AccountId, ActionKey
from ecom_agent.money import Money
from ecom_agent.records.advertising import Target
from ecom_agent.records.business import BusinessPrices
from ecom_agent.records.catalog import ListingStatus
from ecom_agent.records.messages import Said
from ecom_agent.records.stock import StockLevel
from ecom_agent.store.memory_breakers import MemoryBreakers
from ecom_agent.store.memory_tables import Place, Tables

_UNDER_WAY = frozenset({State.APPROVED, State.EXECUTING, State.UNKNOWN, State.APPLIED})


class MemoryActions:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def get(self, key: ActionKey) -> ActionRecord | None:
        return self._tables.actions.get(key)

    locked = get

    def standing(
        self, keys: Collection[ActionKey], subjects: Collection[Subject], meanwhile: Callable[[], None] = lambda: None
    ) -> Standing:
        """Only one unit of work runs at a time here."""
        meanwhile()
        return Standing(self.locked_all(keys), self.open_for(subjects))

    def locked_all(self, keys: Collection[ActionKey]) -> Mapping[ActionKey, ActionRecord]:
        return {key: self._tables.actions[key] for key in keys if key in self._tables.actions}

    def open_for(self, subjects: Collection[Subject]) -> Mapping[Subject, Sequence[ActionRecord]]:
        found: dict[Subject, list[ActionRecord]] = {subject: [] for subject in subjects}
        for record in self._in(*OPEN):
            if (place := subject_of(record.action)) in found:
                found[place].append(record)
        return found

    def insert(self, record: ActionRecord) -> None:
        if record.key in self._tables.actions:
            raise ValueError(f"Action {record.key[:12]} is there already")
        self._one_under_way(record)
        self._tables.actions[record.key] = record

    def save(self, record: ActionRecord, was: State) -> None:
        if self._tables.actions[record.key].state is not was:
            raise IllegalTransition(f"Action {record.key[:12]} is not {was} any more")
        self._one_under_way(record)
        self._tables.actions[record.key] = record

    def save_all(self, steps: Sequence[tuple[ActionRecord, State]]) -> None:
        for record, was in steps:
            self.save(record, was)

    def waiting(self, mode: Mode) -> Sequence[AccountId]:
        return sorted({r.action.account for r in self._in(State.APPROVED) if r.action.mode is mode})

    def take(self, mode: Mode, account: AccountId, limit: int) -> Sequence[ActionRecord]:
        waiting = [r for r in self._in(State.APPROVED) if (r.action.mode, r.action.account) == (mode, account)]
        return sorted(waiting, key=lambda r: -r.worth)[:limit]

    def later(self, mode: Mode, now: datetime, limit: int) -> Sequence[ActionRecord]:
        held = [r for r in self._in(State.HELD) if r.action.mode is mode]
        due = [r for r in held if r.judge_again_at is not None and r.judge_again_at <= now]
        return sorted(due, key=lambda r: -r.worth)[:limit]

    def in_flight(self, mode: Mode) -> Sequence[ActionRecord]:
        return [r for r in self._in(State.EXECUTING) if r.action.mode is mode]

    def due(self, mode: Mode, now: datetime, limit: int) -> Sequence[ActionRecord]:
        pending = [r for r in self._in(State.UNKNOWN, State.APPLIED) if r.action.mode is mode]
        due = [(r.verify_due_at, r.key, r) for r in pending if r.verify_due_at and r.verify_due_at <= now]
        return [record for _, _, record in sorted(due, key=lambda d: d[:2])][:limit]

    def overdue(self, mode: Mode, now: datetime, limit: int) -> Sequence[ActionKey]:
        waiting = [r for r in self._in(State.HELD, State.APPROVED) if r.action.mode is mode]
        return [r.key for r in waiting if r.approve_until and r.approve_until <= now][:limit]

    def count_waiting(self, mode: Mode, account: AccountId, kind: Kind) -> int:
        return len(self.take_least(mode, account, kind, len(self._tables.actions)))

    def take_least(self, mode: Mode, account: AccountId, kind: Kind, limit: int) -> Sequence[ActionRecord]:
        taken = self.take(mode, account, len(self._tables.actions))
        return [record for record in reversed(taken) if record.action.kind is kind][:limit]

    def _in(self, *states: State) -> list[ActionRecord]:
        found = (r for r in self._tables.actions.values() if r.state in states)
        return sorted(found, key=lambda r: (r.created_at, r.key))

    def _one_under_way(self, record: ActionRecord) -> None:
        others = (r for r in self._in(*_UNDER_WAY) if _target(r.action) == _target(record.action))
        if record.state in _UNDER_WAY and any(r.key != record.key for r in others):
            raise ValueError(f"another Action is under way for {record.action.target}")


class MemoryAudit:
    def __init__(self, tables: Tables) -> None:
        self._chain = tables.chain

    def append(self, event: AuditEvent) -> None:
        self._chain.append(seal(event, self._chain[-1] if self._chain else None))


class MemoryHalts:
    def __init__(self, tables: Tables) -> None:
        self._halts, self._lifted = tables.halts, tables.lifted

    def open(self, halt: Halt) -> Halt:
        stands = self._halts.get(checked(halt.scope))
        if stands is None or halt.level.tighter_than(stands.level):
            self._halts[halt.scope] = halt
        return self._halts[halt.scope]

    def lift(self, scope: str, by: str, at: datetime) -> Halt | None:
        may_lift(by)
        found = self._halts.pop(checked(scope), None)
        if found is not None:
            self._lifted[scope] = at
        return found

    def active(self) -> Sequence[Halt]:
        return sorted(self._halts.values(), key=lambda h: h.since)


class MemoryFacts:
    def __init__(
        self, tables: Tables, quoting: Collection[AccountId] | None, platforms: Mapping[AccountId, str]
    ) -> None:
        self._tables, self._quoting, self._platforms = tables, quoting, platforms
        self._breakers = MemoryBreakers(tables)

    def foresee(self, actions: Sequence[Action], now: datetime, mode: Mode) -> None:
        """Everything is at hand."""

    def of(self, actions: Sequence[Action], now: datetime, mode: Mode) -> Sequence[GuardFacts]:
        return [self._of(action, now, mode) for action in actions]

    def _of(self, action: Action, now: datetime, mode: Mode) -> GuardFacts:
        tables, place = self._tables, _place(action)
        level = tables.levels.get((place, str(action.evidence.get("location") or "")))
        current, current_at = self._current(action, level)
        today = [r for r in self._sent(action, now - timedelta(days=1)) if r.key != action.key]
        auto = tables.policies.get("autonomy", {})
        return GuardFacts(
            now=now,
            mode=mode,
            policy=self.policy(),
            policy_version=1 if self.policy() else 0,
            autonomy=autonomy.level_of(auto, action.proposed_by, action.account, action.marketplace),
            autonomy_policy=auto,
            listing=tables.listings.get(place),
            level=level,
            limits=tables.limits.get(place),
            fees=tables.fees.get(place),
            fees_expected=self._quoting is None or action.account in self._quoting,
            sheets=sheets(tables.policies.get("fx", {}), tables.policies.get("fees", {}), self.policy()),
            current=current,
            current_at=current_at,
            day_start=_former(today[0].action) if today else current,
            changes_today=len(today),
            last_change_at=today[-1].sent_at if today else None,
            moved_minute=self._moved(action, now - timedelta(minutes=1)),
            moved_hour=self._moved(action, now - timedelta(hours=1)),
            catalogue=sum(p[:2] == place[:2] and x.status is ListingStatus.ACTIVE for p, x in tables.listings.items()),
            halts=tuple(tables.halts[scope] for scope in scopes_of(action) if scope in tables.halts),
            paused=tables.paused.get(action.account),
            breakers=self._breakers.policy(),
            counts=self._counts(action, now, mode),
            sending=tables.policies.get("sending", {}),
            platform=self._platforms.get(action.account),
            reply=tables.replies.get((action.account, action.target, action.after.digest))
            if isinstance(action.after, Said)
            else None,
            newest_message=next(reversed(tables.messages.get((action.account, action.target), ())), None),
            pool=tables.pools.get(place) if action.kind is Kind.STOCK_SET else None,
            ad_target=self._ad_target(action),
            writes_today=self._written(action, now.replace(hour=0, minute=0, second=0, microsecond=0)),
        )

    def policy(self) -> Mapping[str, Any]:
        return self._tables.policies.get("guards", {})

    def _counts(self, action: Action, now: datetime, mode: Mode) -> Counts | None:
        try:
            return self._breakers.recount(action.account, mode, now)
        except PolicyGap:
            return None

    def learn(self, action: Action, found: Value, at: datetime) -> None:
        target = self._ad_target(action)
        if target is not None:
            if isinstance(found, Money) and target.seen_at <= at:
                self._tables.ad_targets[action.account, action.target] = replace(target, bid=found, seen_at=at)
            return
        place, location = _place(action), str(action.evidence.get("location") or "")
        listing, level = self._tables.listings.get(place), self._tables.levels.get((place, location))
        if isinstance(found, Money) and listing is not None and listing.seen_at <= at:
            self._tables.listings[place] = replace(listing, price=found, seen_at=at)
        if isinstance(found, int) and level is not None and level.seen_at <= at:
            self._tables.levels[place, location] = replace(level, fulfillable=found, seen_at=at)

    def learn_business(self, action: Action, shown: BusinessPrices, at: datetime) -> None:
        listing = self._tables.listings.get(_place(action))
        if listing is not None and listing.seen_at <= at:
            self._tables.listings[_place(action)] = replace(listing, business=shown, seen_at=at)

    def _current(self, action: Action, level: StockLevel | None) -> tuple[Value | None, datetime | None]:
        if action.kind is Kind.STRATEGY_STAGE:
            return self._tables.stages.get(_place(action)), None
        if action.kind is Kind.MESSAGE_SEND:
            return None, None
        listing = self._tables.listings.get(_place(action))
        value: Value | None
        if action.kind is Kind.PRICE_SET:
            value, at = (listing.price, listing.seen_at) if listing else (None, None)
        elif action.kind is Kind.BID_SET:
            target = self._ad_target(action)
            value, at = (target.bid, target.seen_at) if target else (None, None)
        else:
            value, at = (level.fulfillable, level.seen_at) if level else (None, None)
        own = [r for r in self._sent(action, None) if r.state in (State.APPLIED, State.VERIFIED)]
        if own and own[-1].sent_at is not None and (at is None or own[-1].sent_at >= at):
            return own[-1].action.after, own[-1].sent_at
        return value, at

    def _ad_target(self, action: Action) -> Target | None:
        return self._tables.ad_targets.get((action.account, action.target)) if action.kind is Kind.BID_SET else None

    def _sent(self, action: Action, since: datetime | None) -> list[ActionRecord]:
        """Sent for the same target after `since`, oldest first."""
        same = (r for r in self._tables.actions.values() if _target(r.action) == _target(action))
        sent = [(r.sent_at, r) for r in same if r.sent_at is not None and (since is None or r.sent_at > since)]
        return [record for _, record in sorted(sent, key=lambda pair: pair[0])]

    def _written(self, action: Action, since: datetime) -> int:
        """Writes of any kind to the same listing."""
        same = (r for r in self._tables.actions.values() if _place(r.action) == _place(action))
        return sum(r.action.mode is action.mode and r.sent_at is not None and r.sent_at >= since for r in same)

    def _moved(self, action: Action, since: datetime) -> int:
        """Other targets of the same place and kind, sent since then or approved."""
        return len(
            {
                r.action.target
                for r in self._tables.actions.values()
                if _target(r.action)[:4] == _target(action)[:4]
                and r.action.target != action.target
                and (r.state is State.APPROVED or (r.sent_at is not None and r.sent_at > since))
            }
        )


class MemoryBook:
    def __init__(
        self, tables: Tables, quoting: Collection[AccountId] | None, platforms: Mapping[AccountId, str]
    ) -> None:
        self.actions, self.audit, self.halts = MemoryActions(tables), MemoryAudit(tables), MemoryHalts(tables)
        self.facts, self.breakers = MemoryFacts(tables, quoting, platforms), MemoryBreakers(tables)


class MemoryLedger:
    """`tables` is what was committed; a unit of work that raises leaves it as it was."""

    def __init__(
        self,
        tables: Tables | None = None,
        quoting: Collection[AccountId] | None = None,
        platforms: Mapping[AccountId, str] | None = None,
    ) -> None:
        self.tables, self._quoting, self._platforms = tables or Tables(), quoting, platforms or {}

    @contextmanager
    def unit(self, *, lasting: bool = True) -> Iterator[MemoryBook]:
        """All of the block is kept, or nothing if it raises."""
        tables = self.tables.copy()
        yield MemoryBook(tables, self._quoting, self._platforms)
        self.tables = tables


def _place(action: Action) -> Place:
    return action.account, action.marketplace, action.target


def _target(action: Action) -> tuple[str, ...]:
    return action.mode, action.kind, action.account, action.marketplace, action.target


def _former(action: Action) -> Value:
    return action.after if action.before is None else action.before
