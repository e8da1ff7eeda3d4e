"""Who bought: one customer for each (platform, buyer's id), however many of our accounts he bought at.

He goes by a keyed hash of that id, which tells nobody without the data key who he is. What a platform tells of the
person (id, name, mail, phone, address) is sealed beside it, and goes when it is asked or when it is old; figures stay.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

import orjson
from sqlalchemy import text
from sqlmodel import Field, Session, SQLModel, col, select

from ecom_agent.records.people import Buyer, Customer
from ecom_agent.security.vault import Vault
from ecom_agent.store.columns import WHEN
from ecom_agent.store.line import driver

_NOTE: Final = b"""
INSERT INTO customer AS old (key, platform, sealed_person, first_seen_at, last_seen_at)
SELECT key, platform, decode(person, 'hex'), first_at, last_at FROM json_to_recordset(%s::json)
  AS seen (key varchar, platform varchar, person text, first_at timestamptz, last_at timestamptz)
ON CONFLICT (key) DO UPDATE SET
  first_seen_at = least(old.first_seen_at, excluded.first_seen_at),
  last_seen_at = greatest(old.last_seen_at, excluded.last_seen_at),
  sealed_person = CASE WHEN old.forgotten_at >= excluded.last_seen_at THEN NULL
    ELSE coalesce(excluded.sealed_person, old.sealed_person) END,
  forgotten_at = CASE WHEN old.forgotten_at >= excluded.last_seen_at THEN old.forgotten_at END"""
_COUNTED: Final = text("""
SELECT c.key, c.platform, c.sealed_person, c.first_seen_at, c.last_seen_at, c.forgotten_at,
  (SELECT count(*) FROM orders o WHERE o.customer = c.key) AS orders,
  (SELECT count(*) FROM message m WHERE m.customer = c.key) AS messages
FROM customer c WHERE CAST(:key AS varchar) IS NULL OR c.key = :key
ORDER BY c.last_seen_at DESC, c.key LIMIT :most""")
_FORGET: Final = text("UPDATE customer SET sealed_person = NULL, forgotten_at = :at WHERE key = :key")
_RETIRE: Final = text("""
UPDATE customer SET sealed_person = NULL, forgotten_at = :at
WHERE sealed_person IS NOT NULL AND platform = :platform AND last_seen_at < :before""")


class CustomerRow(SQLModel, table=True):
    __tablename__ = "customer"
    key: str = Field(primary_key=True)
    platform: str
    sealed_person: bytes | None
    first_seen_at: datetime = Field(sa_type=WHEN)
    last_seen_at: datetime = Field(sa_type=WHEN)
    forgotten_at: datetime | None = Field(sa_type=WHEN)


class CustomerStore:
    """Never commits: the caller's unit of work does, once."""

    def __init__(self, session: Session, vault: Vault) -> None:
        self._session, self._vault = session, vault

    def key(self, platform: str, id: str) -> str:
        """What he goes by: an id that differs by case or blanks around it only is the same."""
        return self._vault.name("customer", platform, id.strip().casefold())

    def note(self, seen: Sequence[tuple[Buyer, datetime]]) -> list[str]:
        """Remember who bought or wrote when; gives their keys, in the order of `seen`.

        What was told with his latest order stands. Whoever was forgotten stays so, unless he came again since.
        """
        keys = [self.key(buyer.platform, buyer.id) for buyer, _ in seen]
        latest: dict[str, tuple[Buyer, datetime]] = {}
        first: dict[str, datetime] = {}
        for key, (buyer, at) in zip(keys, seen, strict=True):
            first[key] = min(at, first.get(key, at))
            if key not in latest or (at, buyer.is_told_of) >= (latest[key][1], latest[key][0].is_told_of):
                latest[key] = buyer, at
        stands = {row.key: row for row in self._session.exec(self._of(latest))}
        told = [
            self._row(key, first[key], *latest[key], stands.get(key))
            for key in sorted(latest)
            if _is_news(first[key], *latest[key], stands.get(key))
        ]
        if told:
            driver(self._session).execute(_NOTE, (orjson.dumps(told).decode(),))
        return keys

    def all(self, *, most: int = 200, open_them: bool = False) -> Sequence[Customer]:
        """Those seen last first. Their data is opened only where that is asked for."""
        return self._counted(None, most, open_them)

    def get(self, key: str, *, open_them: bool = False) -> Customer | None:
        found = self._counted(key, 1, open_them)
        return found[0] if found else None

    def forget(self, key: str, at: datetime) -> int:
        """What was told of him is gone; his orders and their figures stay. Gives how many there were (0 or 1)."""
        return _count(self._session.connection().execute(_FORGET, {"key": key, "at": at}))

    def retire(self, platform: str, before: datetime, at: datetime) -> int:
        """Forget everybody of a platform who was last seen before; gives how many."""
        asked = {"platform": platform, "before": before, "at": at}
        return _count(self._session.connection().execute(_RETIRE, asked))

    def platforms(self) -> Sequence[str]:
        return self._session.exec(select(CustomerRow.platform).distinct().order_by(CustomerRow.platform)).all()

    def _of(self, keys: Mapping[str, Any]) -> Any:
        return select(CustomerRow).where(col(CustomerRow.key).in_(list(keys))).execution_options(populate_existing=True)

    def _row(self, key: str, first: datetime, buyer: Buyer, at: datetime, stands: CustomerRow | None) -> dict[str, Any]:
        keep = stands is not None and stands.sealed_person is not None and not (_is_later(at, stands, buyer))
        person = None if keep else self._vault.seal(orjson.dumps(asdict(buyer)).decode(), _place(key)).hex()
        return {"key": key, "platform": buyer.platform, "person": person, "first_at": first, "last_at": at}

    def _counted(self, key: str | None, most: int, open_them: bool) -> list[Customer]:
        rows = self._session.connection().execute(_COUNTED, {"key": key, "most": most})
        return [
            Customer(
                r.key, r.platform, r.orders, r.messages, r.first_seen_at, r.last_seen_at, r.forgotten_at,
                None if r.sealed_person is None or not open_them else self._opened(r.key, bytes(r.sealed_person)),
            )
            for r in rows
        ]  # fmt: skip

    def _opened(self, key: str, sealed: bytes) -> Buyer:
        return Buyer(**orjson.loads(self._vault.open(sealed, _place(key))))


def _is_later(at: datetime, stands: CustomerRow, buyer: Buyer) -> bool:
    return at > stands.last_seen_at and buyer.is_told_of


def _is_news(first: datetime, buyer: Buyer, at: datetime, stands: CustomerRow | None) -> bool:
    """Whether a row would change: a page that is read again writes nothing."""
    if stands is None or first < stands.first_seen_at or at > stands.last_seen_at:
        return True
    return stands.sealed_person is None and (stands.forgotten_at is None or at > stands.forgotten_at)


def _place(key: str) -> str:
    return f"customer\nperson\n{key}"


def _count(result: Any) -> int:
    return int(result.rowcount)
