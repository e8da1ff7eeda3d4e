"""Token buckets in the database, so that all processes of an account share one.

Fulfils the QuotaState Protocol of the connectors' throttle by shape; the bucket's own class is handed in, since the
store knows no platform.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, Session, SQLModel, col, select, update

from ecom_agent.ids import AccountId
from ecom_agent.store.columns import WHEN
from ecom_agent.store.db import Database


class QuotaBucketRow(SQLModel, table=True):
    __tablename__ = "quota_bucket"
    account: str = Field(primary_key=True)
    operation: str = Field(primary_key=True)
    per_s: float
    burst: float
    tokens: float
    throttled: int
    updated_at: datetime = Field(sa_type=WHEN)


class BucketLike(Protocol):
    @property
    def per_s(self) -> float: ...
    @property
    def burst(self) -> float: ...
    @property
    def tokens(self) -> float: ...
    @property
    def throttled(self) -> int: ...
    @property
    def updated_at(self) -> datetime: ...


B = TypeVar("B", bound=BucketLike)


class QuotaStore(Generic[B]):
    """Each change is a transaction of its own: a token taken is taken, whatever becomes of the caller's work."""

    def __init__(self, database: Database, bucket: Callable[[float, float, float, int, datetime], B]) -> None:
        """`bucket` makes one from (per_s, burst, tokens, throttled, updated_at)."""
        self._database = database
        self._bucket = bucket

    def change(self, account: AccountId, operation: str, how: Callable[[B | None], B]) -> tuple[B | None, B]:
        """Load, apply `how`, save, under the row's lock; gives the bucket before and after. `how` may run again."""
        while True:
            with self._database.unit() as unit:
                # Losing the last tokens taken in a power cut is harmless; waiting for the disk at every call is not.
                unit.session.execute(text("SET LOCAL synchronous_commit = off"))
                before = self._locked(unit.session, account, operation)
                after = how(before)
                if self._save(unit.session, account, operation, after, new=before is None):
                    return before, after

    def all(self) -> Sequence[tuple[AccountId, str, B]]:
        with self._database.unit() as unit:
            found = unit.session.exec(
                select(QuotaBucketRow).order_by(QuotaBucketRow.account, QuotaBucketRow.operation)
            ).all()
            return [(AccountId(r.account), r.operation, self._record(r)) for r in found]

    def _locked(self, session: Session, account: AccountId, operation: str) -> B | None:
        row = session.exec(
            select(QuotaBucketRow)
            .where(QuotaBucketRow.account == account, QuotaBucketRow.operation == operation)
            .with_for_update()
        ).first()
        return None if row is None else self._record(row)

    def _save(self, session: Session, account: AccountId, operation: str, bucket: B, *, new: bool) -> bool:
        """False if another process made the bucket first: then what `how` saw was not so."""
        values = {
            "per_s": bucket.per_s, "burst": bucket.burst, "tokens": bucket.tokens, "throttled": bucket.throttled,
            "updated_at": bucket.updated_at,
        }  # fmt: skip
        if new:
            put = insert(QuotaBucketRow).values(account=account, operation=operation, **values)
            put = put.on_conflict_do_nothing()
            return session.execute(put.returning(col(QuotaBucketRow.account))).first() is not None
        session.execute(
            update(QuotaBucketRow)
            .where(col(QuotaBucketRow.account) == account, col(QuotaBucketRow.operation) == operation)
            .values(**values)
        )
        return True

    def _record(self, row: QuotaBucketRow) -> B:
        return self._bucket(row.per_s, row.burst, row.tokens, row.throttled, row.updated_at)
