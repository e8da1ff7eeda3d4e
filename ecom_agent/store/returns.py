"""Returns and their lines. The newest version of a return wins as a whole, lines included."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import func
from sqlmodel import Field, Session, SQLModel, col, select

from ecom_agent.ids import AccountId, MarketplaceId, OrderId, Sku
from ecom_agent.records.returns import Return, ReturnLine, ReturnStatus
from ecom_agent.store.bulk import Row, Target, Written, newest
from ecom_agent.store.columns import CURRENCY, MINOR, WHEN, minor, money
from ecom_agent.store.lined import Lined


class ReturnRow(SQLModel, table=True):
    __tablename__ = "return_case"
    account: str = Field(primary_key=True)
    return_id: str = Field(primary_key=True)
    marketplace: str
    order_id: str | None
    status: str
    status_raw: str
    opened_at: datetime = Field(sa_type=WHEN)
    updated_at: datetime = Field(sa_type=WHEN)
    refunded_minor: int | None = Field(sa_type=MINOR)
    currency: str | None = Field(sa_type=CURRENCY)
    lines_sum: int = Field(sa_type=MINOR, description="digest of the lines: tells versions of one moment apart")
    lines_moved: bool = Field(description="whether the last version brought other lines than the one before")
    seen_at: datetime = Field(sa_type=WHEN)


class ReturnLineRow(SQLModel, table=True):
    __tablename__ = "return_line"
    account: str = Field(primary_key=True)
    return_id: str = Field(primary_key=True)
    line_id: str = Field(primary_key=True)
    order_line_id: str | None
    sku: str | None
    quantity: int
    reason_raw: str | None
    refund_minor: int | None = Field(sa_type=MINOR)
    currency: str | None = Field(sa_type=CURRENCY)


_CASE: Final = Target(
    "return_case",
    key=("account", "return_id"),
    version="updated_at",
    content=(
        "marketplace", "order_id", "status", "status_raw", "opened_at", "refunded_minor", "currency", "lines_sum",
    ),
    extra=("seen_at",),
)  # fmt: skip
# A platform without a time of change tells the time it was read: then everything is always newer. What tells nothing
# new only moves the time; it goes first, so that the merge finds it standing as it came.
_STILL: Final = f"""
UPDATE return_case AS old SET updated_at = new.updated_at FROM in_return_case AS new
WHERE old.account = new.account AND old.return_id = new.return_id AND old.updated_at < new.updated_at
  AND ({", ".join(f"old.{c}" for c in _CASE.content)})
  IS NOT DISTINCT FROM ({", ".join(f"new.{c}" for c in _CASE.content)})
""".encode()
_RETURNS: Final = Lined(
    target=_CASE,
    lines="return_line",
    line_columns=(
        "account", "return_id", "line_id", "order_line_id", "sku", "quantity", "reason_raw", "refund_minor", "currency",
    ),
    before=_STILL,
)  # fmt: skip


class ReturnStore:
    """Never commits: the caller's unit of work does, once."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def upsert(self, returns: Sequence[Return], *, seen_at: datetime) -> Written:
        """Write the returns that are newer than what stands and tell something else; lines are replaced as a whole."""
        unique = newest(returns, lambda r: (r.account, r.return_id), lambda r: r.updated_at)
        if not unique:
            return Written(0, 0)
        written = _RETURNS.write(self._session, unique, _lines, lambda one, digest: _row(one, digest, seen_at))
        return Written(written, len(returns) - written)

    def opened_between(self, account: AccountId, start: datetime, end: datetime) -> Sequence[Return]:
        """Returns opened in [start, end), oldest first."""
        rows = self._session.exec(
            select(ReturnRow)
            .where(ReturnRow.account == account, ReturnRow.opened_at >= start, ReturnRow.opened_at < end)
            .order_by(col(ReturnRow.opened_at), col(ReturnRow.return_id))
        ).all()
        found = self._session.exec(
            select(ReturnLineRow)
            .where(ReturnLineRow.account == account, col(ReturnLineRow.return_id).in_([r.return_id for r in rows]))
            .order_by(col(ReturnLineRow.line_id))
        )
        lines: dict[str, list[ReturnLineRow]] = defaultdict(list)
        for line in found:
            lines[line.return_id].append(line)
        return [_record(row, lines[row.return_id]) for row in rows]

    def count(self, account: AccountId) -> int:
        asked = select(func.count()).select_from(ReturnRow).where(ReturnRow.account == account)
        return self._session.exec(asked).one()


def _lines(one: Return) -> list[Row]:
    return [_line(one, line) for line in one.lines]


def _line(one: Return, line: ReturnLine) -> Row:
    return (
        one.account, one.return_id, line.line_id, line.order_line_id, line.sku, line.quantity, line.reason_raw,
        minor(line.refund), None if line.refund is None else line.refund.currency,
    )  # fmt: skip


def _row(one: Return, lines_sum: int, seen_at: datetime) -> Row:
    return (
        one.account, one.return_id, one.updated_at, one.marketplace, one.order_id, one.status, one.status_raw,
        one.opened_at, minor(one.refunded), None if one.refunded is None else one.refunded.currency,
        lines_sum, seen_at,
    )  # fmt: skip


def _record(row: ReturnRow, lines: Iterable[ReturnLineRow]) -> Return:
    return Return(
        account=AccountId(row.account),
        marketplace=MarketplaceId(row.marketplace),
        return_id=row.return_id,
        order_id=None if row.order_id is None else OrderId(row.order_id),
        status=ReturnStatus(row.status),
        status_raw=row.status_raw,
        opened_at=row.opened_at,
        updated_at=row.updated_at,
        refunded=money(row.refunded_minor, row.currency),
        lines=tuple(
            ReturnLine(
                line_id=line.line_id,
                order_line_id=line.order_line_id,
                sku=None if line.sku is None else Sku(line.sku),
                quantity=line.quantity,
                reason_raw=line.reason_raw,
                refund=money(line.refund_minor, line.currency),
            )
            for line in lines
        ),
    )
