"""Where each stream stands (cursors), and the ledger of its runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, Session, SQLModel, col, select, update

from ecom_agent.ids import AccountId
from ecom_agent.store.columns import ID, JSON, WHEN


class StreamCursorRow(SQLModel, table=True):
    __tablename__ = "stream_cursor"
    account: str = Field(primary_key=True)
    stream: str = Field(primary_key=True)
    value: str
    updated_at: datetime = Field(sa_type=WHEN)


class PullRunRow(SQLModel, table=True):
    __tablename__ = "pull_run"
    id: int | None = Field(default=None, primary_key=True, sa_type=ID)
    account: str
    stream: str
    started_at: datetime = Field(sa_type=WHEN)
    finished_at: datetime | None = Field(default=None, sa_type=WHEN)
    pages: int = 0
    fetched: int = 0
    written: int = 0
    unchanged: int = 0
    quarantined: int = 0
    unknown_fields: list[Any] = Field(default_factory=list, sa_type=JSON)
    error: str | None = None
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Cursor:
    account: AccountId
    stream: str
    value: str
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class PullRun:
    """One run of a stream. `finished_at` None = it runs still, or was killed; `error` None = it went well so far.

    `unknown_fields`: names in the payloads that no parser reads, kept for whoever improves it.
    """

    id: int
    account: AccountId
    stream: str
    started_at: datetime
    finished_at: datetime | None
    pages: int
    fetched: int
    written: int
    unchanged: int
    quarantined: int
    unknown_fields: tuple[str, ...]
    error: str | None
    cursor: str | None


class CursorStore:
    """Never commits: a cursor moves in the transaction that holds its records, or not at all."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, account: AccountId, stream: str) -> str | None:
        row = self._session.get(StreamCursorRow, (account, stream))
        return None if row is None else row.value

    def save(self, account: AccountId, stream: str, value: str, *, at: datetime) -> None:
        put = insert(StreamCursorRow).values(account=account, stream=stream, value=value, updated_at=at)
        self._session.execute(
            put.on_conflict_do_update(
                index_elements=["account", "stream"], set_={"value": value, "updated_at": put.excluded.updated_at}
            )
        )

    def drop(self, account: AccountId, prefix: str) -> None:
        """Forget the cursors of an account whose names begin so."""
        mine = (
            col(StreamCursorRow.account) == account,
            col(StreamCursorRow.stream).startswith(prefix, autoescape=True),
        )
        self._session.execute(delete(StreamCursorRow).where(*mine))

    def all(self) -> Sequence[Cursor]:
        found = self._session.exec(select(StreamCursorRow).order_by(StreamCursorRow.account, StreamCursorRow.stream))
        return [Cursor(AccountId(r.account), r.stream, r.value, r.updated_at) for r in found]


class RunStore:
    """Never commits: the caller's unit of work does, once."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def begin(self, account: AccountId, stream: str, *, cursor: str | None, at: datetime) -> int:
        """Open a run's row and give its id. A former run that never ended was cut off, and is marked so."""
        self._session.execute(
            update(PullRunRow)
            .where(
                col(PullRunRow.account) == account,
                col(PullRunRow.stream) == stream,
                col(PullRunRow.finished_at).is_(None),
            )
            .values(finished_at=at, error="was cut off")
        )
        row = PullRunRow(account=account, stream=stream, started_at=at, cursor=cursor)
        self._session.add(row)
        self._session.flush()
        if row.id is None:
            raise RuntimeError("the database gave no id")
        return row.id

    def add_page(
        self,
        run: int,
        *,
        fetched: int,
        written: int,
        unchanged: int,
        quarantined: int,
        unknown_fields: Sequence[str],
        cursor: str | None,
    ) -> None:
        """Count one landed page, in the page's own transaction."""
        row = self._session.get_one(PullRunRow, run)
        row.pages += 1
        row.fetched += fetched
        row.written += written
        row.unchanged += unchanged
        row.quarantined += quarantined
        if not set(unknown_fields) <= set(row.unknown_fields):
            row.unknown_fields = sorted({*row.unknown_fields, *unknown_fields})
        row.cursor = cursor or row.cursor

    def finish(self, run: int, *, at: datetime, error: str | None = None) -> None:
        self._session.execute(update(PullRunRow).where(col(PullRunRow.id) == run).values(finished_at=at, error=error))

    def get(self, run: int) -> PullRun | None:
        row = self._session.get(PullRunRow, run)
        return None if row is None else _record(row)

    def last_of_each(self, *, only_ok: bool = False) -> Sequence[PullRun]:
        """The newest run of every stream; with `only_ok` the newest that ended without an error."""
        newest = select(func.max(PullRunRow.id)).group_by(PullRunRow.account, PullRunRow.stream)
        if only_ok:
            newest = newest.where(col(PullRunRow.finished_at).is_not(None), col(PullRunRow.error).is_(None))
        found = self._session.exec(
            select(PullRunRow).where(col(PullRunRow.id).in_(newest)).order_by(PullRunRow.account, PullRunRow.stream)
        )
        return [_record(row) for row in found]


def _record(row: PullRunRow) -> PullRun:
    if row.id is None:
        raise ValueError("a row that was not stored has no id")
    return PullRun(
        row.id, AccountId(row.account), row.stream, row.started_at, row.finished_at, row.pages, row.fetched,
        row.written, row.unchanged, row.quarantined, tuple(row.unknown_fields), row.error, row.cursor,
    )  # fmt: skip
