"""What runs and what does not: the supervisor's processes, and accounts whose credentials were refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, Session, SQLModel, col, delete, select

from ecom_agent.ids import AccountId
from ecom_agent.records.views import ProcessHealth
from ecom_agent.store.columns import WHEN


class ProcessStatusRow(SQLModel, table=True):
    __tablename__ = "process_status"
    name: str = Field(primary_key=True)
    pid: int | None
    state: str
    restarts: int
    last_exit: str | None
    since: datetime | None = Field(sa_type=WHEN)
    updated_at: datetime = Field(sa_type=WHEN)


class PausedAccountRow(SQLModel, table=True):
    __tablename__ = "paused_account"
    account: str = Field(primary_key=True)
    why: str
    since: datetime = Field(sa_type=WHEN)


@dataclass(frozen=True, slots=True)
class PausedAccount:
    account: AccountId
    why: str
    since: datetime


class ProcessStore:
    """Never commits: the caller's unit of work does, once."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def report(self, process: ProcessHealth, *, at: datetime) -> None:
        """The state of one process as of `at`."""
        values = {
            "name": process.name, "pid": process.pid, "state": process.state, "restarts": process.restarts,
            "last_exit": process.last_exit, "since": process.since, "updated_at": at,
        }  # fmt: skip
        put = insert(ProcessStatusRow).values(values)
        self._session.execute(put.on_conflict_do_update(index_elements=["name"], set_=values))

    def forget_others(self, names: Sequence[str]) -> None:
        """Only these processes are meant to run from now on."""
        self._session.execute(delete(ProcessStatusRow).where(col(ProcessStatusRow.name).not_in(names)))

    def all(self) -> Sequence[ProcessHealth]:
        found = self._session.exec(select(ProcessStatusRow).order_by(ProcessStatusRow.name))
        return [ProcessHealth(r.name, r.pid, r.state, r.restarts, r.last_exit, r.since) for r in found]


class PausedAccountStore:
    """Never commits: the caller's unit of work does, once."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def pause(self, account: AccountId, why: str, *, at: datetime) -> None:
        """Stop asking with these credentials; a pause that stands keeps its first moment and gets the newer reason."""
        put = insert(PausedAccountRow).values(account=account, why=why, since=at)
        self._session.execute(put.on_conflict_do_update(index_elements=["account"], set_={"why": why}))

    def resume(self, account: AccountId) -> None:
        self._session.execute(delete(PausedAccountRow).where(col(PausedAccountRow.account) == account))

    def get(self, account: AccountId) -> PausedAccount | None:
        row = self._session.get(PausedAccountRow, account)
        return None if row is None else PausedAccount(AccountId(row.account), row.why, row.since)

    def all(self) -> Sequence[PausedAccount]:
        found = self._session.exec(select(PausedAccountRow).order_by(PausedAccountRow.account))
        return [PausedAccount(AccountId(r.account), r.why, r.since) for r in found]
