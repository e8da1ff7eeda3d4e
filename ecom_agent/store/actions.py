"""Actions and where each is in its life."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, Session, SQLModel, col, insert, select, update

from ecom_agent.actions.model import OPEN, Action, Answer, Kind, Mode, State, Verdict, unwire, wire
from ecom_agent.actions.record import ActionRecord
from ecom_agent.actions.undo import undoable
from ecom_agent.connector import Receipt
from ecom_agent.errors import BadInput, IllegalTransition, NotFound
from ecom_agent.ids import AccountId, ActionKey, MarketplaceId, Sku
from ecom_agent.money import Money
from ecom_agent.records.views import ActionView
from ecom_agent.store.columns import WHEN

_JSON: Final[Any] = JSONB(none_as_null=True)


class ActionRow(SQLModel, table=True):
    __tablename__ = "action"
    key: str = Field(primary_key=True)
    kind: str
    account: str
    marketplace: str
    target: str
    before: Any = Field(sa_type=_JSON, nullable=True)
    after: Any = Field(sa_type=_JSON)
    reason: str
    proposed_by: str
    slot: datetime = Field(sa_type=WHEN)
    mode: str
    policy_version: int
    evidence: dict[str, Any] = Field(sa_type=_JSON)
    undoes: str | None
    state: str
    why: str
    verdicts: list[Any] = Field(sa_type=_JSON)
    held_by: str | None
    approved_by: list[str] = Field(sa_type=_JSON)
    approve_until: datetime | None = Field(sa_type=WHEN)
    receipt: Any = Field(sa_type=_JSON, nullable=True)
    sent_at: datetime | None = Field(sa_type=WHEN)
    verify_due_at: datetime | None = Field(sa_type=WHEN)
    verify_tries: int
    claimed_by: str | None
    claimed_at: datetime | None = Field(sa_type=WHEN)
    created_at: datetime = Field(sa_type=WHEN)
    updated_at: datetime = Field(sa_type=WHEN)


_TABLE: Final = ActionRow.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it
_ORDER: Final = (_TABLE.c.created_at, _TABLE.c.key)


class ActionStore:
    """Never commits: the caller's unit of work does, once."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def lock(self, action: Action) -> None:
        """Let nobody else propose for the same mode, kind, place and target until this unit of work ends."""
        place = "\n".join((action.mode, action.kind, action.account, action.marketplace, action.target))
        self._session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:place, 2))"), {"place": place})

    def get(self, key: ActionKey) -> ActionRecord | None:
        return self._first(select(_TABLE).where(_TABLE.c.key == key))

    def locked(self, key: ActionKey) -> ActionRecord | None:
        """Nobody else can move it until this unit of work ends."""
        return self._first(select(_TABLE).where(_TABLE.c.key == key).with_for_update())

    def open_for(self, action: Action) -> Sequence[ActionRecord]:
        """Locked: what is not at its end for the same mode, kind, place and target, oldest first."""
        return self._all(
            select(_TABLE)
            .where(
                _TABLE.c.mode == action.mode.value,
                _TABLE.c.kind == action.kind.value,
                _TABLE.c.account == action.account,
                _TABLE.c.marketplace == action.marketplace,
                _TABLE.c.target == action.target,
                _TABLE.c.state.in_([s.value for s in OPEN]),
            )
            .order_by(*_ORDER)
            .with_for_update()
        )

    def insert(self, record: ActionRecord) -> None:
        self._session.execute(insert(ActionRow), [{**_wish(record.action), **_life(record)}])

    def save(self, record: ActionRecord, was: State) -> None:
        """Raises IllegalTransition when it is not `was` any more: somebody else was faster."""
        done = self._session.execute(
            update(ActionRow)
            .where(col(ActionRow.key) == record.key, col(ActionRow.state) == was.value)
            .values(_life(record))
            .execution_options(synchronize_session=False)
        )
        if done.rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE's result has it
            raise IllegalTransition(f"Action {record.key[:12]} is not {was} any more")

    def take(self, mode: Mode, without: Collection[AccountId] = ()) -> ActionRecord | None:
        """Locked: the approved Action waiting longest that nobody else has in hand."""
        waiting = (_TABLE.c.state == State.APPROVED.value, _TABLE.c.mode == mode.value)
        found = select(_TABLE).where(*waiting, _TABLE.c.account.not_in(tuple(without))).order_by(*_ORDER).limit(1)
        return self._first(found.with_for_update(skip_locked=True))

    def in_flight(self, mode: Mode) -> Sequence[ActionRecord]:
        """Those that are executing, oldest first."""
        going = (_TABLE.c.state == State.EXECUTING.value, _TABLE.c.mode == mode.value)
        return self._all(select(_TABLE).where(*going).order_by(*_ORDER))

    def due(self, mode: Mode, now: datetime, limit: int) -> Sequence[ActionRecord]:
        """Unknown and applied ones to be read back by now, the longest due first."""
        pending = _TABLE.c.state.in_((State.UNKNOWN.value, State.APPLIED.value))
        found = select(_TABLE).where(pending, _TABLE.c.mode == mode.value, _TABLE.c.verify_due_at <= now)
        return self._all(found.order_by(_TABLE.c.verify_due_at, _TABLE.c.key).limit(limit))

    def overdue(self, mode: Mode, now: datetime, limit: int) -> Sequence[ActionKey]:
        """Held and approved ones that waited too long."""
        waiting = _TABLE.c.state.in_((State.HELD.value, State.APPROVED.value))
        found = select(_TABLE.c.key).where(waiting, _TABLE.c.mode == mode.value, _TABLE.c.approve_until <= now)
        return [ActionKey(key) for key in self._session.execute(found.order_by(*_ORDER).limit(limit)).scalars()]

    def find(self, prefix: str) -> ActionKey:
        """The one key that starts so. Raises NotFound for none, BadInput for several or for no hex digits."""
        if not prefix or any(c not in "0123456789abcdef" for c in prefix.lower()):
            raise BadInput("the first digits of an Action's key", repr(prefix), "`ecom actions` lists them")
        starts = _TABLE.c.key.like(f"{prefix.lower()}%")
        keys = self._session.execute(select(_TABLE.c.key).where(starts).limit(2)).scalars().all()
        if not keys:
            raise NotFound(f"no Action {prefix}; `ecom actions` lists them")
        if len(keys) > 1:
            raise BadInput("one Action", f"several that start with {prefix}", "give more digits")
        return ActionKey(keys[0])

    def views(self, *, state: str | None = None, sku: str | None = None, limit: int = 200) -> Sequence[ActionView]:
        """For lists, the last changed first."""
        found = select(_TABLE).order_by(_TABLE.c.updated_at.desc(), _TABLE.c.key).limit(limit)
        if state is not None:
            found = found.where(_TABLE.c.state == state)
        if sku is not None:
            found = found.where(_TABLE.c.target == sku)
        return [view(record) for record in self._all(found)]

    def counts(self, mode: Mode, since: datetime) -> dict[State, int]:
        """How many Actions are in which state, of those proposed since then."""
        mine = (_TABLE.c.mode == mode.value, _TABLE.c.created_at >= since)
        found = select(_TABLE.c.state, func.count()).where(*mine).group_by(_TABLE.c.state)
        return {State(state): n for state, n in self._session.execute(found)}

    def _first(self, found: Select[Any]) -> ActionRecord | None:
        row = self._session.execute(found).first()
        return None if row is None else _record(row)

    def _all(self, found: Select[Any]) -> list[ActionRecord]:
        return [_record(row) for row in self._session.execute(found)]


