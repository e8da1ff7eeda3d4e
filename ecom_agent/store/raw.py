"""Payloads as received, by digest: what a better parser can read again. Compressed at rest."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, Session, SQLModel, col, select

from ecom_agent.errors import NotFound
from ecom_agent.ids import AccountId
from ecom_agent.store.columns import WHEN


class RawPayloadRow(SQLModel, table=True):
    __tablename__ = "raw_payload"
    digest: str = Field(primary_key=True)
    account: str
    stream: str
    operation: str
    body: bytes = Field(description="zlib")
    sealed: bool = True
    seen_at: datetime = Field(sa_type=WHEN)


@dataclass(frozen=True, slots=True)
class RawPayload:
    """One payload, byte for byte as it came; `digest` is its SHA-256 in hex."""

    digest: str
    account: AccountId
    stream: str
    operation: str
    body: bytes
    seen_at: datetime


class RawStore:
    """Never commits: the caller's unit of work does, once."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def keep(self, account: AccountId, stream: str, operation: str, body: bytes, *, seen_at: datetime) -> str:
        """Keep a payload, once however often it comes, and give its digest."""
        digest = hashlib.sha256(body).hexdigest()
        row = {
            "digest": digest, "account": account, "stream": stream, "operation": operation,
            "body": zlib.compress(body, 1), "seen_at": seen_at,
        }  # fmt: skip
        self._session.execute(insert(RawPayloadRow).values(row).on_conflict_do_nothing())
        return digest

    def get_one(self, digest: str) -> RawPayload:
        """Raises NotFound for a digest that is not kept."""
        row = self._session.get(RawPayloadRow, digest)
        if row is None:
            raise NotFound(f"no payload of digest {digest} is kept")
        body = zlib.decompress(row.body)
        return RawPayload(row.digest, AccountId(row.account), row.stream, row.operation, body, row.seen_at)

    def digests(self, account: AccountId, stream: str) -> Sequence[str]:
        """All payloads of a stream, oldest first."""
        return self._session.exec(
            select(RawPayloadRow.digest)
            .where(RawPayloadRow.account == account, RawPayloadRow.stream == stream)
            .order_by(col(RawPayloadRow.seen_at), RawPayloadRow.digest)
        ).all()

    def count(self) -> int:
        return self._session.exec(select(func.count()).select_from(RawPayloadRow)).one()
