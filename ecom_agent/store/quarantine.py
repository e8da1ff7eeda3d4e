"""Records that could not be read or may not be stored: set aside with their reason, listed until resolved.

The record itself is sealed: it may name a buyer.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

import orjson
from sqlalchemy import ColumnElement, func, null
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, Session, SQLModel, col, select, update

from ecom_agent.connector import Poison
from ecom_agent.ids import AccountId
from ecom_agent.records.views import QuarantineView
from ecom_agent.store.columns import ID, JSON, WHEN
from ecom_agent.store.sealing import vault_of

_COMPARED: Final = 20
"""So many records without an id are compared with one that comes; opening each costs."""


class QuarantineRow(SQLModel, table=True):
    __tablename__ = "quarantine"
    id: int | None = Field(default=None, primary_key=True, sa_type=ID)
    account: str
    stream: str
    external_id: str | None
    reason: str
    raw_digest: str
    payload: Any = Field(default=None, sa_type=JSON, nullable=True, description="only what came before it was sealed")
    sealed_payload: bytes | None = None
    seen_at: datetime = Field(sa_type=WHEN)
    resolved_at: datetime | None = Field(default=None, sa_type=WHEN)


class QuarantineStore:
    """Never commits: the caller's unit of work does, once."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(
        self, account: AccountId, stream: str, poison: Sequence[Poison], *, digest: str, at: datetime
    ) -> Sequence[datetime | None]:
        """Set records aside; gives for each since when it stands here already, None for what is new.

        The same record refused for the same reason is listed once, in whatever payload it comes; one without an id is
        the same where all of it is. `digest` names the raw payload they were found in.
        """
        return [self._add(account, stream, one, digest, at) for one in poison]

    def _add(self, account: AccountId, stream: str, one: Poison, digest: str, at: datetime) -> datetime | None:
        name, reason, payload = _clean(one.external_id), _clean(one.reason), _json(one.payload)
        alike = self._session.exec(
            select(QuarantineRow)
            .where(
                QuarantineRow.account == account,
                QuarantineRow.stream == stream,
                col(QuarantineRow.external_id).is_not_distinct_from(name),
                QuarantineRow.reason == reason,
                col(QuarantineRow.resolved_at).is_(None),
            )
            .order_by(col(QuarantineRow.seen_at))
            .limit(_COMPARED)
        ).all()
        if alike and name is not None:
            return alike[0].seen_at
        for row in alike:
            if row.sealed_payload is not None and self._opened(row) == payload:
                return row.seen_at
        put = insert(QuarantineRow).values(
            account=account, stream=stream, external_id=name, reason=reason, raw_digest=digest, seen_at=at,
            sealed_payload=vault_of(self._session).seal_bytes(payload, _place(digest)),
        )  # fmt: skip
        again = {"seen_at": at, "resolved_at": None, "sealed_payload": put.excluded.sealed_payload}
        self._session.execute(
            put.on_conflict_do_update(
                constraint="quarantine_once", set_=again, where=col(QuarantineRow.resolved_at).is_not(None)
            )
        )
        return alike[0].seen_at if alike else None

    def resolve_named(self, account: AccountId, stream: str, names: Collection[str], *, at: datetime) -> None:
        """Records that were set aside up to `at` could be read now."""
        self._resolve(account, stream, col(QuarantineRow.external_id).in_(names), at)

    def resolve_nameless(self, account: AccountId, stream: str, *, since: datetime, at: datetime) -> None:
        """Records without an id that were set aside since then: all that they came with could be read now."""
        nameless = col(QuarantineRow.external_id).is_(None) & (col(QuarantineRow.seen_at) >= since)
        self._resolve(account, stream, nameless, at)

    def _resolve(self, account: AccountId, stream: str, which: ColumnElement[bool], at: datetime) -> None:
        self._session.execute(
            update(QuarantineRow)
            .where(
                col(QuarantineRow.account) == account,
                col(QuarantineRow.stream) == stream,
                col(QuarantineRow.resolved_at).is_(None),
                col(QuarantineRow.seen_at) <= at,
                which,
            )
            .values(resolved_at=at)
        )

    def payload(self, id: int) -> Any:
        """What was set aside, None where there is no such record. Raises ConfigError for another key."""
        row = self._session.get(QuarantineRow, id)
        if row is None or row.sealed_payload is None:
            return None if row is None else row.payload
        return orjson.loads(self._opened(row))

    def drop_naming(self, account: AccountId, marks: Sequence[bytes]) -> int:
        """Empty the account's records that hold one of these marks; gives how many. That they were set aside stays."""
        asked = select(QuarantineRow).where(
            QuarantineRow.account == account, col(QuarantineRow.sealed_payload).is_not(None)
        )
        naming = [row for row in self._session.exec(asked).all() if any(m in self._opened(row) for m in marks)]
        for row in naming:
            row.sealed_payload = None
        self._session.flush()
        return len(naming)

    def _opened(self, row: QuarantineRow) -> bytes:
        sealed = b"" if row.sealed_payload is None else row.sealed_payload
        return vault_of(self._session).open_bytes(sealed, _place(row.raw_digest))

    def seal_old(self, most: int) -> int:
        """Seal what was set aside before that was sealed; gives how many, 0 = none is left."""
        found = self._session.exec(
            select(QuarantineRow)
            .where(col(QuarantineRow.payload).is_not(None))
            .limit(most)
            .with_for_update(skip_locked=True)
        ).all()
        for row in found:
            row.sealed_payload = vault_of(self._session).seal_bytes(_json(row.payload), _place(row.raw_digest))
            row.payload = null()
        self._session.flush()
        return len(found)

    def open(self, *, limit: int = 500) -> Sequence[QuarantineView]:
        """What is set aside and not resolved, newest first."""
        found = self._session.exec(
            select(QuarantineRow)
            .where(col(QuarantineRow.resolved_at).is_(None))
            .order_by(col(QuarantineRow.seen_at).desc(), col(QuarantineRow.id).desc())
            .limit(limit)
        )
        return [
            QuarantineView(r.id or 0, r.account, r.stream, r.external_id, r.reason, r.seen_at, r.raw_digest)
            for r in found
        ]

    def count_open(self) -> int:
        asked = select(func.count()).select_from(QuarantineRow).where(col(QuarantineRow.resolved_at).is_(None))
        return self._session.exec(asked).one()

    def resolve_payload(self, digest: str, *, at: datetime) -> int:
        """Everything found in one payload is resolved: a better parser read it. Gives how many there were."""
        done = self._session.execute(
            update(QuarantineRow)
            .where(col(QuarantineRow.raw_digest) == digest, col(QuarantineRow.resolved_at).is_(None))
            .values(resolved_at=at)
            .returning(col(QuarantineRow.id))
        )
        return len(done.all())


def _clean(text: Any) -> Any:
    return text.replace("\0", "\ufffd") if isinstance(text, str) else text


def _json(payload: Any) -> bytes:
    """The payload as JSON: whatever is none as its text."""
    try:
        return orjson.dumps(payload, default=str, option=orjson.OPT_NON_STR_KEYS)
    except orjson.JSONEncodeError:
        return orjson.dumps(repr(payload).encode("utf-8", "replace").decode())


def _place(digest: str) -> str:
    return f"quarantine\npayload\n{digest}"
