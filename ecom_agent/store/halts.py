"""Halts in force and those that were lifted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, Session, SQLModel, col, select

from ecom_agent.actions.halts import Halt, HaltLevel, checked, may_lift
from ecom_agent.store.columns import ID, WHEN


class HaltRow(SQLModel, table=True):
    __tablename__ = "halt"
    id: int | None = Field(default=None, primary_key=True, sa_type=ID)
    scope: str
    reason: str
    by: str
    since: datetime = Field(sa_type=WHEN)
    level: str
    lifted_at: datetime | None = Field(default=None, sa_type=WHEN)
    lifted_by: str | None = None


class HaltStore:
    """Never commits: the caller's unit of work does, once."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def open(self, halt: Halt) -> Halt:
        """The halt in force over this scope: a standing one stays as it is, unless this one is tighter.

        Two that open the same at once: the second waits for the first's commit. Raises BadInput for an odd scope.
        """
        row = {"scope": checked(halt.scope), "reason": halt.reason, "by": halt.by, "since": halt.since}
        new = insert(HaltRow).values(**row, level=halt.level.value)
        self._session.execute(
            new.on_conflict_do_nothing(index_elements=["scope"], index_where=col(HaltRow.lifted_at).is_(None))
        )
        standing = self._standing(halt.scope)
        assert standing is not None, "it is there, or was put there just now"
        if halt.level.tighter_than(HaltLevel(standing.level)):
            standing.reason, standing.by, standing.since = halt.reason, halt.by, halt.since
            standing.level = halt.level.value
            self._session.flush()
        return _record(standing)

    def lift(self, scope: str, by: str, at: datetime) -> Halt | None:
        """What was lifted, if anything stood. Raises BadInput when `by` is no person."""
        may_lift(by)
        standing = self._standing(checked(scope))
        if standing is None:
            return None
        standing.lifted_at, standing.lifted_by = at, by
        self._session.flush()
        return _record(standing)

    def active(self) -> Sequence[Halt]:
        """In force, the oldest first."""
        found = select(HaltRow).where(col(HaltRow.lifted_at).is_(None)).order_by(col(HaltRow.since), col(HaltRow.id))
        return [_record(row) for row in self._session.exec(found)]

    def _standing(self, scope: str) -> HaltRow | None:
        found = select(HaltRow).where(HaltRow.scope == scope, col(HaltRow.lifted_at).is_(None)).with_for_update()
        return self._session.exec(found, execution_options={"populate_existing": True}).first()


def _record(row: HaltRow) -> Halt:
    return Halt(row.scope, row.reason, row.by, row.since, HaltLevel(row.level))
