"""Orders and their lines. The newest version of an order wins as a whole, lines included."""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice
from typing import Final

from sqlmodel import Field, Session, SQLModel, col, select

from ecom_agent.ids import AccountId, MarketplaceId, OrderId, Sku
from ecom_agent.records.orders import Order, OrderLine, OrderStatus
from ecom_agent.store.bulk import Row, Target, Written, as_text, merge_sql, newest, stage
from ecom_agent.store.columns import CURRENCY, MINOR, WHEN, minor, money


class OrderRow(SQLModel, table=True):
    __tablename__ = "orders"
    account: str = Field(primary_key=True)
    order_id: str = Field(primary_key=True)
    marketplace: str
    status: str
    status_raw: str
    purchased_at: datetime = Field(sa_type=WHEN, index=True)
    updated_at: datetime = Field(sa_type=WHEN)
    currency: str | None = Field(sa_type=CURRENCY)
    total_minor: int | None = Field(sa_type=MINOR)
    country: str | None
    fulfilment: str | None
    lines_sum: int = Field(sa_type=MINOR, description="CRC-32 of the lines: tells versions of one moment apart")
    seen_at: datetime = Field(sa_type=WHEN)


class OrderLineRow(SQLModel, table=True):
    __tablename__ = "order_line"
    account: str = Field(primary_key=True)
    order_id: str = Field(primary_key=True)
    line_id: str = Field(primary_key=True)
    sku: str | None
    external_id: str | None
    title: str
    quantity: int
    unit_price_minor: int | None = Field(sa_type=MINOR)
    total_minor: int | None = Field(sa_type=MINOR)
    currency: str | None = Field(sa_type=CURRENCY)


_ORDERS: Final = Target(
    "orders",
    key=("account", "order_id"),
    version="updated_at",
    content=(
        "marketplace",
        "status",
        "status_raw",
        "purchased_at",
        "currency",
        "total_minor",
        "country",
        "fulfilment",
        "lines_sum",
    ),
    extra=("seen_at",),
)
_LINES: Final = (
    "account", "order_id", "line_id", "sku", "external_id", "title", "quantity", "unit_price_minor", "total_minor",
    "currency",
)  # fmt: skip

# in_changed: the orders that were written; only their lines move. xmax = 0: a new row, which has no former lines.
_MERGE: Final = b"""
CREATE TEMP TABLE IF NOT EXISTS in_changed (account varchar, order_id varchar, fresh boolean) ON COMMIT DELETE ROWS;
TRUNCATE in_changed;
WITH done AS (%s) INSERT INTO in_changed SELECT account, order_id, fresh FROM done
""" % merge_sql(_ORDERS, "RETURNING account, order_id, xmax = 0 AS fresh")
_ADD_LINES: Final = f"""
INSERT INTO order_line ({", ".join(_LINES)})
SELECT {", ".join("new." + c for c in _LINES)} FROM in_order_line AS new JOIN in_changed USING (account, order_id)
ON CONFLICT (account, order_id, line_id) DO UPDATE SET {", ".join(f"{c} = excluded.{c}" for c in _LINES[3:])}
""".encode()
_DROP_LINES: Final = b"""
DELETE FROM order_line AS line USING in_changed AS changed
WHERE NOT changed.fresh AND line.account = changed.account AND line.order_id = changed.order_id AND NOT EXISTS (
    SELECT FROM in_order_line AS new
    WHERE new.account = line.account AND new.order_id = line.order_id AND new.line_id = line.line_id)
"""


class OrderStore:
    """Never commits: the caller's unit of work does, once."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def upsert(self, orders: Sequence[Order], *, seen_at: datetime) -> Written:
        """Write the orders that are newer than what stands; a changed order's lines are replaced as a whole."""
        unique = newest(orders, lambda o: (o.account, o.order_id), lambda o: o.updated_at)
        if not unique:
            return Written(0, 0)
        lines = as_text([_line(order, line) for order in unique for line in order.lines])
        stage(self._session, "order_line", _LINES, lines)
        rest, seen = iter(lines), seen_at.isoformat()
        orders_text = as_text([_order(o, "\n".join(islice(rest, len(o.lines))), seen) for o in unique])
        cursor = stage(self._session, "orders", _ORDERS.columns, orders_text)
        cursor.execute(_MERGE)
        while cursor.nextset():
            pass
        written = cursor.rowcount
        cursor.execute(_ADD_LINES)
        cursor.execute(_DROP_LINES)
        return Written(written, len(orders) - written)

    def get(self, account: AccountId, order_id: OrderId) -> Order | None:
        row = self._session.get(OrderRow, (account, order_id))
        return None if row is None else self._with_lines([row])[0]

    def purchased_between(self, account: AccountId, start: datetime, end: datetime) -> Sequence[Order]:
        """Orders bought in [start, end), oldest first."""
        found = self._session.exec(
            select(OrderRow)
            .where(OrderRow.account == account, OrderRow.purchased_at >= start, OrderRow.purchased_at < end)
            .order_by(col(OrderRow.purchased_at), col(OrderRow.order_id))
        ).all()
        return self._with_lines(found)

    def _with_lines(self, rows: Sequence[OrderRow]) -> list[Order]:
        if not rows:
            return []
        found = self._session.exec(
            select(OrderLineRow)
            .where(OrderLineRow.account == rows[0].account, col(OrderLineRow.order_id).in_([r.order_id for r in rows]))
            .order_by(col(OrderLineRow.line_id))
        )
        lines: dict[str, list[OrderLineRow]] = defaultdict(list)
        for line in found:
            lines[line.order_id].append(line)
        return [_record(row, lines[row.order_id]) for row in rows]


def _line(order: Order, line: OrderLine) -> Row:
    price, total = line.unit_price, line.total
    known = price if total is None else total
    return (
        order.account, order.order_id, line.line_id, line.sku, line.external_id, line.title, line.quantity,
        None if price is None else price.minor, None if total is None else total.minor,
        None if known is None else known.currency,
    )  # fmt: skip


def _order(order: Order, lines: str, seen_at: str) -> Row:
    return (
        order.account, order.order_id, order.updated_at, order.marketplace, order.status.value, order.status_raw,
        order.purchased_at, order.currency, minor(order.total), order.country, order.fulfilment,
        zlib.crc32(lines.encode("utf-8", "replace")), seen_at,
    )  # fmt: skip


def _record(row: OrderRow, lines: Iterable[OrderLineRow]) -> Order:
    return Order(
        account=AccountId(row.account),
        marketplace=MarketplaceId(row.marketplace),
        order_id=OrderId(row.order_id),
        status=OrderStatus(row.status),
        status_raw=row.status_raw,
        purchased_at=row.purchased_at,
        updated_at=row.updated_at,
        currency=row.currency,
        total=money(row.total_minor, row.currency),
        country=row.country,
        fulfilment=row.fulfilment,
        lines=tuple(
            OrderLine(
                line_id=line.line_id,
                sku=None if line.sku is None else Sku(line.sku),
                external_id=line.external_id,
                title=line.title,
                quantity=line.quantity,
                unit_price=money(line.unit_price_minor, line.currency),
                total=money(line.total_minor, line.currency),
            )
            for line in lines
        ),
    )
