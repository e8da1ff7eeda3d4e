"""Forgetting: what tells who a buyer is goes, wherever it stands sealed; orders and their figures stay.

Sealed payloads cannot be searched, so all of the platform's are opened and those that name him are deleted: they are
only what a better parser could read again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import text
from sqlmodel import Session, col, select

from ecom_agent.ids import AccountId
from ecom_agent.records.people import Buyer
from ecom_agent.security.vault import Vault
from ecom_agent.store.customers import CustomerStore
from ecom_agent.store.events import InboxStore
from ecom_agent.store.messages import MessageRow, place_of
from ecom_agent.store.quarantine import QuarantineStore
from ecom_agent.store.raw import RawStore
from ecom_agent.store.replies import ReplyStore

_OLD: Final = (
    text("DELETE FROM raw_payload WHERE seen_at < :before"),
    text("DELETE FROM event_inbox WHERE received_at < :before AND processed_at IS NOT NULL"),
    text("DELETE FROM quarantine WHERE seen_at < :before AND resolved_at IS NOT NULL"),
)
_SHORTEST: Final = 4
"""Shorter marks would be found in everything."""


class Forgetting:
    """Never commits: the caller's unit of work does, once."""

    def __init__(self, session: Session, vault: Vault) -> None:
        self._session, self._vault = session, vault

    def forget(self, key: str, accounts: Sequence[AccountId], at: datetime) -> dict[str, int]:
        """Erase a customer who is known by `key`; `accounts` are those of his platform.

        Gives how many customers, messages, answers of ours, payloads, webhooks and set-aside records were emptied
        or deleted.
        """
        store = CustomerStore(self._session, self._vault)
        known = store.get(key, open_them=True)
        marks = _marks(known.buyer) if known is not None and known.buyer is not None else ()
        replies = ReplyStore(self._session, self._vault).drop_to(key)
        counts = {"customers": store.forget(key, at), "messages": self._messages(key), "replies": replies}
        for name, keeper in (
            ("payloads", RawStore(self._session)),
            ("webhooks", InboxStore(self._session)),
            ("set_aside", QuarantineStore(self._session)),
        ):
            counts[name] = sum(keeper.drop_naming(account, marks) for account in accounts) if marks else 0
        return counts

    def drop_older(self, before: datetime) -> int:
        """Payloads as received that are so old; those that wait to be read or looked at stay."""
        return sum(_count(self._session.connection().execute(sql, {"before": before})) for sql in _OLD)

    def _messages(self, key: str) -> int:
        """What he wrote, and what we wrote to him: that it was stays, the words go."""
        found = self._session.exec(select(MessageRow).where(col(MessageRow.customer) == key)).all()
        for row in found:
            row.sealed_text = self._vault.seal("", place_of(row.account, row.message_id, "text"))
            row.sealed_buyer = None
        self._session.flush()
        return len(found)


def _marks(buyer: Buyer) -> tuple[bytes, ...]:
    """By what a payload is known to name him: ids and addresses, no names, which others have too."""
    return tuple(_as_json(told) for told in (buyer.id, buyer.email, buyer.phone) if told and len(told) >= _SHORTEST)


def _as_json(told: str) -> bytes:
    """As it stands in a payload; a Shopify id stands there as its number."""
    return told.rpartition("/")[2].encode("utf-8", "replace")


def _count(result: Any) -> int:
    return int(result.rowcount)
