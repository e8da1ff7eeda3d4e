"""Events: which notifications were handled already, and the durable inbox of webhooks, whose bodies are sealed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, Session, SQLModel, col, select, update

from ecom_agent.ids import AccountId
from ecom_agent.store.columns import ID, WHEN
from ecom_agent.store.journeys import ask
from ecom_agent.store.sealing import vault_of

_TAKE: Final = """
INSERT INTO event_seen (notification_id, account, type, seen_at)
SELECT id, %s::text, %s::text, %s::timestamptz FROM unnest(%s::text[]) AS id
ON CONFLICT DO NOTHING RETURNING notification_id"""


class EventSeenRow(SQLModel, table=True):
    __tablename__ = "event_seen"
    notification_id: str = Field(primary_key=True)
    account: str
    type: str
    seen_at: datetime = Field(sa_type=WHEN)


class EventInboxRow(SQLModel, table=True):
    __tablename__ = "event_inbox"
    id: int | None = Field(default=None, primary_key=True, sa_type=ID)
    account: str
    source: str
    topic: str
    dedupe_id: str = Field(unique=True)
    body: bytes
    received_at: datetime = Field(sa_type=WHEN)
    processed_at: datetime | None = Field(default=None, sa_type=WHEN)
    error: str | None = None
    sealed: bool = True


@dataclass(frozen=True, slots=True)
class InboxEvent:
    """One webhook as received and not yet processed; its signature was checked before it came here."""

    id: int
    account: AccountId
    source: str
    topic: str
    body: bytes
    received_at: datetime


class EventStore:
    """Never commits: an event is remembered in the transaction that holds what it changed."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def seen(self, notification_id: str, *, account: AccountId, type: str, at: datetime) -> bool:
        """Whether this notification was here before; if not, it is from now on.

        Two processes with the same one: the second waits for the first's commit, then is told True.
        """
        return notification_id not in self.take([notification_id], account=account, type=type, at=at)

    def take(self, ids: Sequence[str], *, account: AccountId, type: str, at: datetime) -> set[str]:
        """Remember all of these notifications; gives those that were not here before."""
        if not ids:
            return set()
        found = ask(self._session, _TAKE, (account, type, at, sorted(set(ids))))
        return {row["notification_id"] for row in found.all()}

    def known(self, notification_id: str) -> bool:
        """Whether this notification was here before; nothing is remembered."""
        return self._session.get(EventSeenRow, notification_id) is not None


class InboxStore:
    """Never commits: the caller's unit of work does, once."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def put(self, account: AccountId, source: str, topic: str, dedupe_id: str, body: bytes, *, at: datetime) -> bool:
        """Take in a webhook; False if one of this id came before. Raises ConfigError without the data key."""
        kept = vault_of(self._session).seal_bytes(body, _place(dedupe_id))
        put = insert(EventInboxRow).values(
            account=account, source=source, topic=topic, dedupe_id=dedupe_id, body=kept, sealed=True, received_at=at
        )
        return self._session.execute(put.on_conflict_do_nothing().returning(col(EventInboxRow.id))).first() is not None

    def claim(self, *, limit: int = 100) -> Sequence[InboxEvent]:
        """The oldest unprocessed webhooks, locked to this unit of work; another process gets others.

        A unit that dies or rolls back gives them back. Raises ConfigError for another key, StoreError for damage.
        """
        found = self._session.exec(
            select(EventInboxRow)
            .where(col(EventInboxRow.processed_at).is_(None))
            .order_by(col(EventInboxRow.id))
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        return [
            InboxEvent(r.id or 0, AccountId(r.account), r.source, r.topic, self._opened(r), r.received_at)
            for r in found
        ]

    def done(self, event: InboxEvent, *, at: datetime, error: str | None = None) -> None:
        """Processed; `error` says why it could not be used, and it is not tried again."""
        self._session.execute(
            update(EventInboxRow).where(col(EventInboxRow.id) == event.id).values(processed_at=at, error=error)
        )

    def seal_old(self, most: int) -> int:
        """Seal webhooks that came before they were sealed; gives how many, 0 = none is left."""
        found = self._session.exec(
            select(EventInboxRow).where(~col(EventInboxRow.sealed)).limit(most).with_for_update(skip_locked=True)
        ).all()
        for row in found:
            row.body, row.sealed = vault_of(self._session).seal_bytes(bytes(row.body), _place(row.dedupe_id)), True
        self._session.flush()
        return len(found)

    def drop_naming(self, account: AccountId, marks: Sequence[bytes]) -> int:
        """Delete the account's processed webhooks that hold one of these marks; gives how many. Opens all of them."""
        found = self._session.exec(
            select(EventInboxRow).where(EventInboxRow.account == account, col(EventInboxRow.processed_at).is_not(None))
        ).all()
        naming = [row for row in found if any(mark in self._opened(row) for mark in marks)]
        for row in naming:
            self._session.delete(row)
        self._session.flush()
        return len(naming)

    def _opened(self, row: EventInboxRow) -> bytes:
        body = bytes(row.body)
        return vault_of(self._session).open_bytes(body, _place(row.dedupe_id)) if row.sealed else body


def _place(dedupe_id: str) -> str:
    return f"event_inbox\nbody\n{dedupe_id}"
