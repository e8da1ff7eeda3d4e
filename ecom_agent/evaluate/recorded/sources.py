"""Two shops' recorded orders: Olist's items and the UCI retailer's invoice lines, as their files have them.

UCI: an invoice that begins with C is a cancellation: it comes as a cancelled order of that many units. A quantity below
zero without it is a correction of stock, a stock code that begins without five digits is no product, and prices finer
than a penny cannot be told: such rows are no order lines, and are counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pyarrow.parquet as pq

from ecom_agent.errors import BadInput
from platforms.simulated.recorded import RecordedLine, RecordedOrder

OLIST: Final = Path("orders_olist") / "order_items.parquet"
UCI: Final = Path("retail_uci_online") / "lines.parquet"
_CODE: Final = 5


@dataclass(frozen=True, slots=True)
class Recorded:
    """`left_out`: rows that are no order lines, by reason. `as_it_stands_minor`: all rows summed, whatever they are."""

    orders: list[RecordedOrder]
    left_out: Mapping[str, int]
    as_it_stands_minor: int


@dataclass(frozen=True, slots=True)
class Sums:
    """What two ways of counting must agree on. Of cancelled orders only orders and units are counted."""

    orders: int
    lines: int
    units: int
    revenue_minor: int
    cancelled: int
    cancelled_units: int


def olist(folder: Path, until: datetime | None = None) -> Recorded:
    """One row is one unit of an order, in BRL."""
    orders: dict[Any, tuple[datetime, list[RecordedLine]]] = {}
    total = 0
    for row in _rows(folder / OLIST, ("order_id", "product_id", "price", "date", "category_name")):
        at = datetime.fromisoformat(row["date"]).replace(tzinfo=UTC)
        if until is not None and at >= until:
            continue
        minor = _minor(row["price"])
        if minor is None:
            raise BadInput("prices in whole centavos", repr(row["price"]), "take the file as it was published")
        total += minor
        line = RecordedLine(f"OLIST-{row['product_id']}", row["category_name"] or "?", 1, minor)
        orders.setdefault(row["order_id"], (at, []))[1].append(line)
    return Recorded(_numbered((at, lines, False) for at, lines in orders.values()), {}, total)


def uci(folder: Path, until: datetime | None = None) -> Recorded:
    """One row is one line of an invoice, in GBP."""
    columns = ("InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice")
    orders: dict[str, tuple[datetime, list[RecordedLine]]] = {}
    left_out: Counter[str] = Counter()
    total = 0
    for row in _rows(folder / UCI, columns):
        at = row["InvoiceDate"].replace(tzinfo=UTC)
        if until is not None and at >= until:
            continue
        number, code, units, minor = row["InvoiceNo"], row["StockCode"], row["Quantity"], _minor(row["UnitPrice"])
        total += round(100 * row["UnitPrice"] * abs(units))
        if why := _no_line(number, code, units, minor):
            left_out[why] += 1
            continue
        line = RecordedLine(code, row["Description"] or "?", abs(units), minor or 0)
        orders.setdefault(number, (at, []))[1].append(line)
    found = ((at, lines, number.startswith("C")) for number, (at, lines) in orders.items())
    return Recorded(_numbered(found), dict(left_out), total)


def _no_line(number: str, code: str, units: int, minor: int | None) -> str | None:
    if not (len(code) >= _CODE and code[:_CODE].isdigit()):
        return "no product"
    if units == 0 or (units < 0) != number.startswith("C"):
        return "a correction"
    return "no whole pence" if minor is None or minor < 0 else None


def sums(recorded: Recorded) -> Sums:
    """Straight from the file's rows."""
    good = [order for order in recorded.orders if not order.cancelled]
    gone = [order for order in recorded.orders if order.cancelled]
    lines = [line for order in good for line in order.lines]
    return Sums(
        orders=len(good),
        lines=len(lines),
        units=sum(line.quantity for line in lines),
        revenue_minor=sum(line.quantity * line.price_minor for line in lines),
        cancelled=len(gone),
        cancelled_units=sum(line.quantity for order in gone for line in order.lines),
    )


def _numbered(found: Iterator[tuple[datetime, list[RecordedLine], bool]]) -> list[RecordedOrder]:
    """In the order of their coming."""
    ordered = sorted(found, key=lambda one: one[0])
    return [RecordedOrder(number, at, lines, gone) for number, (at, lines, gone) in enumerate(ordered, start=1)]


def _minor(price: float) -> int | None:
    """Cents of a price; None for one that is finer."""
    minor = round(price * 100)
    return minor if abs(minor - price * 100) < 1e-6 else None


def _rows(path: Path, columns: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    try:
        table = pq.read_table(path, columns=list(columns))
    except (OSError, ValueError, KeyError) as error:
        fix = "name the folder that holds orders_olist and retail_uci_online"
        raise BadInput(f"recorded orders in {path}", type(error).__name__, fix) from None
    for batch in table.to_batches(max_chunksize=10_000):
        yield from batch.to_pylist()
