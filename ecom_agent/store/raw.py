"""Payloads as received, by digest: what a better parser can read again. Compressed, then sealed: they name buyers.

The digest is that of the plain payload, so that what comes twice is kept once.
"""

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
from ecom_agent.store.sealing import vault_of


class RawPayloadRow(SQLModel, table=True):
    __tablename__ = "raw_payload"
    digest: str = Field(primary_key=True)
    account: str
    stream: str
    operation: str
    body: bytes = Field(description="zlib, and sealed after it")
    sealed: bool = Field(default=True, description="false: it came before payloads were sealed, and will be")
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
        """Keep a payload, once however often it comes, and give its digest. Raises ConfigError without the data key."""
        digest = hashlib.sha256(body).hexdigest()
        kept = vault_of(self._session).seal_bytes(zlib.compress(body, 1), _place(digest))
        row = {
            "digest": digest, "account": account, "stream": stream, "operation": operation,
            "body": kept, "sealed": True, "seen_at": seen_at,
        }  # fmt: skip
        self._session.execute(insert(RawPayloadRow).values(row).on_conflict_do_nothing())
        return digest

    def get_one(self, digest: str) -> RawPayload:
        """Raises NotFound for a digest that is not kept, ConfigError for another key, StoreError for damage."""
        row = self._session.get(RawPayloadRow, digest)
        if row is None:
            raise NotFound(f"no payload of digest {digest} is kept")
        packed = vault_of(self._session).open_bytes(row.body, _place(digest)) if row.sealed else row.body
        body = zlib.decompress(packed)
        return RawPayload(row.digest, AccountId(row.account), row.stream, row.operation, body, row.seen_at)

    def seal_old(self, most: int) -> int:
        """Seal payloads that came before payloads were sealed; gives how many, 0 = none is left."""
        found = self._session.exec(
            select(RawPayloadRow).where(~col(RawPayloadRow.sealed)).limit(most).with_for_update(skip_locked=True)
        ).all()
        for row in found:
            row.body, row.sealed = vault_of(self._session).seal_bytes(row.body, _place(row.digest)), True
        self._session.flush()
        return len(found)

    def drop_naming(self, account: AccountId, marks: Sequence[bytes]) -> int:
        """Delete the account's payloads that hold one of these marks; gives how many. Opens all of them."""
        asked = select(RawPayloadRow.digest).where(RawPayloadRow.account == account)
        return sum(self._drop_if(digest, marks) for digest in self._session.exec(asked).all())

    def _drop_if(self, digest: str, marks: Sequence[bytes]) -> int:
        body = self.get_one(digest).body
        row = self._session.get_one(RawPayloadRow, digest)
        if named := any(mark in body for mark in marks):
            self._session.delete(row)
            self._session.flush()
        else:
            self._session.expunge(row)
        return int(named)

    def digests(self, account: AccountId, stream: str) -> Sequence[str]:
        """All payloads of a stream, oldest first."""
        return self._session.exec(
            select(RawPayloadRow.digest)
            .where(RawPayloadRow.account == account, RawPayloadRow.stream == stream)
            .order_by(col(RawPayloadRow.seen_at), RawPayloadRow.digest)
        ).all()

    def count(self) -> int:
        return self._session.exec(select(func.count()).select_from(RawPayloadRow)).one()


def _place(digest: str) -> str:
    return f"raw_payload\nbody\n{digest}"
