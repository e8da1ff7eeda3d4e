"""Token buckets in the database, so that all processes of an account share one.

Fulfils the QuotaState Protocol of the connectors' throttle by shape; the bucket's own class is handed in, since the
store knows no platform.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final, Generic, Protocol, TypeVar

from sqlmodel import Field, SQLModel, select

from ecom_agent.ids import AccountId
from ecom_agent.store.columns import WHEN
from ecom_agent.store.db import Database
from ecom_agent.store.line import driver


class QuotaBucketRow(SQLModel, table=True):
    __tablename__ = "quota_bucket"
    account: str = Field(primary_key=True)
    operation: str = Field(primary_key=True)
    per_s: float
    burst: float
    tokens: float
    throttled: int
    updated_at: datetime = Field(sa_type=WHEN)
    waiting: int | None = None
    waiting_until: datetime | None = Field(default=None, sa_type=WHEN)


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
    @property
    def waiting(self) -> int | None: ...
    @property
    def waiting_until(self) -> datetime | None: ...


B = TypeVar("B", bound=BucketLike)

# Plain SQL: this is asked twice for every call to a platform. Losing the last tokens taken in a power cut is harmless;
# waiting for the disk at every call is not.
_LOCKED: Final = b"""
SELECT per_s, burst, tokens, throttled, updated_at, waiting, waiting_until,
       set_config('synchronous_commit', 'off', true)
FROM quota_bucket WHERE account = %s AND operation = %s FOR UPDATE"""
_CHANGED: Final = b"""
UPDATE quota_bucket SET per_s = %s, burst = %s, tokens = %s, throttled = %s, updated_at = %s,
       waiting = %s, waiting_until = %s
WHERE account = %s AND operation = %s"""
_NEW: Final = b"""
INSERT INTO quota_bucket (per_s, burst, tokens, throttled, updated_at, waiting, waiting_until, account, operation)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING"""


class QuotaStore(Generic[B]):
    """Each change is a transaction of its own: a token taken is taken, whatever becomes of the caller's work."""

    def __init__(
        self, database: Database, bucket: Callable[[float, float, float, int, datetime, int | None, datetime | None], B]
    ) -> None:
        """`bucket` makes one from (per_s, burst, tokens, throttled, updated_at, waiting, waiting_until)."""
        self._database = database
        self._bucket = bucket

    def change(self, account: AccountId, operation: str, how: Callable[[B | None], B]) -> tuple[B | None, B]:
        """Load, apply `how`, save, under the row's lock; gives the bucket before and after. `how` may run again."""
        while True:
            with self._database.unit() as unit:
                cursor = driver(unit.session).cursor()
                found = cursor.execute(_LOCKED, (account, operation)).fetchone()
                before = None if found is None else self._bucket(*found[:7])
                after = how(before)
                told = (
                    after.per_s, after.burst, after.tokens, after.throttled, after.updated_at, after.waiting,
                    after.waiting_until, account, operation,
                )  # fmt: skip
                cursor.execute(_CHANGED if found else _NEW, told)
                if cursor.rowcount == 1:
                    return before, after
                # Another process made the bucket first: what `how` saw was not so.

    def all(self) -> Sequence[tuple[AccountId, str, B]]:
        with self._database.unit() as unit:
            found = unit.session.exec(
                select(QuotaBucketRow).order_by(QuotaBucketRow.account, QuotaBucketRow.operation)
            ).all()
            return [(AccountId(r.account), r.operation, self._record(r)) for r in found]

    def _record(self, row: QuotaBucketRow) -> B:
        return self._bucket(
            row.per_s, row.burst, row.tokens, row.throttled, row.updated_at, row.waiting, row.waiting_until
        )
