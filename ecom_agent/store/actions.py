"""Actions and where each is in its life."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import orjson
from sqlmodel import Field, Session, SQLModel

from ecom_agent.actions.ledger import Standing, Subject, subject_of
from ecom_agent.actions.model import OPEN, Action, Answer, Kind, Mode, State, Value, Verdict, unwire, wire
from ecom_agent.actions.record import ActionRecord
from ecom_agent.actions.undo import undoable
from ecom_agent.connector import Receipt
from ecom_agent.errors import BadInput, IllegalTransition, NotFound
from ecom_agent.ids import AccountId, ActionKey, MarketplaceId, Sku
from ecom_agent.records.views import ActionView
from ecom_agent.store.columns import ID, JSON, WHEN
from ecom_agent.store.journeys import ask, plan_once, together


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
    worth: int = Field(sa_type=ID)
    judge_again_at: datetime | None = Field(sa_type=WHEN)


_COLUMNS: Final = tuple(ActionRow.model_fields)
_LIFE: Final = _COLUMNS[_COLUMNS.index("state") :]
_TYPES: Final = {
    **dict.fromkeys(("state", "why", "held_by", "claimed_by"), "varchar"),
    **dict.fromkeys(("verdicts", "approved_by", "receipt"), "jsonb"),
    **dict.fromkeys(("approve_until", "sent_at", "verify_due_at", "claimed_at"), "timestamptz"),
    **dict.fromkeys(("created_at", "updated_at", "judge_again_at"), "timestamptz"),
    "verify_tries": "integer",
    "worth": "bigint",
}
_MOVING: Final = frozenset({State.APPROVED, State.EXECUTING})
_INSERT: Final = f"""INSERT INTO action ({", ".join(_COLUMNS)})
SELECT {", ".join(_COLUMNS)} FROM json_populate_recordset(NULL::action, %s::json)"""
_FROM: Final = f"SELECT {', '.join(_COLUMNS)} FROM action"
_SAVE: Final = f"""UPDATE action AS old SET {", ".join(f"{c} = new.{c}" for c in _LIFE)}
FROM jsonb_to_recordset(%s::jsonb) AS new (key varchar, was varchar, {", ".join(f"{c} {_TYPES[c]}" for c in _LIFE)})
WHERE old.key = new.key AND old.state = new.was"""
_LOCK: Final = """SELECT pg_advisory_xact_lock(place)
FROM (SELECT hashtextextended(p, 2) AS place FROM unnest(%s::text[]) AS p ORDER BY 1) AS places"""
_IS_OPEN: Final = f"""mode = %s AND kind = %s AND account = %s AND marketplace = %s AND target = ANY(%s)
AND state IN ({", ".join(f"'{s.value}'" for s in sorted(OPEN))})"""
_OPEN: Final = f"{_FROM} WHERE {_IS_OPEN} ORDER BY created_at, key FOR UPDATE"
_STANDING: Final = f"{_FROM} WHERE key = ANY(%s) OR ({_IS_OPEN}) ORDER BY created_at, key FOR UPDATE"
_WAITING: Final = "SELECT DISTINCT account FROM action WHERE state = 'approved' AND mode = %s ORDER BY account"
_TAKE: Final = f"""{_FROM} WHERE state = 'approved' AND mode = %s AND account = %s
ORDER BY worth DESC, created_at, key LIMIT %s FOR UPDATE SKIP LOCKED"""
_OF_KIND: Final = "state = 'approved' AND mode = %s AND account = %s AND kind = %s"
_COUNT_WAITING: Final = f"SELECT count(*) AS n FROM action WHERE {_OF_KIND}"
_TAKE_LEAST: Final = f"""{_FROM} WHERE {_OF_KIND}
ORDER BY worth, created_at DESC, key DESC LIMIT %s FOR UPDATE SKIP LOCKED"""
_LATER: Final = f"""{_FROM} WHERE state = 'held' AND mode = %s AND judge_again_at <= %s
ORDER BY worth DESC, created_at, key LIMIT %s FOR UPDATE SKIP LOCKED"""
_DUE: Final = f"""{_FROM} WHERE state IN ('unknown', 'applied') AND mode = %s AND verify_due_at <= %s
ORDER BY verify_due_at, key LIMIT %s"""
_OVERDUE: Final = """SELECT key FROM action WHERE state IN ('held', 'approved') AND mode = %s AND approve_until <= %s
ORDER BY created_at, key LIMIT %s"""
_VIEWS: Final = f"""{_FROM} WHERE (%(state)s::text IS NULL OR state = %(state)s)
AND (%(sku)s::text IS NULL OR target = %(sku)s) ORDER BY updated_at DESC, key LIMIT %(limit)s"""


class ActionStore:
    """Never commits: the caller's unit of work does, once.

    Written in SQL on the driver's own connection: each Action passes here some ten times, and the ORM would
    triple the time of its life. New Actions are held back until something is asked or the unit of work ends, and then
    come in by one statement; a step of one that is held back costs nothing.
    """

    def __init__(self, session: Session, told: Callable[[Sequence[Action]], None] = lambda _actions: None) -> None:
        """`told` gets new Actions that were approved at once."""
        self._session, self._told = session, told
        self._new: dict[ActionKey, ActionRecord] = {}

    def get(self, key: ActionKey) -> ActionRecord | None:
        return next(iter(self._records(f"{_FROM} WHERE key = %s", (key,))), None)

    def standing(
        self, keys: Collection[ActionKey], subjects: Collection[Subject], meanwhile: Callable[[], None] = lambda: None
    ) -> Standing:
        """Locked: those of these keys that are there, and what is not at its end for each of these subjects.

        Nobody else can propose for these until this unit of work ends. Always in one order, so that two units of work
        never wait for one another in a circle. All is asked in one go: what stands is looked up once the lock is ours.
        """
        wanted, known = frozenset(keys), dict[ActionKey, ActionRecord]()
        standing: dict[Subject, list[ActionRecord]] = {subject: [] for subject in subjects}
        with together(self._session):
            plan_once(self._session)
            self.flush()
            ask(self._session, _LOCK, (["\n".join(subject) for subject in subjects],))
            answers = [ask(self._session, _STANDING, (list(keys), *at, targets)) for at, targets in _by_place(subjects)]
            meanwhile()
        for answer in answers:
            for record in map(_record, answer.all()):
                if record.key in wanted:
                    known[record.key] = record
                if record.state in OPEN and (place := subject_of(record.action)) in standing:
                    standing[place].append(record)
        return Standing(known, standing)

    def locked(self, key: ActionKey) -> ActionRecord | None:
        """Nobody else can move it until this unit of work ends."""
        return self.locked_all([key]).get(key)

    def locked_all(self, keys: Sequence[ActionKey]) -> Mapping[ActionKey, ActionRecord]:
        """`locked` for many at once, in one order for all who ask."""
        found = self._records(f"{_FROM} WHERE key = ANY(%s) ORDER BY key FOR UPDATE", (list(keys),))
        return {r.key: r for r in found}

    def open_for(self, subjects: Collection[Subject]) -> Mapping[Subject, Sequence[ActionRecord]]:
        """Locked: what is not at its end for each of these, oldest first."""
        found: dict[Subject, list[ActionRecord]] = {subject: [] for subject in subjects}
        for at, targets in _by_place(subjects):
            for record in self._records(_OPEN, (*at, targets)):
                found[subject_of(record.action)].append(record)
        return found

    def insert(self, record: ActionRecord) -> None:
        """An Action of the same key that stands already is an error, now or when the unit of work ends."""
        if record.key in self._new:
            raise ValueError(f"Action {record.key[:12]} is there already")
        self._new[record.key] = record

    def save(self, record: ActionRecord, was: State) -> None:
        """Raises IllegalTransition when it is not `was` any more: somebody else was faster."""
        self.save_all([(record, was)])

    def save_all(self, steps: Sequence[tuple[ActionRecord, State]]) -> None:
        """`save` for many at once: all, or IllegalTransition."""
        rows = []
        for record, was in steps:
            new = self._new.get(record.key)
            if new is None:
                rows.append({**_life(record), "key": record.key, "was": was.value})
            elif new.state is was:
                self._new[record.key] = record
            else:
                raise IllegalTransition(f"Action {record.key[:12]} is not {was} any more")
        if rows and ask(self._session, _SAVE, (orjson.dumps(rows).decode(),)).count != len(rows):
            names = ", ".join(row["key"][:12] for row in rows[:5])
            raise IllegalTransition(f"not in the state any more that they were in: {names}")

    def flush(self) -> None:
        """Write what was held back."""
        if self._new:
            records, self._new = list(self._new.values()), {}
            rows = orjson.dumps([{**_wish(record.action), **_life(record)} for record in records])
            ask(self._session, _INSERT, (rows.decode(),))
            self._told([r.action for r in records if r.state in _MOVING])

    def waiting(self, mode: Mode) -> Sequence[AccountId]:
        """Accounts that have approved Actions."""
        return [AccountId(row["account"]) for row in self._run(_WAITING, (mode.value,))]

    def take(self, mode: Mode, account: AccountId, limit: int) -> Sequence[ActionRecord]:
        """Locked: the account's approved Actions that nobody else has in hand, those worth most first."""
        return self._records(_TAKE, (mode.value, account, limit))

    def later(self, mode: Mode, now: datetime, limit: int) -> Sequence[ActionRecord]:
        """Locked: held ones that are to be judged again by now and that nobody else has in hand."""
        return self._records(_LATER, (mode.value, now, limit))

    def in_flight(self, mode: Mode) -> Sequence[ActionRecord]:
        """Those that are executing, oldest first."""
        going = f"{_FROM} WHERE state = 'executing' AND mode = %s ORDER BY created_at, key"
        return self._records(going, (mode.value,))

    def due(self, mode: Mode, now: datetime, limit: int) -> Sequence[ActionRecord]:
        """Unknown and applied ones to be read back by now, the longest due first."""
        return self._records(_DUE, (mode.value, now, limit))

    def overdue(self, mode: Mode, now: datetime, limit: int) -> Sequence[ActionKey]:
        """Held and approved ones that waited too long."""
        return [ActionKey(row["key"]) for row in self._run(_OVERDUE, (mode.value, now, limit))]

    def find(self, prefix: str) -> ActionKey:
        """The one key that starts so. Raises NotFound for none, BadInput for several or for no hex digits."""
        start = prefix.strip().lower()
        if not start or any(c not in "0123456789abcdef" for c in start):
            raise BadInput("the first digits of an Action's key", repr(prefix), "`ecom actions` lists them")
        rows = self._run("SELECT key FROM action WHERE starts_with(key, %s) LIMIT 2", (start,))
        if not rows:
            raise NotFound(f"no Action {prefix}; `ecom actions` lists them")
        if len(rows) > 1:
            raise BadInput("one Action", f"several that start with {prefix}", "give more digits")
        return ActionKey(rows[0]["key"])

    def views(self, *, state: str | None = None, sku: str | None = None, limit: int = 200) -> Sequence[ActionView]:
        """For lists, the last changed first."""
        return [view(record) for record in self._records(_VIEWS, {"state": state, "sku": sku, "limit": limit})]

    def counts(self, mode: Mode, since: datetime) -> dict[State, int]:
        """How many Actions are in which state, of those proposed since then."""
        counted = "SELECT state, count(*) AS n FROM action WHERE mode = %s AND created_at >= %s GROUP BY state"
        return {State(row["state"]): row["n"] for row in self._run(counted, (mode.value, since))}

    def count_waiting(self, mode: Mode, account: AccountId, kind: Kind) -> int:
        """How many approved ones of this kind the account has."""
        (row,) = self._run(_COUNT_WAITING, (mode.value, account, kind.value))
        return int(row["n"])

    def take_least(self, mode: Mode, account: AccountId, kind: Kind, limit: int) -> Sequence[ActionRecord]:
        """As `take`, of one kind and those worth least first."""
        return self._records(_TAKE_LEAST, (mode.value, account, kind.value, limit))

    def _records(self, sql: str, asked: Mapping[str, Any] | Sequence[Any]) -> list[ActionRecord]:
        return [_record(row) for row in self._run(sql, asked)]

    def _run(self, sql: str, asked: Mapping[str, Any] | Sequence[Any]) -> list[dict[str, Any]]:
        self.flush()
        return ask(self._session, sql, asked).all()


