"""One step of an Action's life and its audit event, always written together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import Any, NamedTuple

from ecom_agent.actions.audit import AuditEvent
from ecom_agent.actions.facts import GuardFacts
from ecom_agent.actions.ledger import Book
from ecom_agent.actions.model import Action, Kind, State, Verdict, wire
from ecom_agent.actions.record import ActionRecord
from ecom_agent.actions.tripping import noticed
from ecom_agent.telemetry import ACTIONS


class Move(NamedTuple):
    """One step of one Action, not yet written."""

    was: ActionRecord
    record: ActionRecord
    actor: str
    detail: Mapping[str, Any] = MappingProxyType({})


def opened(book: Book, record: ActionRecord, facts: GuardFacts) -> ActionRecord:
    """Enter a wish that was judged at once: two events, what was wished and what the gate said."""
    book.actions.insert(record)
    action = record.action
    wish = AuditEvent(record.created_at, record.key, "proposed", action.proposed_by, described(action))
    book.audit.append(wish)
    _tell(book, record, "gate", judged(record.verdicts, facts))
    return record


def taken(
    book: Book, was: ActionRecord, record: ActionRecord, actor: str, detail: Mapping[str, Any] | None = None
) -> ActionRecord:
    """Write a step from `was` to `record`. Raises IllegalTransition when somebody else was faster."""
    book.actions.save(record, was.state)
    _tell(book, record, actor, detail or {})
    return record


def taken_all(book: Book, moves: Sequence[Move]) -> list[ActionRecord]:
    """`taken` for many at once."""
    book.actions.save_all([(move.record, move.was.state) for move in moves])
    for move in moves:
        _tell(book, move.record, move.actor, move.detail)
    return [move.record for move in moves]


def described(action: Action) -> dict[str, Any]:
    """The whole wish as JSON data."""
    return {
        "kind": action.kind,
        "account": action.account,
        "marketplace": action.marketplace,
        "target": action.target,
        "before": wire(action.before),
        "after": wire(action.after),
        "reason": action.reason,
        "slot": action.slot.isoformat(),
        "mode": action.mode,
        "policy_version": action.policy_version,
        "evidence": dict(action.evidence),
        "inputs_digest": action.inputs_digest,
        "undoes": action.undoes,
    }


def judged(verdicts: tuple[Verdict, ...], facts: GuardFacts) -> dict[str, Any]:
    """What the guards said, and the facts that bound them."""
    return {
        "verdicts": [[v.guard, v.answer.name.lower(), v.reason] for v in verdicts],
        "guards_policy_version": facts.policy_version,
        "limits_version": facts.limits.version if facts.limits else None,
        "floor": wire(facts.floor.price),
        "current": wire(facts.current),
    }


@cache
def _counter(kind: Kind, state: State) -> Any:
    """Finding a counter by its labels costs more than counting."""
    return ACTIONS.labels(kind, state)


def _tell(book: Book, record: ActionRecord, actor: str, detail: Mapping[str, Any]) -> None:
    _counter(record.action.kind, record.state).inc()
    told = {"why": record.why, **detail}
    book.audit.append(AuditEvent(record.updated_at, record.key, record.state, actor, told))
    noticed(book, record)
