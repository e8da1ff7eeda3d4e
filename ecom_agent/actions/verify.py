"""Reading back: what the platform shows decides whether a change is verified or has drifted.

Taken is not applied, and no answer is not a no. A read that fails decides nothing. What a person changed at the
platform meanwhile is drift as well: the found value is reported and the SKU stops until somebody looked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final, NamedTuple, Protocol

from ecom_agent.actions import steps
from ecom_agent.actions.audit import AuditEvent
from ecom_agent.actions.business import former, wished
from ecom_agent.actions.halts import Halt, sku_scope
from ecom_agent.actions.ledger import Book, Ledger
from ecom_agent.actions.model import Action, Kind, Mode, State, Value, wire
from ecom_agent.actions.record import ActionRecord
from ecom_agent.actions.schedule import looks, next_look, stock_sold_units
from ecom_agent.clock import Clock
from ecom_agent.errors import EcomError, NotFound
from ecom_agent.ids import AccountId, ActionKey, MarketplaceId, Sku
from ecom_agent.money import Money
from ecom_agent.records.advertising import AdState, Target, TargetKind
from ecom_agent.records.business import BusinessPrices
from ecom_agent.records.messages import Message, Said, said
from ecom_agent.telemetry import MISMATCHES, log

_log = log(__name__)
_ACTOR: Final = "system:verify"
_PENDING: Final = (State.UNKNOWN, State.APPLIED)


class ReadsLive(Protocol):
    """What a read-back needs of a connector; none of it writes."""

    def live_price(self, sku: Sku, marketplace: MarketplaceId) -> Money | None: ...
    def live_stock(self, sku: Sku, marketplace: MarketplaceId, location: str) -> int | None: ...


def _price(reader: ReadsLive, action: Action) -> Value | None:
    return reader.live_price(action.target, action.marketplace)


def _stock(reader: ReadsLive, action: Action) -> Value | None:
    return reader.live_stock(action.target, action.marketplace, str(action.evidence.get("location", "")))


class ReadsStage(Protocol):
    """The same of our own desk."""

    def live_stage(self, strategy: str, place: str) -> int | None: ...


def _stage(desk: ReadsStage, action: Action) -> Value | None:
    return desk.live_stage(action.target, action.marketplace)


class ReadsSaid(Protocol):
    """The same of a conversation; fulfilled by what `ports.reads.ReadsConversation` asks for."""

    def said_since(self, conversation_id: str, since: datetime) -> Sequence[Message]: ...


def _said(reader: ReadsSaid, action: Action) -> Value | None:
    """Our text, if it stands in the conversation after the message that it answers; both by the platform's clock."""
    answers, since = str(action.evidence.get("answers")), datetime.fromisoformat(str(action.evidence.get("asked_at")))
    ours = (one for one in reader.said_since(action.target, since) if not one.from_buyer)
    found = (said(m.text, account=action.account, conversation_id=action.target, answers=answers) for m in ours)
    return next((one for one in found if _same_words(action, one, {})), None)


class ReadsBid(Protocol):
    """The same of an advertiser."""

    def live_bid(self, target: Target) -> Money | None: ...


def _bid(reader: ReadsBid, action: Action) -> Value | None:
    """By what the wish says of its target: where it is, and which list it stands in."""
    told = action.evidence
    group = told.get("ad_group")
    asked = Target(
        account=action.account,
        marketplace=action.marketplace,
        target_id=action.target,
        campaign_id=str(told.get("campaign")),
        ad_group_id=None if group is None else str(group),
        kind=_target_kind(told.get("target_kind")),
        text="",
        match=None,
        negative=False,
        bid=action.after if isinstance(action.after, Money) else None,
        state=AdState.ENABLED,
        state_raw="",
        updated_at=None,
        seen_at=action.slot,
    )
    return reader.live_bid(asked)


def _target_kind(told: object) -> TargetKind:
    return next((kind for kind in TargetKind if kind == told), TargetKind.UNMAPPED)


def _same_words(action: Action, found: Value, _policy: Mapping[str, Any]) -> bool:
    return isinstance(found, Said) and isinstance(action.after, Said) and found.digest == action.after.digest


def _same(action: Action, found: Value, _policy: Mapping[str, Any]) -> bool:
    return found == action.after


def _same_but_sold(action: Action, found: Value, policy: Mapping[str, Any]) -> bool:
    if not isinstance(found, int) or not isinstance(action.after, int):
        return False
    return 0 <= action.after - found <= stock_sold_units(policy)


class ReadsBusiness(Protocol):
    """The same of what companies pay."""

    def live_business(self, sku: Sku, marketplace: MarketplaceId) -> BusinessPrices | None: ...


class _Beside(NamedTuple):
    """What was sent together with the value: whether it is shown, whether what stood before is, and what is."""

    right: bool = True
    as_before: bool = True
    told: str = ""
    shown: BusinessPrices | None = None


def _beside(reader: Any, action: Action) -> _Beside:
    wanted = wished(action)
    if wanted is None:
        return _Beside()
    shown = reader.live_business(action.target, action.marketplace)
    told = f"; for companies wanted {wanted}, shown {'nothing that can be read' if shown is None else shown}"
    return _Beside(shown == wanted, shown is not None and shown == former(action), told, shown)


