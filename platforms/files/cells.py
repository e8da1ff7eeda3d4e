"""One cell to one value. Files disagree on types: a number may come as text, integer, float or decimal.

Raises ParseFailed with the column's name as its path.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from ecom_agent.errors import ParseFailed
from ecom_agent.money import Money, exponent


def text(cell: Any) -> str | None:
    """Trimmed text, None where the cell is empty. 536365.0 of a workbook is "536365"."""
    if isinstance(cell, float):
        if cell != cell:
            return None
        cell = int(cell) if cell.is_integer() else cell
    said = "" if cell is None else str(cell).strip()
    return said or None


def number(cell: Any, column: str, decimal_mark: str = ".") -> Decimal | None:
    """The exact decimal that the file shows: a float is read as its shortest text (0.1 is 0.1)."""
    said = text(cell if not isinstance(cell, float) or cell != cell else repr(cell))
    if said is None:
        return None
    if decimal_mark != "." and isinstance(cell, str):
        said = said.replace(".", "x").replace(decimal_mark, ".")
    try:
        value = Decimal(said)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        raise ParseFailed(column, f"wanted a number; found {_short(cell)}")
    return value


def whole(cell: Any, column: str, decimal_mark: str = ".") -> int:
    """A number of pieces. Missing is wrong here: a line without a quantity says nothing."""
    value = number(cell, column, decimal_mark)
    if value is None or value != value.to_integral_value():
        raise ParseFailed(column, f"wanted a whole number; found {_short(cell)}")
    return int(value)


def moment(cell: Any, column: str, zone: ZoneInfo, time_format: str | None) -> datetime:
    """UTC. A time without an offset is local time in `zone`."""
    if isinstance(cell, datetime):
        value = cell
    else:
        said = text(cell) or ""
        try:
            value = datetime.strptime(said, time_format) if time_format else datetime.fromisoformat(said)  # noqa: DTZ007  # its zone is added below
        except ValueError:
            wanted = f"a time as {time_format}" if time_format else "an ISO 8601 time"
            raise ParseFailed(column, f"wanted {wanted}; found {_short(cell)}") from None
    return (value if value.tzinfo else value.replace(tzinfo=zone)).astimezone(UTC)


def exact(price: Decimal, currency: str) -> Money | None:
    """`price` (major units) as money, None where it is finer than the currency's minor unit."""
    minor = price.scaleb(exponent(currency))
    return Money(int(minor), currency) if minor == minor.to_integral_value() else None


def line_total(quantity: int, price: Decimal, currency: str) -> Money:
    """Quantity × price, in minor units; what is finer is rounded half to even, once per line."""
    minor = (quantity * price).scaleb(exponent(currency))
    return Money(int(minor.to_integral_value(ROUND_HALF_EVEN)), currency)


def _short(cell: Any) -> str:
    said = repr(cell)
    return said if len(said) <= 60 else said[:57] + "..."
