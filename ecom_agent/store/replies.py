"""What we wish to answer buyers, sealed. An Action carries the digest only; here is the text it stands for."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, Session, SQLModel, col, delete, select

from ecom_agent.ids import AccountId
from ecom_agent.records.messages import Reply
from ecom_agent.security.vault import Vault
from ecom_agent.store.columns import WHEN
from ecom_agent.store.messages import MessageStore

_TO: Final = text("""
DELETE FROM reply r USING message m
WHERE m.account = r.account AND m.conversation_id = r.conversation_id AND m.customer = :customer""")
"""Whoever wrote in a conversation is answered in it, whichever of his messages an answer names."""


class ReplyRow(SQLModel, table=True):
    __tablename__ = "reply"
    account: str = Field(primary_key=True)
    conversation_id: str = Field(primary_key=True)
    digest: str = Field(primary_key=True)
    answers: str
    sealed_text: bytes
    written_by: str
    written_at: datetime = Field(sa_type=WHEN)


class ReplyStore:
    """Never commits: the caller's unit of work does, once."""

    def __init__(self, session: Session, vault: Vault) -> None:
        self._session, self._vault = session, vault

    def keep(self, reply: Reply) -> None:
        """The same words to the same message are kept once. Raises ConfigError where messages have another key."""
        to, digest = reply.to, reply.said.digest
        MessageStore(self._session, self._vault).check_key()
        row = {
            "account": to.account,
            "conversation_id": to.conversation_id,
            "digest": digest,
            "answers": to.message_id,
            "sealed_text": self._vault.seal(reply.text, _place(to.account, to.conversation_id, digest)),
            "written_by": reply.written_by,
            "written_at": reply.written_at,
        }
        self._session.execute(insert(ReplyRow).values(row).on_conflict_do_nothing())

    def find(self, account: AccountId, conversation_id: str, digest: str) -> Reply | None:
        """None where it, or the message that it answers, is not there.

        Raises ConfigError for another key, StoreError for damage.
        """
        row = self._session.exec(
            select(ReplyRow).where(
                ReplyRow.account == account, ReplyRow.conversation_id == conversation_id, ReplyRow.digest == digest
            )
        ).first()
        if row is None:
            return None
        to = MessageStore(self._session, self._vault).get(account, row.answers)
        if to is None:
            return None
        text = self._vault.open(row.sealed_text, _place(account, conversation_id, digest))
        return Reply(to, text, row.written_by, row.written_at)

    def drop_older(self, before: datetime) -> int:
        """Delete what was written so long ago; the Action that wished it keeps its digest. Gives how many."""
        return _count(self._session.connection().execute(delete(ReplyRow).where(col(ReplyRow.written_at) < before)))

    def drop_to(self, customer: str) -> int:
        """Delete what was written to one customer, by his key; gives how many. What still waits is sent no more."""
        return _count(self._session.connection().execute(_TO, {"customer": customer}))


def _count(result: Any) -> int:
    return int(result.rowcount)


def _place(account: str, conversation_id: str, digest: str) -> str:
    return f"reply\ntext\n{account}\n{conversation_id}\n{digest}"
