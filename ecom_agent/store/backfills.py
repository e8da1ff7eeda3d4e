"""Backfills that were asked for, and how far each is. Where a reading goes on is its cursor; this is for people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import or_
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, Session, SQLModel, col, select, update

from ecom_agent.errors import NotFound
from ecom_agent.ids import AccountId
from ecom_agent.records.sync import Backfill, Work
from ecom_agent.store.columns import ID, WHEN

LOST_AFTER: Final = timedelta(minutes=15)
"""One that runs and shows no page for so long has lost its worker."""


class BackfillRow(SQLModel, table=True):
    __tablename__ = "backfill"
    id: int | None = Field(default=None, primary_key=True, sa_type=ID)
    account: str
    stream: str
    since: datetime = Field(sa_type=WHEN)
    until: datetime = Field(sa_type=WHEN)
    state: str
    done_until: datetime = Field(sa_type=WHEN)
    fetched: int
    written: int
    by: str
    asked_at: datetime = Field(sa_type=WHEN)
    worked_at: datetime | None = Field(default=None, sa_type=WHEN)
    finished_at: datetime | None = Field(default=None, sa_type=WHEN)
    error: str | None = None


class BackfillStore:
    """Never commits: the caller's unit of work does, once."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def ask(
        self, account: AccountId, stream: str, since: datetime, until: datetime, by: str, *, at: datetime, again: bool
    ) -> Backfill:
        """The backfill of this span, waiting for a worker. One that is through stays so, unless it is wanted `again`;
        one that failed or was stopped goes on from where it was."""
        new = {
            "account": account, "stream": stream, "since": since, "until": until, "state": Work.WAITING,
            "done_until": since, "fetched": 0, "written": 0, "by": by, "asked_at": at,
        }  # fmt: skip
        once = insert(BackfillRow).values(new).on_conflict_do_nothing(constraint="backfill_once")
        self._session.execute(once)
        row = self._session.exec(
            select(BackfillRow)
            .where(
                BackfillRow.account == account,
                BackfillRow.stream == stream,
                BackfillRow.since == since,
                BackfillRow.until == until,
            )
            .with_for_update()
        ).one()
        if row.state in (Work.FAILED, Work.STOPPED) or (again and row.state == Work.DONE):
            if row.state == Work.DONE:
                row.done_until, row.fetched, row.written = since, 0, 0
            row.state, row.by, row.asked_at, row.finished_at, row.error = Work.WAITING, by, at, None, None
        return _record(row)

    def end_of(self, account: AccountId, stream: str, since: datetime) -> datetime | None:
        """Where the newest one that began there and is not through yet ends."""
        return self._session.exec(
            select(BackfillRow.until)
            .where(
                BackfillRow.account == account,
                BackfillRow.stream == stream,
                BackfillRow.since == since,
                BackfillRow.state != Work.DONE,
            )
            .order_by(col(BackfillRow.asked_at).desc())
            .limit(1)
        ).first()

    def claim(self, *, at: datetime, id: int | None = None) -> Backfill | None:
        """Take the one that waits longest (or this one), also where its worker was lost; None = there is none."""
        free = or_(
            col(BackfillRow.state) == Work.WAITING,
            (col(BackfillRow.state) == Work.RUNNING) & (col(BackfillRow.worked_at) < at - LOST_AFTER),
        )
        asked = select(BackfillRow).where(free).order_by(col(BackfillRow.asked_at), col(BackfillRow.id)).limit(1)
        if id is not None:
            asked = asked.where(BackfillRow.id == id)
        row = self._session.exec(asked.with_for_update(skip_locked=True)).first()
        if row is None:
            return None
        row.state, row.worked_at = Work.RUNNING, at
        return _record(row)

    def worked(self, id: int, *, done_until: datetime, fetched: int, written: int, at: datetime) -> bool:
        """Count a page; False = a person stopped it meanwhile."""
        row = self._session.get_one(BackfillRow, id, with_for_update=True)
        row.done_until, row.worked_at = max(row.done_until, done_until), at
        row.fetched, row.written = row.fetched + fetched, row.written + written
        return row.state == Work.RUNNING

    def leave(self, id: int, state: Work, *, at: datetime, error: str | None = None) -> None:
        """The worker lets go of it; what a person stopped meanwhile stays stopped, unless it is through."""
        values: dict[str, Any] = {"state": state, "error": error, "worked_at": at}
        if state is Work.DONE:
            values |= {"done_until": col(BackfillRow.until), "finished_at": at}
        mine = update(BackfillRow).where(col(BackfillRow.id) == id)
        if state is not Work.DONE:
            mine = mine.where(col(BackfillRow.state) == Work.RUNNING)
        self._session.execute(mine.values(values))

    def stop(self, id: int) -> None:
        """Raises NotFound for one that is not under way."""
        under_way = col(BackfillRow.state).in_((Work.WAITING, Work.RUNNING))
        stopped = update(BackfillRow).where(col(BackfillRow.id) == id, under_way).values(state=Work.STOPPED)
        if self._session.connection().execute(stopped).rowcount == 0:
            raise NotFound(f"no backfill {id} is under way")

    def newest(self, *, limit: int = 20) -> Sequence[Backfill]:
        found = self._session.exec(
            select(BackfillRow).order_by(col(BackfillRow.asked_at).desc(), col(BackfillRow.id).desc()).limit(limit)
        )
        return [_record(row) for row in found]


def _record(row: BackfillRow) -> Backfill:
    if row.id is None:
        raise ValueError("a row that was not stored has no id")
    return Backfill(
        row.id, row.account, row.stream, row.since, row.until, Work(row.state), row.done_until, row.fetched,
        row.written, row.by, row.asked_at, row.worked_at, row.finished_at, row.error,
    )  # fmt: skip
