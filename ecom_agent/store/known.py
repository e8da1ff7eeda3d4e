"""Which of some records stand already: what a preview tells "new" from "changed" by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import text
from sqlmodel import Session

from ecom_agent.ids import AccountId
from ecom_agent.records.messages import Message
from ecom_agent.records.orders import Order
from ecom_agent.records.reviews import Review

_TABLES: Final[Mapping[type, tuple[str, str]]] = MappingProxyType(
    {Order: ("orders", "order_id"), Review: ("review", "review_id"), Message: ("message", "message_id")}
)
"""The table and its id beside the account."""


def known(session: Session, account: AccountId, records: Sequence[Any]) -> set[str]:
    """Ids of those that stand. The records are of one kind, one that a file can hold."""
    if not records:
        return set()
    table, id = _TABLES[type(records[0])]
    asked = text(f"SELECT {id} FROM {table} WHERE account = :account AND {id} = ANY(:ids)")  # names of our own
    given = {"account": account, "ids": [getattr(record, id) for record in records]}
    return set(session.execute(asked, given).scalars())


def id_of(record: Any) -> str:
    return str(getattr(record, _TABLES[type(record)][1]))
