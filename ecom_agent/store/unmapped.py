"""Words and fields of platforms that nobody here knows: kept raw where they came, counted and shown here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import orjson
from sqlmodel import Field, Session, SQLModel, col, select

from ecom_agent.ids import AccountId
from ecom_agent.records.unmapped import Unmapped
from ecom_agent.store.columns import ID, WHEN
from ecom_agent.store.line import driver

WORD, FIELD = "word", "field"
_LONGEST: Final = 200
_NOTE: Final = b"""
INSERT INTO unmapped AS old (account, kind, field, value, seen, first_seen_at, last_seen_at)
SELECT account, kind, field, value, seen, at, at FROM json_to_recordset(%s::json)
  AS told (account varchar, kind varchar, field varchar, value varchar, seen bigint, at timestamptz)
ON CONFLICT (account, kind, field, value) DO UPDATE SET seen = old.seen + excluded.seen,
  first_seen_at = least(old.first_seen_at, excluded.first_seen_at),
  last_seen_at = greatest(old.last_seen_at, excluded.last_seen_at)"""


class UnmappedRow(SQLModel, table=True):
    __tablename__ = "unmapped"
    account: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    field: str = Field(primary_key=True)
    value: str = Field(primary_key=True)
    seen: int = Field(sa_type=ID)
    first_seen_at: datetime = Field(sa_type=WHEN)
    last_seen_at: datetime = Field(sa_type=WHEN)


class UnmappedStore:
    """Never commits: what is unknown is told of in the transaction that keeps it."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def note(self, account: AccountId, found: Mapping[tuple[str, str, str], int], at: datetime) -> None:
        """Count (kind, field, value) as often as each was met. In one order, so that two pages wait for each other."""
        rows: dict[tuple[str, str, str], int] = {}
        for (kind, field, value), seen in found.items():
            key = kind, _short(field), _short(value)
            rows[key] = rows.get(key, 0) + seen
        told = [
            {"account": account, "kind": kind, "field": field, "value": value, "seen": seen, "at": at}
            for (kind, field, value), seen in sorted(rows.items())
        ]
        if told:
            driver(self._session).execute(_NOTE, (orjson.dumps(told).decode(),))

    def all(self, platforms: Mapping[str, str]) -> Sequence[Unmapped]:
        """Words before fields, those met last first. `platforms`: account → platform."""
        found = self._session.exec(
            select(UnmappedRow).order_by(
                col(UnmappedRow.kind).desc(), col(UnmappedRow.last_seen_at).desc(), UnmappedRow.account,
                UnmappedRow.field, UnmappedRow.value,
            )
        )  # fmt: skip
        return [
            Unmapped(
                r.account, platforms.get(r.account), r.kind, r.field, r.value, r.seen, r.first_seen_at, r.last_seen_at
            )
            for r in found
        ]


def _short(told: str) -> str:
    return told.replace("\0", "\ufffd").encode("utf-8", "replace").decode()[:_LONGEST]
