"""Audit events, sealed one after another. Append only: the database refuses everything else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import JSON, text
from sqlmodel import Field, Session, SQLModel, col, select

from ecom_agent.actions.audit import AuditEvent, Sealed, unnumbered, verify
from ecom_agent.ids import ActionKey
from ecom_agent.records.views import AuditEventView, AuditReport
from ecom_agent.store.columns import ID, WHEN
from ecom_agent.store.journeys import ask

_CHUNK: Final = 5_000
_APPEND: Final = """SELECT audit_append(
  %s::text[]::timestamptz[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[])"""


class AuditEventRow(SQLModel, table=True):
    __tablename__ = "audit_event"
    seq: int = Field(primary_key=True, sa_type=ID)
    at: datetime = Field(sa_type=WHEN)
    action_key: str | None = Field(index=True)
    step: str
    actor: str
    detail: dict[str, Any] = Field(sa_type=JSON)
    previous: str
    digest: str


class AuditStore:
    """Never commits: the caller's unit of work does, once."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def append(self, event: AuditEvent) -> None:
        """Seal and write one event. From here to the commit nobody else can append: do it last."""
        self.append_all((event,))

    def append_all(self, events: Sequence[AuditEvent]) -> None:
        """Seal and write in order, in one call: the head is read after the lock is ours, so the chain never forks."""
        if events:
            ask(self._session, _APPEND, list(zip(*map(_told, events), strict=True)))

    def chain(self) -> Iterator[Sealed]:
        """All events, oldest first."""
        seq = 0
        while rows := self._rows(col(AuditEventRow.seq) > seq, col(AuditEventRow.seq).asc(), _CHUNK):
            yield from map(_sealed, rows)
            seq = rows[-1].seq

    def verify(self) -> AuditReport:
        """Check the whole chain."""
        return verify(self.chain())

    def newest(self, *, limit: int = 200, before: int | None = None) -> Sequence[AuditEventView]:
        """Newest first; `before` is the `seq` to page on from."""
        where = col(AuditEventRow.seq) < before if before is not None else text("true")
        return [_view(row) for row in self._rows(where, col(AuditEventRow.seq).desc(), limit)]

    def of(self, key: ActionKey) -> Sequence[AuditEventView]:
        """One Action's events, oldest first."""
        return [_view(r) for r in self._rows(col(AuditEventRow.action_key) == key, col(AuditEventRow.seq).asc(), None)]

    def _rows(self, where: Any, order: Any, limit: int | None) -> Sequence[Any]:
        table = AuditEventRow.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it
        return self._session.execute(select(table).where(where).order_by(order).limit(limit)).all()


def _told(event: AuditEvent) -> tuple[str | None, ...]:
    """An event as `audit_append` takes it; its detail is kept as it is sealed."""
    opening, detail = unnumbered(event)
    return event.at.isoformat(), event.action_key, event.step, event.actor, opening.decode(), detail.decode()


def _sealed(row: Any) -> Sealed:
    key = None if row.action_key is None else ActionKey(row.action_key)
    return Sealed(row.seq, AuditEvent(row.at, key, row.step, row.actor, row.detail), row.previous, row.digest)


def _view(row: Any) -> AuditEventView:
    return AuditEventView(row.seq, row.at, row.action_key, row.step, row.actor, row.detail, row.digest)
