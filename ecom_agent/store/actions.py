"""Actions and where each is in its life."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

import orjson
import psycopg
from psycopg.rows import namedtuple_row
from psycopg.types.json import Jsonb
from sqlmodel import Field, Session, SQLModel

from ecom_agent.actions.model import OPEN, Action, Answer, Kind, Mode, State, Verdict, unwire, wire
from ecom_agent.actions.record import ActionRecord
from ecom_agent.actions.undo import undoable
from ecom_agent.connector import Receipt
from ecom_agent.errors import BadInput, IllegalTransition, NotFound
from ecom_agent.ids import AccountId, ActionKey, MarketplaceId, Sku
from ecom_agent.money import Money
from ecom_agent.records.views import ActionView
from ecom_agent.store.bulk import driver
from ecom_agent.store.columns import JSON, WHEN


class ActionRow(SQLModel, table=True):
    __tablename__ = "action"
    key: str = Field(primary_key=True)
    kind: str
    account: str
    marketplace: str
    target: str
    before: Any = Field(sa_type=JSON, nullable=True)
    after: Any = Field(sa_type=JSON)
    reason: str
    proposed_by: str
    slot: datetime = Field(sa_type=WHEN)
    mode: str
    policy_version: int
    evidence: dict[str, Any] = Field(sa_type=JSON)
    undoes: str | None
    state: str
    why: str
    verdicts: list[Any] = Field(sa_type=JSON)
    held_by: str | None
    approved_by: list[str] = Field(sa_type=JSON)
    approve_until: datetime | None = Field(sa_type=WHEN)
    receipt: Any = Field(sa_type=JSON, nullable=True)
    sent_at: datetime | None = Field(sa_type=WHEN)
    verify_due_at: datetime | None = Field(sa_type=WHEN)
    verify_tries: int
    claimed_by: str | None
    claimed_at: datetime | None = Field(sa_type=WHEN)
    created_at: datetime = Field(sa_type=WHEN)
    updated_at: datetime = Field(sa_type=WHEN)


_COLUMNS: Final = tuple(ActionRow.model_fields)
_LIFE: Final = _COLUMNS[_COLUMNS.index("state") :]
_FROM: Final = f"SELECT {', '.join(_COLUMNS)} FROM action"
_INSERT: Final = f"INSERT INTO action ({', '.join(_COLUMNS)}) VALUES ({', '.join(f'%({c})s' for c in _COLUMNS)})"
_SAVE: Final = f"UPDATE action SET {', '.join(f'{c} = %({c})s' for c in _LIFE)} WHERE key = %(key)s AND state = %(was)s"
_OPEN: Final = f"""{_FROM} WHERE mode = %s AND kind = %s AND account = %s AND marketplace = %s AND target = %s
AND state IN ({", ".join(f"'{s.value}'" for s in sorted(OPEN))}) ORDER BY created_at, key FOR UPDATE"""
_TAKE: Final = f"""{_FROM} WHERE state = 'approved' AND mode = %s AND account <> ALL(%s)
ORDER BY created_at, key LIMIT 1 FOR UPDATE SKIP LOCKED"""
_DUE: Final = f"""{_FROM} WHERE state IN ('unknown', 'applied') AND mode = %s AND verify_due_at <= %s
ORDER BY verify_due_at, key LIMIT %s"""
_OVERDUE: Final = """SELECT key FROM action WHERE state IN ('held', 'approved') AND mode = %s AND approve_until <= %s
ORDER BY created_at, key LIMIT %s"""
_VIEWS: Final = f"""{_FROM} WHERE (%(state)s::text IS NULL OR state = %(state)s)
AND (%(sku)s::text IS NULL OR target = %(sku)s) ORDER BY updated_at DESC, key LIMIT %(limit)s"""


class ActionStore:
    """Never commits: the caller's unit of work does, once.

    Written in SQL on the driver's own connection: each Action passes here some ten times, and the ORM would
    triple the time of its life.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    def lock(self, action: Action) -> None:
        """Let nobody else propose for the same mode, kind, place and target until this unit of work ends."""
        place = "\n".join(_place(action))
        self._run("SELECT pg_advisory_xact_lock(hashtextextended(%s, 2))", (place,))

    def get(self, key: ActionKey) -> ActionRecord | None:
        return next(iter(self._records(f"{_FROM} WHERE key = %s", (key,))), None)

    def locked(self, key: ActionKey) -> ActionRecord | None:
        """Nobody else can move it until this unit of work ends."""
        return next(iter(self._records(f"{_FROM} WHERE key = %s FOR UPDATE", (key,))), None)

    def open_for(self, action: Action) -> Sequence[ActionRecord]:
        """Locked: what is not at its end for the same mode, kind, place and target, oldest first."""
        return self._records(_OPEN, _place(action))

    def insert(self, record: ActionRecord) -> None:
        self._run(_INSERT, {**_wish(record.action), **_life(record)})

    def save(self, record: ActionRecord, was: State) -> None:
        """Raises IllegalTransition when it is not `was` any more: somebody else was faster."""
        if self._run(_SAVE, {**_life(record), "key": record.key, "was": was.value}).rowcount != 1:
            raise IllegalTransition(f"Action {record.key[:12]} is not {was} any more")

    def take(self, mode: Mode, without: Collection[AccountId] = ()) -> ActionRecord | None:
        """Locked: the approved Action waiting longest that nobody else has in hand."""
        return next(iter(self._records(_TAKE, (mode.value, list(without)))), None)

    def in_flight(self, mode: Mode) -> Sequence[ActionRecord]:
        """Those that are executing, oldest first."""
        going = f"{_FROM} WHERE state = 'executing' AND mode = %s ORDER BY created_at, key"
        return self._records(going, (mode.value,))

    def due(self, mode: Mode, now: datetime, limit: int) -> Sequence[ActionRecord]:
        """Unknown and applied ones to be read back by now, the longest due first."""
        return self._records(_DUE, (mode.value, now, limit))

    def overdue(self, mode: Mode, now: datetime, limit: int) -> Sequence[ActionKey]:
        """Held and approved ones that waited too long."""
        return [ActionKey(row.key) for row in self._run(_OVERDUE, (mode.value, now, limit))]

    def find(self, prefix: str) -> ActionKey:
        """The one key that starts so. Raises NotFound for none, BadInput for several or for no hex digits."""
        start = prefix.strip().lower()
        if not start or any(c not in "0123456789abcdef" for c in start):
            raise BadInput("the first digits of an Action's key", repr(prefix), "`ecom actions` lists them")
        rows = self._run("SELECT key FROM action WHERE starts_with(key, %s) LIMIT 2", (start,)).fetchall()
        if not rows:
            raise NotFound(f"no Action {prefix}; `ecom actions` lists them")
        if len(rows) > 1:
            raise BadInput("one Action", f"several that start with {prefix}", "give more digits")
        return ActionKey(rows[0].key)

    def views(self, *, state: str | None = None, sku: str | None = None, limit: int = 200) -> Sequence[ActionView]:
        """For lists, the last changed first."""
        return [view(record) for record in self._records(_VIEWS, {"state": state, "sku": sku, "limit": limit})]

    def counts(self, mode: Mode, since: datetime) -> dict[State, int]:
        """How many Actions are in which state, of those proposed since then."""
        counted = "SELECT state, count(*) AS n FROM action WHERE mode = %s AND created_at >= %s GROUP BY state"
        return {State(row.state): row.n for row in self._run(counted, (mode.value, since))}

    def _records(self, sql: str, asked: Any) -> list[ActionRecord]:
        return [_record(row) for row in self._run(sql, asked)]

    def _run(self, sql: str, asked: Any) -> psycopg.Cursor[Any]:
        return driver(self._session).cursor(row_factory=namedtuple_row).execute(sql.encode(), asked)


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