def view(record: ActionRecord) -> ActionView:
    """One Action for lists, values as text for people."""
    action = record.action
    return ActionView(
        key=record.key,
        kind=action.kind.value,
        account=action.account,
        marketplace=action.marketplace,
        target=action.target,
        before=None if action.before is None else _shown(action.before),
        after=_shown(action.after),
        reason=action.reason,
        proposed_by=action.proposed_by,
        state=record.state.value,
        mode=action.mode.value,
        slot=action.slot,
        updated_at=record.updated_at,
        held_by=record.held_by,
        verdicts=tuple((v.guard, v.answer.name.lower(), v.reason) for v in record.verdicts),
        undoable=undoable(record),
    )


def _shown(value: Money | int) -> str:
    return str(value) if isinstance(value, Money) else f"{value} units"


def _wish(action: Action) -> dict[str, Any]:
    return {
        "key": action.key,
        "kind": action.kind.value,
        "account": action.account,
        "marketplace": action.marketplace,
        "target": action.target,
        "before": wire(action.before),
        "after": wire(action.after),
        "reason": action.reason,
        "proposed_by": action.proposed_by,
        "slot": action.slot,
        "mode": action.mode.value,
        "policy_version": action.policy_version,
        "evidence": dict(action.evidence),
        "undoes": action.undoes,
    }


def _life(record: ActionRecord) -> dict[str, Any]:
    receipt = record.receipt
    return {
        "state": record.state.value,
        "why": record.why,
        "verdicts": [[v.guard, int(v.answer), v.reason] for v in record.verdicts],
        "held_by": record.held_by,
        "approved_by": list(record.signed_by),
        "approve_until": record.approve_until,
        "receipt": receipt and {"ref": receipt.external_ref, "details": dict(receipt.details)},
        "sent_at": record.sent_at,
        "verify_due_at": record.verify_due_at,
        "verify_tries": record.verify_tries,
        "claimed_by": record.claimed_by,
        "claimed_at": record.claimed_at,
        "created_at": record.created_at,
        "updated_at": record.updated_at,
    }


def _record(row: Any) -> ActionRecord:
    action = Action(
        kind=Kind(row.kind),
        account=AccountId(row.account),
        marketplace=MarketplaceId(row.marketplace),
        target=Sku(row.target),
        before=unwire(row.before),
        after=unwire(row.after),
        reason=row.reason,
        proposed_by=row.proposed_by,
        slot=row.slot,
        mode=Mode(row.mode),
        policy_version=row.policy_version,
        evidence=row.evidence,
        undoes=None if row.undoes is None else ActionKey(row.undoes),
    )
    return ActionRecord(
        action=action,
        state=State(row.state),
        why=row.why,
        created_at=row.created_at,
        updated_at=row.updated_at,
        verdicts=tuple(Verdict(guard, Answer(answer), reason) for guard, answer, reason in row.verdicts),
        signed_by=tuple(row.approved_by),
        approve_until=row.approve_until,
        claimed_by=row.claimed_by,
        claimed_at=row.claimed_at,
        sent_at=row.sent_at,
        receipt=row.receipt and Receipt(row.receipt["ref"], row.receipt["details"]),
        verify_due_at=row.verify_due_at,
        verify_tries=row.verify_tries,
    )
