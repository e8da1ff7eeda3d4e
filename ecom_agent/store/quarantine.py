"""Records that could not be read or may not be stored: set aside with their reason, listed until resolved.

The record itself is sealed: it may name a buyer.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import func, null
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, Session, SQLModel, col, select, update

from ecom_agent.connector import Poison
from ecom_agent.ids import AccountId
from ecom_agent.records.views import QuarantineView
from ecom_agent.store.columns import ID, JSON, WHEN
from ecom_agent.store.sealing import vault_of


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

    def add(self, account: AccountId, stream: str, poison: Sequence[Poison], *, digest: str, at: datetime) -> int:
        """Set records aside; one that is here already for the same reason is not listed twice. Gives how many came.

        `digest` names the raw payload they were found in.
        """
        for one in poison:
            row = {
                "account": account, "stream": stream, "external_id": _clean(one.external_id),
                "reason": _clean(one.reason), "raw_digest": digest, "seen_at": at,
                "sealed_payload": vault_of(self._session).seal_bytes(_json(one.payload), _place(digest)),
            }  # fmt: skip
            put = insert(QuarantineRow).values(row)
            self._session.execute(put.on_conflict_do_nothing(constraint="quarantine_once"))
        return len(poison)

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