Reader = ReadsLive | ReadsStage | ReadsSaid | ReadsBid | ReadsBusiness
READS: Final[Mapping[Kind, Callable[[Any, Action], Value | None]]] = MappingProxyType(
    {
        Kind.PRICE_SET: _price,
        Kind.STOCK_SET: _stock,
        Kind.STRATEGY_STAGE: _stage,
        Kind.MESSAGE_SEND: _said,
        Kind.BID_SET: _bid,
    }
)
MATCHES: Final[Mapping[Kind, Callable[[Action, Value, Mapping[str, Any]], bool]]] = MappingProxyType(
    {
        Kind.PRICE_SET: _same,
        Kind.STOCK_SET: _same_but_sold,
        Kind.STRATEGY_STAGE: _same,
        Kind.MESSAGE_SEND: _same_words,
        Kind.BID_SET: _same,
    }
)


class Verifier:
    """Reads back applied and unknown Actions of its mode when they are due."""

    def __init__(self, ledger: Ledger, clock: Clock, mode: Mode, readers: Mapping[AccountId, Reader]) -> None:
        self._ledger, self._clock, self._mode, self._readers = ledger, clock, mode, dict(readers)

    def run_once(self, limit: int = 200) -> dict[str, int]:
        """Look at everything due; gives how many reached which state, and how many are still "pending"."""
        with self._ledger.unit() as book:
            due = book.actions.due(self._mode, self._clock.now(), limit)
        counts: Counter[str] = Counter()
        for record in due:
            after = self._look(record)
            counts["pending" if after.state in _PENDING else after.state] += 1
        return dict(counts)

    def check(self, key: ActionKey) -> ActionRecord:
        """Look at one Action now, due or not. Raises NotFound."""
        with self._ledger.unit() as book:
            record = book.actions.get(key)
        if record is None:
            raise NotFound(f"no Action {key[:12]}; `ecom actions` lists them")
        return self._look(record) if record.state in _PENDING else record

    def _look(self, record: ActionRecord) -> ActionRecord:
        action = record.action
        try:
            reader = self._readers[action.account]
            found, beside = READS[action.kind](reader, action), _beside(reader, action)
        except (EcomError, KeyError) as e:
            return self._postpone(record, f"{type(e).__name__}: {e}")
        now = self._clock.now()
        with self._ledger.unit() as book:
            fresh = book.actions.locked(record.key)
            if fresh is None or (fresh.state, fresh.verify_tries) != (record.state, record.verify_tries):
                return fresh or record
            policy = book.facts.policy()
            if found is not None:
                book.facts.learn(action, found, now)
                if beside.shown is not None:
                    book.facts.learn_business(action, beside.shown, now)
                if MATCHES[action.kind](action, found, policy) and beside.right:
                    return _verified(book, fresh, found, now)
            tries = fresh.verify_tries + 1
            again = next_look(policy, fresh.state, fresh.claimed_at or now, tries)
            if again is not None:
                return _later(book, fresh, verify_tries=tries, verify_due_at=max(again, now + timedelta(seconds=1)))
            return _mismatched(book, fresh, found, beside, now)

    def _postpone(self, record: ActionRecord, why: str) -> ActionRecord:
        """A read that failed tells nothing about the write: the same look is tried again."""
        _log.warning("could not read back", action=record.key, why=why)
        with self._ledger.unit() as book:
            fresh = book.actions.locked(record.key)
            if fresh is None or fresh.state is not record.state:
                return fresh or record
            wait = looks(book.facts.policy(), fresh.state)[0]
            return _later(book, fresh, verify_due_at=self._clock.now() + wait)


def _later(book: Book, record: ActionRecord, **changes: Any) -> ActionRecord:
    """Only a date moves; nothing happened to the Action, so no event."""
    later = replace(record, **changes)
    book.actions.save(later, record.state)
    return later


def _verified(book: Book, record: ActionRecord, found: Value, now: datetime) -> ActionRecord:
    if record.state is State.UNKNOWN:
        applied = record.to(State.APPLIED, "no answer came, but it was done", now)
        record = steps.taken(book, record, applied, _ACTOR, {"found": wire(found)})
    done = record.to(State.VERIFIED, f"read back: {found}", now, verify_due_at=None)
    return steps.taken(book, record, done, _ACTOR, {"found": wire(found)})


def _as_before(action: Action, found: Value | None) -> bool:
    """A value that is not shown tells nothing; a conversation that was read and has no such text tells that."""
    return action.kind is Kind.MESSAGE_SEND if found is None else found == action.before


def _mismatched(book: Book, record: ActionRecord, found: Value | None, beside: _Beside, now: datetime) -> ActionRecord:
    action = record.action
    shown = "nothing" if found is None else str(found)
    if record.state is State.UNKNOWN and _as_before(action, found) and beside.as_before:
        failed = record.to(State.FAILED, f"not done: still {shown}", now, verify_due_at=None, sent_at=None)
        return steps.taken(book, record, failed, _ACTOR, {"found": wire(found)})
    why = f"drifted: wanted {action.after}, the platform shows {shown}{beside.told}"
    failed = record.to(State.FAILED, why, now, verify_due_at=None)
    steps.taken(book, record, failed, _ACTOR, {"found": wire(found), "wanted": wire(action.after)})
    MISMATCHES.labels(action.kind, action.account).inc()
    _log.error("a change is not what was sent", action=record.key, account=action.account, why=why)
    halt = book.halts.open(Halt(sku_scope(action), why, _ACTOR, now))
    book.audit.append(AuditEvent(now, record.key, "halted", _ACTOR, {"scope": halt.scope, "reason": halt.reason}))
    return failed
