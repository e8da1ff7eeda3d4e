"""The ledger of sync: what each window's source told of, what came, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, func, text
from sqlmodel import Field, Session, SQLModel, col, select, update

from ecom_agent.ids import AccountId
from ecom_agent.records.sync import Outcome, Reading, SyncWindow
from ecom_agent.store.columns import ID, WHEN


class SyncWindowRow(SQLModel, table=True):
    __tablename__ = "sync_window"
    id: int | None = Field(default=None, primary_key=True, sa_type=ID)
    run: int = Field(sa_type=ID)
    account: str
    stream: str
    kind: str
    since: datetime | None = Field(sa_type=WHEN)
    until: datetime | None = Field(sa_type=WHEN)
    pages: int
    expected: int | None
    fetched: int
    written: int
    quarantined: int
    started_at: datetime = Field(sa_type=WHEN)
    finished_at: datetime | None = Field(default=None, sa_type=WHEN)
    outcome: str | None = None
    detail: str | None = None


# A window that came short stays open until a later one that covers it was whole; a silent stream until it speaks.
_OPEN: Final = text("""
SELECT w.account, w.stream, w.outcome, w.detail, w.finished_at FROM sync_window w
WHERE w.outcome IN ('short', 'over') AND w.started_at >= :since AND NOT EXISTS (
  SELECT FROM sync_window n WHERE n.account = w.account AND n.stream = w.stream AND n.started_at > w.started_at
    AND n.outcome IN ('complete', 'repaired')
    AND (w.since IS NULL OR (n.since <= w.since AND n.until >= w.until)))
UNION ALL
SELECT account, stream, outcome, detail, finished_at FROM (
  SELECT DISTINCT ON (account, stream) account, stream, outcome, detail, finished_at FROM sync_window
  WHERE kind = 'pull' AND finished_at IS NOT NULL AND started_at >= :since
  ORDER BY account, stream, started_at DESC, id DESC) AS newest
WHERE outcome = 'silent'
ORDER BY 1, 2
""")
_COUNTS: Final = text("""
SELECT account, stream, count(*) FILTER (WHERE outcome = 'repaired') AS repaired,
       coalesce(sum(written) FILTER (WHERE kind IN ('look_back', 'repair')), 0)::int AS found_later
FROM sync_window WHERE started_at >= :since GROUP BY account, stream
""")


class WindowStore:
    """Never commits: a window is counted in the transaction that holds its page's records."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def save(self, id: int | None, run: int, window: SyncWindow) -> int:
        """Write a window as it stands now, and give its id; `id` None = it begins."""
        values: dict[str, Any] = {
            "pages": window.pages, "expected": window.expected, "fetched": window.fetched, "written": window.written,
            "quarantined": window.quarantined, "finished_at": window.finished_at, "outcome": window.outcome,
            "detail": window.detail,
        }  # fmt: skip
        if id is not None:
            self._session.execute(update(SyncWindowRow).where(col(SyncWindowRow.id) == id).values(values))
            return id
        row = SyncWindowRow(
            run=run, account=window.account, stream=window.stream, kind=window.kind, since=window.since,
            until=window.until, started_at=window.started_at, **values,
        )  # fmt: skip
        self._session.add(row)
        self._session.flush()
        if row.id is None:
            raise RuntimeError("the database gave no id")
        return row.id

    def close(self, id: int, outcome: Outcome, detail: str | None, *, at: datetime) -> None:
        self._session.execute(
            update(SyncWindowRow)
            .where(col(SyncWindowRow.id) == id)
            .values(outcome=outcome, detail=detail, finished_at=at)
        )

    def cut_off(self, account: AccountId, stream: str, kind: Reading, *, at: datetime) -> None:
        """What a former run left open was cut off with it."""
        self._session.execute(
            update(SyncWindowRow)
            .where(
                col(SyncWindowRow.account) == account,
                col(SyncWindowRow.stream) == stream,
                col(SyncWindowRow.kind) == kind,
                col(SyncWindowRow.finished_at).is_(None),
            )
            .values(finished_at=at, outcome=Outcome.CUT, detail="the run was cut off")
        )

    def filled(self, account: AccountId, stream: str, *, since: datetime) -> Sequence[tuple[datetime, int]]:
        """(when, how many) of the pulls since then that brought any, oldest first."""
        found = self._session.exec(
            select(SyncWindowRow.started_at, SyncWindowRow.fetched)
            .where(
                SyncWindowRow.account == account,
                SyncWindowRow.stream == stream,
                SyncWindowRow.kind == Reading.PULL,
                SyncWindowRow.started_at >= since,
                SyncWindowRow.fetched > 0,
            )
            .order_by(col(SyncWindowRow.started_at))
        )
        return [(at, many) for at, many in found]

    def last_of_each(self, kind: Reading, *, done: bool = False) -> Sequence[SyncWindow]:
        """The newest window of every stream; `done` = the newest that has all its source told of."""
        newest = select(func.max(SyncWindowRow.id)).where(SyncWindowRow.kind == kind)
        if done:
            newest = newest.where(col(SyncWindowRow.outcome).in_((Outcome.COMPLETE, Outcome.REPAIRED, Outcome.OVER)))
        newest = newest.group_by(col(SyncWindowRow.account), col(SyncWindowRow.stream))
        found = self._session.exec(
            select(SyncWindowRow)
            .where(col(SyncWindowRow.id).in_(newest))
            .order_by(SyncWindowRow.account, SyncWindowRow.stream)
        )
        return [_record(row) for row in found]

    def recent(self, account: AccountId, stream: str, *, limit: int = 50) -> Sequence[SyncWindow]:
        """Newest first, of all kinds."""
        found = self._session.exec(
            select(SyncWindowRow)
            .where(SyncWindowRow.account == account, SyncWindowRow.stream == stream)
            .order_by(col(SyncWindowRow.started_at).desc(), col(SyncWindowRow.id).desc())
            .limit(limit)
        )
        return [_record(row) for row in found]

    def alarms(self, now: datetime) -> Sequence[tuple[str, str, Outcome, str, datetime]]:
        """(account, stream, outcome, detail, since when) of what is open, of the last seven days."""
        found = self._session.connection().execute(_OPEN, {"since": now - timedelta(days=7)})
        return [(r.account, r.stream, Outcome(r.outcome), r.detail or "", r.finished_at) for r in found]

    def counts(self, now: datetime) -> dict[tuple[str, str], tuple[int, int]]:
        """(windows repaired, records found later) of each stream, of the last seven days."""
        found = self._session.connection().execute(_COUNTS, {"since": now - timedelta(days=7)})
        return {(r.account, r.stream): (r.repaired, r.found_later) for r in found}

    def forget(self, account: AccountId, stream: str, *, before: datetime) -> int:
        """Drop old windows of a stream; gives how many."""
        gone = delete(SyncWindowRow).where(
            col(SyncWindowRow.account) == account,
            col(SyncWindowRow.stream) == stream,
            col(SyncWindowRow.started_at) < before,
        )
        return self._session.connection().execute(gone).rowcount


def _record(row: SyncWindowRow) -> SyncWindow:
    return SyncWindow(
        row.account, row.stream, Reading(row.kind), row.since, row.until, row.pages, row.expected, row.fetched,
        row.written, row.quarantined, row.started_at, row.finished_at,
        None if row.outcome is None else Outcome(row.outcome), row.detail,
    )  # fmt: skip