def _by_place(subjects: Collection[Subject]) -> list[tuple[Subject, list[str]]]:
    """Targets by all else that a subject is made of, in one order for all who ask."""
    places: dict[Subject, list[str]] = {}
    for *place, target in subjects:
        places.setdefault(tuple(place), []).append(target)
    return sorted(places.items())


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


def _shown(value: Value) -> str:
    return f"{value} units" if isinstance(value, int) else str(value)


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
        "verdicts": [[v.guard, v.answer.name.lower(), v.reason] for v in record.verdicts],
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
        "worth": record.worth,
        "judge_again_at": record.judge_again_at,
    }


def _record(row: Mapping[str, Any]) -> ActionRecord:
    action = Action(
        kind=Kind(row["kind"]),
        account=AccountId(row["account"]),
        marketplace=MarketplaceId(row["marketplace"]),
        target=Sku(row["target"]),
        before=unwire(row["before"]),
        after=unwire(row["after"]),
        reason=row["reason"],
        proposed_by=row["proposed_by"],
        slot=row["slot"],
        mode=Mode(row["mode"]),
        policy_version=row["policy_version"],
        evidence=row["evidence"],
        undoes=None if row["undoes"] is None else ActionKey(row["undoes"]),
    )
    return ActionRecord(
        action=action,
        state=State(row["state"]),
        why=row["why"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        verdicts=tuple(Verdict(guard, Answer[answer.upper()], reason) for guard, answer, reason in row["verdicts"]),
        signed_by=tuple(row["approved_by"]),
        approve_until=row["approve_until"],
        claimed_by=row["claimed_by"],
        claimed_at=row["claimed_at"],
        sent_at=row["sent_at"],
        receipt=row["receipt"] and Receipt(row["receipt"]["ref"], row["receipt"]["details"]),
        verify_due_at=row["verify_due_at"],
        verify_tries=row["verify_tries"],
        worth=row["worth"],
        judge_again_at=row["judge_again_at"],
    )
