"""Buyers' messages and our answers. Texts and buyers' ids are sealed before they leave this process.

A message stands as it came; only that it was read is learned later.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import func
from sqlalchemy.orm import aliased
from sqlmodel import Field, Session, SQLModel, col, select

from ecom_agent.ids import AccountId, MarketplaceId, OrderId
from ecom_agent.records.messages import Message
from ecom_agent.records.people import Buyer
from ecom_agent.security.vault import HEAD, Vault
from ecom_agent.store.bulk import Row, Written, as_text, stage
from ecom_agent.store.columns import WHEN
from ecom_agent.store.customers import CustomerStore


class MessageRow(SQLModel, table=True):
    __tablename__ = "message"
    account: str = Field(primary_key=True)
    message_id: str = Field(primary_key=True)
    marketplace: str
    conversation_id: str
    from_buyer: bool
    sent_at: datetime = Field(sa_type=WHEN)
    sealed_text: bytes
    sealed_buyer: bytes | None
    order_id: str | None
    listing_id: str | None
    read: bool | None
    customer: str | None = Field(default=None, description="the buyer's side of it: a key of `customer`")


_COLUMNS: Final = (
    "account", "message_id", "marketplace", "conversation_id", "from_buyer", "sent_at", "sealed_text", "sealed_buyer",
    "order_id", "listing_id", "read", "customer",
)  # fmt: skip
_MERGE: Final = f"""
INSERT INTO message AS old ({", ".join(_COLUMNS)}) SELECT {", ".join(_COLUMNS)} FROM in_message
ON CONFLICT (account, message_id) DO UPDATE SET
  read = CASE WHEN excluded.read THEN true ELSE old.read END, customer = coalesce(old.customer, excluded.customer)
WHERE (excluded.read AND old.read IS NOT TRUE) OR (old.customer IS NULL AND excluded.customer IS NOT NULL)
""".encode()


class MessageStore:
    """Never commits: the caller's unit of work does, once."""

    def __init__(self, session: Session, vault: Vault) -> None:
        self._session, self._vault = session, vault

    def upsert(self, messages: Sequence[Message]) -> Written:
        """Write the messages that are new, and which of the others were read since.

        Raises ConfigError where what stands was sealed by another key: a second one would make a part unreadable.
        """
        unique = list({(one.account, one.message_id): one for one in messages}.values())
        if not unique:
            return Written(0, 0)
        self.check_key()
        customers = self._customers(unique)
        rows = [_row(one, self._vault, customers.get((one.account, one.message_id))) for one in unique]
        cursor = stage(self._session, "message", _COLUMNS, as_text(rows))
        cursor.execute(_MERGE)
        return Written(cursor.rowcount, len(messages) - cursor.rowcount)

    def _customers(self, messages: Sequence[Message]) -> dict[tuple[AccountId, str], str]:
        """With whom each message was exchanged, by key."""
        told = [
            ((one.account, one.message_id), Buyer(one.platform, one.buyer), one.sent_at)
            for one in messages
            if one.platform is not None and one.buyer
        ]
        keys = CustomerStore(self._session, self._vault).note([(buyer, at) for _, buyer, at in told]) if told else []
        return {message: key for (message, _, _), key in zip(told, keys, strict=True)}

    def sent_between(self, account: AccountId, start: datetime, end: datetime) -> Sequence[Message]:
        """Messages sent in [start, end), oldest first. Raises ConfigError for another key, StoreError for damage."""
        found = self._session.exec(
            select(MessageRow)
            .where(MessageRow.account == account, MessageRow.sent_at >= start, MessageRow.sent_at < end)
            .order_by(col(MessageRow.sent_at), col(MessageRow.message_id))
        )
        return [_record(row, self._vault) for row in found]

    def get(self, account: AccountId, message_id: str) -> Message | None:
        """Raises ConfigError for another key, StoreError for damage; so do the next three."""
        row = self._session.get(MessageRow, (account, message_id))
        return None if row is None else _record(row, self._vault)

    def newest(self, account: AccountId, conversation_id: str, *, of_buyer: bool = False) -> Message | None:
        """The latest of one conversation, by whomever; `of_buyer` = the buyer's latest."""
        asked = select(MessageRow).where(MessageRow.account == account, MessageRow.conversation_id == conversation_id)
        if of_buyer:
            asked = asked.where(col(MessageRow.from_buyer))
        latest = asked.order_by(col(MessageRow.sent_at).desc(), col(MessageRow.message_id).desc()).limit(1)
        row = self._session.exec(latest).first()
        return None if row is None else _record(row, self._vault)

    def conversation(self, account: AccountId, conversation_id: str, most: int) -> Sequence[Message]:
        """The latest `most` of one conversation, oldest first."""
        rows = self._session.exec(
            select(MessageRow)
            .where(MessageRow.account == account, MessageRow.conversation_id == conversation_id)
            .order_by(col(MessageRow.sent_at).desc(), col(MessageRow.message_id).desc())
            .limit(most)
        )
        return [_record(row, self._vault) for row in reversed(rows.all())]

    def latest_of_each(self, since: datetime, most: int) -> Sequence[Message]:
        """The latest message of each conversation of any account in which something was said since, newest first."""
        latest = (
            select(MessageRow)
            .distinct(col(MessageRow.account), col(MessageRow.conversation_id))
            .where(MessageRow.sent_at >= since)
            .order_by(
                col(MessageRow.account),
                col(MessageRow.conversation_id),
                col(MessageRow.sent_at).desc(),
                col(MessageRow.message_id).desc(),
            )
        ).subquery()
        one = aliased(MessageRow, latest)
        rows = self._session.exec(select(one).order_by(col(one.sent_at).desc(), col(one.message_id)).limit(most))
        return [_record(row, self._vault) for row in rows]

    def count(self, account: AccountId) -> int:
        asked = select(func.count()).select_from(MessageRow).where(MessageRow.account == account)
        return self._session.exec(asked).one()

    def check_key(self) -> None:
        """Raises ConfigError where messages were sealed by another key.

        Any row will do: all of them are sealed by one key, for this is asked before every write.
        """
        head = self._session.exec(select(func.substring(MessageRow.sealed_text, 1, HEAD)).limit(1)).first()
        if head is not None:
            self._vault.check(head)


def place_of(account: str, message_id: str, column: str) -> str:
    """What a sealed value of a message opens at."""
    return f"message\n{column}\n{account}\n{message_id}"


def _row(one: Message, vault: Vault, customer: str | None) -> Row:
    def sealed(text: str | None, column: str) -> str | None:
        """As COPY takes bytes: in hex."""
        return None if text is None else f"\\x{vault.seal(text, place_of(one.account, one.message_id, column)).hex()}"

    return (
        one.account, one.message_id, one.marketplace, one.conversation_id, one.from_buyer, one.sent_at,
        sealed(one.text, "text"), sealed(one.buyer, "buyer"), one.order_id, one.listing_id, one.read,
        customer,
    )  # fmt: skip


def _record(row: MessageRow, vault: Vault) -> Message:
    buyer = row.sealed_buyer
    return Message(
        account=AccountId(row.account),
        marketplace=MarketplaceId(row.marketplace),
        message_id=row.message_id,
        conversation_id=row.conversation_id,
        from_buyer=row.from_buyer,
        sent_at=row.sent_at,
        text=vault.open(row.sealed_text, place_of(row.account, row.message_id, "text")),
        buyer=None if buyer is None else vault.open(buyer, place_of(row.account, row.message_id, "buyer")),
        order_id=None if row.order_id is None else OrderId(row.order_id),
        listing_id=row.listing_id,
        read=row.read,
    )