def _place(action: Action) -> tuple[str, ...]:
    return action.mode.value, action.kind.value, action.account, action.marketplace, action.target


def _shown(value: Money | int) -> str:
    return str(value) if isinstance(value, Money) else f"{value} units"


def _wish(action: Action) -> dict[str, Any]:
    return {
        "key": action.key,
        "kind": action.kind.value,
        "account": action.account,
        "marketplace": action.marketplace,
        "target": action.target,
        "before": _json(wire(action.before)),
        "after": _json(wire(action.after)),
        "reason": action.reason,
        "proposed_by": action.proposed_by,
        "slot": action.slot,
        "mode": action.mode.value,
        "policy_version": action.policy_version,
        "evidence": _json(dict(action.evidence)),
        "undoes": action.undoes,
    }


def _life(record: ActionRecord) -> dict[str, Any]:
    receipt = record.receipt
    return {
        "state": record.state.value,
        "why": record.why,
        "verdicts": _json([[v.guard, int(v.answer), v.reason] for v in record.verdicts]),
        "held_by": record.held_by,
        "approved_by": _json(list(record.signed_by)),
        "approve_until": record.approve_until,
        "receipt": _json(receipt and {"ref": receipt.external_ref, "details": dict(receipt.details)}),
        "sent_at": record.sent_at,
        "verify_due_at": record.verify_due_at,
        "verify_tries": record.verify_tries,
        "claimed_by": record.claimed_by,
        "claimed_at": record.claimed_at,
        "created_at": record.created_at,
        "updated_at": record.updated_at,
    }


def _json(value: Any) -> Jsonb | None:
    return None if value is None else Jsonb(value, dumps=orjson.dumps)


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
