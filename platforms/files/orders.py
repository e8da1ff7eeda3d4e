"""Order files to pages of orders, whole orders only, in the order of their first row."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import orjson

from ecom_agent.connector import Page, Poison
from ecom_agent.errors import ParseFailed
from ecom_agent.ids import AccountId, MarketplaceId, OrderId, Sku
from ecom_agent.money import Money, exponent
from ecom_agent.records.orders import Order, OrderLine, OrderStatus
from platforms.files import cells, progress
from platforms.files.mapping import OrderMapping
from platforms.files.tables import Table, read_table

OPERATION = "orders file"


def read_orders(
    path: Path,
    mapping: OrderMapping,
    *,
    account: AccountId | None = None,
    cursor: str | None = None,
    lines_per_page: int = 5000,
) -> Iterator[Page[Order]]:
    """Pages of about `lines_per_page` lines. An order is whole wherever its rows stand in the file.

    `cursor` is a page's `next_cursor`: reading goes on behind that page. One of another file, another
    content or another mapping starts from the beginning. A file that was read to its end gives no page.

    Line ids are the line's place within its order, so two equal lines stay two. An order of which one row
    cannot be read is set aside whole, with the row's number: half an order would be a wrong one.

    Raises BadInput for a file or columns that cannot be read at all.
    """
    digest = progress.digest(path, mapping)
    start = progress.start(cursor, digest)
    table = read_table(path, mapping)
    reader = _Reader(table, mapping, account or AccountId(mapping.account))
    groups = list(_groups(table, mapping).items())
    broken = tuple(Poison(None, progress.BROKEN.format(number), t) for number, t in table.broken)
    while start < len(groups) or (broken and start == 0):  # a file may hold nothing but broken rows
        stop, lines = start, 0
        while stop < len(groups) and (lines == 0 or lines + len(groups[stop][1]) <= lines_per_page):
            lines += len(groups[stop][1])
            stop += 1
        yield reader.page(
            groups[start:stop], f"{digest}:{max(stop, 1)}", stop < len(groups), broken if start == 0 else ()
        )
        start = max(stop, 1)


class _Reader:
    def __init__(self, table: Table, mapping: OrderMapping, account: AccountId) -> None:
        self._mapping, self._account, self._numbers = mapping, account, table.numbers
        columns = mapping.columns
        empty: Sequence[Any] = [None] * len(table.numbers)
        named: Mapping[str, str | None] = columns.model_dump()
        self._cells = {word: empty if name is None else table.columns[name] for word, name in named.items()}
        self._product = re.compile(mapping.product_code or "")
        self._moment = cache(lambda c: cells.moment(c, columns.purchased_at, mapping.zone, mapping.time_format))
        self._whole = cache(lambda c: cells.whole(c, columns.quantity, mapping.decimal_mark))
        self._number = cache(lambda c: cells.number(c, columns.unit_price, mapping.decimal_mark))
        self._exact = cache(cells.exact)
        self._total = cache(cells.line_total)

    def page(
        self,
        groups: Sequence[tuple[str | None, list[int]]],
        next_cursor: str,
        more: bool,
        broken: tuple[Poison, ...],
    ) -> Page[Order]:
        records: list[Order] = []
        poison = list(broken)
        for order_id, rows in groups:
            try:
                records.append(self._order(order_id, rows))
            except ParseFailed as error:
                poison.append(Poison(order_id, str(error), orjson.loads(_json(self._payload(rows)))))
        raw = _json([self._payload(rows) for _, rows in groups])
        return Page(tuple(records), next_cursor, more, OPERATION, raw, tuple(poison))

    def _order(self, order_id: str | None, rows: list[int]) -> Order:
        mapping = self._mapping
        if order_id is None:
            raise ParseFailed(f"row {self._numbers[rows[0]]}: {mapping.columns.order_id}", "missing")
        currency = mapping.currency or self._only("currency", rows)
        if currency is None:
            raise ParseFailed(f"row {self._numbers[rows[0]]}: {mapping.columns.currency}", "missing")
        exponent(currency)
        lines, times = [], []
        for place, row in enumerate(rows, start=1):
            try:
                lines.append(self._line(place, row, currency))
                times.append(self._moment(self._cells["purchased_at"][row]))
            except ParseFailed as error:
                raise ParseFailed(f"row {self._numbers[row]}: {error.path}", error.reason) from None
        status, status_raw = self._status(order_id, rows)
        return Order(
            account=self._account,
            marketplace=MarketplaceId(mapping.marketplace),
            order_id=OrderId(order_id),
            status=status,
            status_raw=status_raw,
            purchased_at=min(times),
            updated_at=max(times),
            currency=currency,
            total=_sum(lines, currency),
            country=self._only("country", rows),
            fulfilment=None,
            lines=tuple(lines),
        )

    def _line(self, place: int, row: int, currency: str) -> OrderLine:
        code = cells.text(self._cells["code"][row])
        quantity = self._whole(self._cells["quantity"][row])
        price = self._number(self._cells["unit_price"][row])
        return OrderLine(
            line_id=f"{place:05d}",
            sku=Sku(code) if code is not None and self._product.match(code) else None,
            external_id=code,
            title=cells.text(self._cells["title"][row]) or "",
            quantity=quantity,
            unit_price=None if price is None else self._exact(price, currency),
            total=None if price is None else self._total(quantity, price, currency),
        )

    def _status(self, order_id: str, rows: list[int]) -> tuple[OrderStatus, str]:
        mapping = self._mapping
        if mapping.cancelled_prefix and order_id.startswith(mapping.cancelled_prefix):
            return OrderStatus.CANCELLED, mapping.cancelled_prefix
        if mapping.columns.status is None:
            return mapping.status, ""
        word = cells.text(self._cells["status"][rows[-1]])
        if word is None:
            return mapping.status, ""
        return mapping.status_words.get(word, OrderStatus.UNMAPPED), word

    def _only(self, word: str, rows: list[int]) -> str | None:
        """The one value all rows of an order share; None where no row has any."""
        column = self._cells[word]
        found = {cells.text(cell) for cell in {column[row] for row in rows}} - {None}
        if len(found) > 1:
            name = getattr(self._mapping.columns, word)
            raise ParseFailed(f"row {self._numbers[rows[0]]}: {name}", f"one order says {sorted(map(str, found))}")
        return next(iter(found), None)

    def _payload(self, rows: list[int]) -> dict[str, Any]:
        used = {word: cells_ for word, cells_ in self._cells.items() if getattr(self._mapping.columns, word)}
        return {
            "rows": [self._numbers[row] for row in rows],
            **{word: [column[row] for row in rows] for word, column in used.items()},
        }


def _groups(table: Table, mapping: OrderMapping) -> dict[str | None, list[int]]:
    """Row indexes by order id, in the order of each order's first row."""
    groups: dict[str | None, list[int]] = {}
    for row, cell in enumerate(table.columns[mapping.columns.order_id]):
        groups.setdefault(cells.text(cell), []).append(row)
    return groups


def _sum(lines: Sequence[OrderLine], currency: str) -> Money | None:
    """None where the price of a line is unknown: a sum of the others would pass for the order's."""
    totals = [line.total for line in lines]
    known = [total.minor for total in totals if total is not None]
    return Money(sum(known), currency) if len(known) == len(totals) else None


def _json(rows: Any) -> bytes:
    return orjson.dumps(rows, default=str)
