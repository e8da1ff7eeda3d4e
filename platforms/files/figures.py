"""What a file says in numbers, reckoned straight from the file by pandas: the check on everything in `orders.py`.

Of that code only the names of the columns are shared. Both round a line's total alike: quantity × price in
minor units, half to even, once per line (`lines of a tenth of a penny` exist).
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final

import pandas as pd
import pyarrow as pa

from ecom_agent.errors import BadInput
from ecom_agent.money import exponent
from platforms.files.mapping import OrderMapping
from platforms.files.tables import format_of

_SUMS: Final = ("orders", "lines", "units", "units_returned", "cancellations", "revenue_minor", "cancelled_minor")


def figures_of_file(path: Path, mapping: OrderMapping) -> dict[str, Any]:
    """Counts and sums of the file, in all and per country and currency ("United Kingdom/GBP").

    orders: distinct order ids, cancellations among them. lines: rows. units: pieces of rows with a positive
    quantity; units_returned: pieces of those with a negative one. revenue_minor: sum of all line totals, credits
    and book-keeping lines included, in minor units of the currency; cancelled_minor: the part of it that
    cancellations took back (negative). Rows whose numbers cannot be read count as lines with nothing in them,
    so that the figures then differ from what was stored, and that shows.

    Raises BadInput where the file cannot be read.
    """
    frame = _frame(path, mapping)
    names = mapping.columns
    ids = frame[names.order_id].map(_text)
    currency = frame[names.currency].map(_text) if names.currency else pd.Series(mapping.currency, index=frame.index)
    country = frame[names.country].map(_text) if names.country else pd.Series("", index=frame.index)
    quantity = frame[names.quantity].map(lambda cell: _number(cell, mapping))
    price = frame[names.unit_price].map(lambda cell: _number(cell, mapping))
    cancelled = ids.str.startswith(mapping.cancelled_prefix) if mapping.cancelled_prefix else ids != ids
    memory: dict[tuple[Decimal, Decimal, str], int] = {}
    total = [_total(q, p, c, memory) for q, p, c in zip(quantity, price, currency, strict=True)]
    pieces = quantity.map(int)
    lines = pd.DataFrame(
        {
            "group": country + "/" + currency,
            "id": ids,
            "units": pieces.clip(lower=0),
            "units_returned": -pieces.clip(upper=0),
            "revenue_minor": total,
            "cancelled_id": ids.where(cancelled),
            "cancelled_minor": pd.Series(total, index=frame.index).where(cancelled, 0),
        }
    )
    groups = {str(name): _sums(part) for name, part in lines.groupby("group", sort=True)}
    whole = {name: value for name, value in _sums(lines).items() if not name.endswith("_minor")}
    return {**whole, "by_country": groups}


def _sums(lines: pd.DataFrame) -> dict[str, int]:
    found = {
        "orders": lines["id"].nunique(),
        "lines": len(lines),
        "units": lines["units"].sum(),
        "units_returned": lines["units_returned"].sum(),
        "cancellations": lines["cancelled_id"].nunique(),
        "revenue_minor": lines["revenue_minor"].sum(),
        "cancelled_minor": lines["cancelled_minor"].sum(),
    }
    return {name: int(found[name]) for name in _SUMS}


def _frame(path: Path, mapping: OrderMapping) -> pd.DataFrame:
    wanted = mapping.columns.wanted()
    try:
        match format_of(path):
            case ".jsonl":
                return pd.read_json(path, lines=True, dtype=False, convert_dates=False)[wanted]
            case ".parquet":
                return pd.read_parquet(path, columns=wanted)
            case ".xlsx":
                return pd.read_excel(path, sheet_name=mapping.sheet or 0, dtype=object, usecols=wanted).dropna(
                    how="all"
                )
            case _:
                return pd.read_csv(
                    path,
                    sep=mapping.delimiter,
                    dtype=str,
                    encoding=mapping.encoding,
                    usecols=wanted,
                    on_bad_lines="skip",
                )
    except (OSError, ValueError, KeyError, pa.ArrowException) as error:
        raise BadInput(
            "a readable file of orders", f"{path.name} ({error})", "check the path and the format"
        ) from error


def _text(cell: object) -> str:
    if cell is None or cell != cell:
        return ""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell).strip()


def _number(cell: object, mapping: OrderMapping) -> Decimal:
    said = str(cell)
    if isinstance(cell, str) and mapping.decimal_mark != ".":
        said = said.replace(mapping.decimal_mark, ".")
    try:
        value = Decimal(said.strip())
    except InvalidOperation:
        return Decimal(0)
    return value if value.is_finite() else Decimal(0)


def _total(quantity: Decimal, price: Decimal, currency: str, memory: dict[tuple[Decimal, Decimal, str], int]) -> int:
    key = (quantity, price, currency)
    if key not in memory:
        minor = quantity * price * 10 ** exponent(currency)
        memory[key] = int(minor.quantize(Decimal(1), ROUND_HALF_EVEN))
    return memory[key]
