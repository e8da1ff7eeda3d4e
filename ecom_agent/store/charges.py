"""What platforms booked. A charge stands as it came; only what was open about it is learned later, once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import func
from sqlmodel import Field, Session, SQLModel, col, select

from ecom_agent.ids import AccountId, MarketplaceId, OrderId, Sku
from ecom_agent.money import Money
from ecom_agent.records.finance import Charge, ChargeKind
from ecom_agent.store.bulk import Row, Written, as_text, stage
from ecom_agent.store.charge_words import settle_words
from ecom_agent.store.columns import CURRENCY, MINOR, WHEN


class ChargeRow(SQLModel, table=True):
    __tablename__ = "charge"
    account: str = Field(primary_key=True)
    charge_id: str = Field(primary_key=True)
    marketplace: str
    order_id: str | None
    sku: str | None
    kind: str
    kind_raw: str
    amount_minor: int = Field(sa_type=MINOR)
    currency: str = Field(sa_type=CURRENCY)
    booked_at: datetime = Field(sa_type=WHEN)
    settlement_id: str | None


_COLUMNS: Final = (
    "account", "charge_id", "marketplace", "order_id", "sku", "kind", "kind_raw", "amount_minor", "currency",
    "booked_at", "settlement_id",
)  # fmt: skip
_OTHER_MONEY: Final = b"""
SELECT 1 FROM in_charge AS new JOIN charge AS old USING (account, charge_id)
WHERE (old.amount_minor, old.currency) IS DISTINCT FROM (new.amount_minor, new.currency) LIMIT 1
"""
_MERGE: Final = f"""
INSERT INTO charge AS old ({", ".join(_COLUMNS)}) SELECT {", ".join(_COLUMNS)} FROM in_charge
ON CONFLICT (account, charge_id) DO UPDATE SET
  settlement_id = coalesce(old.settlement_id, excluded.settlement_id),
  kind = CASE WHEN old.kind = '{ChargeKind.UNMAPPED}' THEN excluded.kind ELSE old.kind END
WHERE (old.settlement_id IS NULL AND excluded.settlement_id IS NOT NULL)
   OR (old.kind = '{ChargeKind.UNMAPPED}' AND excluded.kind <> '{ChargeKind.UNMAPPED}')
""".encode()


class ChargeStore:
    """Never commits: the caller's unit of work does, once."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def upsert(self, charges: Sequence[Charge]) -> Written:
        """Write the charges that are new, and what others learned: their settlement, what an unknown word means.

        A booking that is known under another word of its number by now is not written again (`charge_words`).

        Raises ValueError where one comes with other money than stands under its id: two bookings that share an id
        must not become one.
        """
        unique = settle_words(self._session, _by_id(charges))
        if not unique:
            return Written(0, 0)
        cursor = stage(self._session, "charge", _COLUMNS, as_text([_row(one) for one in unique]))
        if cursor.execute(_OTHER_MONEY).fetchone() is not None:
            raise ValueError("other money stands under its id")
        cursor.execute(_MERGE)
        return Written(cursor.rowcount, len(charges) - cursor.rowcount)

    def booked_between(self, account: AccountId, start: datetime, end: datetime) -> Sequence[Charge]:
        """Charges booked in [start, end), oldest first."""
        found = self._session.exec(
            select(ChargeRow)
            .where(ChargeRow.account == account, ChargeRow.booked_at >= start, ChargeRow.booked_at < end)
            .order_by(col(ChargeRow.booked_at), col(ChargeRow.charge_id))
        )
        return [_record(row) for row in found]

    def count(self, account: AccountId) -> int:
        asked = select(func.count()).select_from(ChargeRow).where(ChargeRow.account == account)
        return self._session.exec(asked).one()


def _by_id(charges: Iterable[Charge]) -> Sequence[Charge]:
    found: dict[tuple[str, str], Charge] = {}
    for one in charges:
        former = found.get((one.account, one.charge_id))
        if former is not None and former.amount != one.amount:
            raise ValueError("other money comes under its id in the same page")
        if former is None or former.settlement_id is None:
            found[one.account, one.charge_id] = one
    return list(found.values())


def _row(one: Charge) -> Row:
    return (
        one.account, one.charge_id, one.marketplace, one.order_id, one.sku, one.kind, one.kind_raw, one.amount.minor,
        one.amount.currency, one.booked_at, one.settlement_id,
    )  # fmt: skip


def _record(row: ChargeRow) -> Charge:
    return Charge(
        account=AccountId(row.account),
        marketplace=MarketplaceId(row.marketplace),
        charge_id=row.charge_id,
        order_id=None if row.order_id is None else OrderId(row.order_id),
        sku=None if row.sku is None else Sku(row.sku),
        kind=ChargeKind(row.kind),
        kind_raw=row.kind_raw,
        amount=Money(row.amount_minor, row.currency),
        booked_at=row.booked_at,
        settlement_id=row.settlement_id,
    )
