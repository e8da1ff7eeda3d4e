"""Orders and their lines. The newest version of an order wins as a whole, lines included. Buyers are kept apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from sqlmodel import Field, Session, SQLModel, col, select

from ecom_agent.ids import AccountId, MarketplaceId, OrderId, Sku
from ecom_agent.records.orders import Order, OrderLine, OrderStatus
from ecom_agent.store.bulk import Row, Target, Written, newest
from ecom_agent.store.columns import CURRENCY, MINOR, WHEN, minor, money
from ecom_agent.store.customers import CustomerStore
from ecom_agent.store.lined import Lined
from ecom_agent.store.sealing import vault_of


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
    lines_sum: int = Field(sa_type=MINOR, description="digest of the lines: tells versions of one moment apart")
    lines_moved: bool = Field(description="whether the last version brought other lines than the one before")
    customer: str | None = Field(default=None, description="who bought: a key of `customer`")
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


_ORDERS: Final = Lined(
    target=Target(
        "orders",
        key=("account", "order_id"),
        version="updated_at",
        content=(
            "marketplace", "status", "status_raw", "purchased_at", "currency", "total_minor", "country", "fulfilment",
            "lines_sum",
        ),
        extra=("seen_at",),
        keep=("customer",),
    ),
    lines="order_line",
    line_columns=(
        "account", "order_id", "line_id", "sku", "external_id", "title", "quantity", "unit_price_minor", "total_minor",
        "currency",
    ),
)  # fmt: skip


class OrderStore:
    """Never commits: the caller's unit of work does, once."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def upsert(self, orders: Sequence[Order], *, seen_at: datetime) -> Written:
        """Write the orders that are newer than what stands; a changed order's lines are replaced as a whole."""
        unique = newest(orders, _key, lambda o: o.updated_at)
        if not unique:
            return Written(0, 0)
        seen, bought = seen_at.isoformat(), self._customers(unique)
        written = _ORDERS.write(
            self._session, unique, _lines, lambda order, digest: _order(order, digest, seen, bought.get(_key(order)))
        )
        return Written(written, len(orders) - written)

    def _customers(self, orders: Sequence[Order]) -> dict[tuple[AccountId, OrderId], str]:
        """Who bought which order, by key; those whose platform tells no buyer are not in it."""
        told = [(_key(order), order.buyer, order.purchased_at) for order in orders if order.buyer is not None]
        if not told:
            return {}
        store = CustomerStore(self._session, vault_of(self._session))
        keys = store.note([(buyer, at) for _, buyer, at in told])
        return {order: key for (order, _, _), key in zip(told, keys, strict=True)}

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


def _key(order: Order) -> tuple[AccountId, OrderId]:
    return order.account, order.order_id


def _lines(order: Order) -> list[Row]:
    return [_line(order, line) for line in order.lines]


def _line(order: Order, line: OrderLine) -> Row:
    price, total = line.unit_price, line.total
    known = price if total is None else total
    return (
        order.account, order.order_id, line.line_id, line.sku, line.external_id, line.title, line.quantity,
        None if price is None else price.minor, None if total is None else total.minor,
        None if known is None else known.currency,
    )  # fmt: skip


def _order(order: Order, lines_sum: int, seen_at: str, customer: str | None) -> Row:
    return (
        order.account, order.order_id, order.updated_at, order.marketplace, order.status, order.status_raw,
        order.purchased_at, order.currency, minor(order.total), order.country, order.fulfilment,
        lines_sum, customer, seen_at,
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
