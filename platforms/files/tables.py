"""A file of rows as columns of plain Python values. The whole file is read: about 0.5 GB for a million lines."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from zipfile import BadZipFile

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq

from ecom_agent.errors import BadInput
from platforms.files.mapping import OrderMapping


@dataclass(frozen=True, slots=True)
class Table:
    """`columns` by the file's names, all of one length. `numbers` tells each row's number as a person sees it in
    the file (a header is row 1). `broken` are rows of another width: (number, text)."""

    columns: Mapping[str, Sequence[Any]]
    numbers: Sequence[int]
    broken: Sequence[tuple[int, str]] = ()


def read_table(path: Path, mapping: OrderMapping) -> Table:
    """The mapped columns of a .csv, .parquet or .xlsx file.

    Raises BadInput for another extension, an unreadable file, or missing columns (those wanted and those found).
    """
    try:
        reader = _READERS[path.suffix.lower()]
    except KeyError:
        raise BadInput(
            f"a file that ends with {', '.join(_READERS)}", path.name, "export the orders as one of these"
        ) from None
    try:
        return reader(path, mapping)
    except (OSError, UnicodeError, csv.Error, BadZipFile, KeyError, StopIteration, pa.ArrowException) as error:
        why = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise BadInput(
            f"a readable {path.suffix} file", f"{path.name} ({why})", "check the path and the format"
        ) from error


def _csv(path: Path, mapping: OrderMapping) -> Table:
    with path.open(encoding=mapping.encoding, newline="") as text:
        rows = csv.reader(text, delimiter=mapping.delimiter, strict=True)
        header = next(rows, [])
        _check(header, mapping, path)
        return _table(header, mapping, ((rows.line_num, row) for row in rows if row))


def _xlsx(path: Path, mapping: OrderMapping) -> Table:
    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    try:
        sheet = book[mapping.sheet] if mapping.sheet else book.worksheets[0]
        rows = sheet.iter_rows(values_only=True)
        header = ["" if cell is None else str(cell) for cell in next(rows, ())]
        _check(header, mapping, path)
        filled = ((number, row) for number, row in enumerate(rows, start=2) if any(cell is not None for cell in row))
        return _table(header, mapping, filled)
    finally:
        book.close()


def _parquet(path: Path, mapping: OrderMapping) -> Table:
    _check(pq.read_schema(path).names, mapping, path)
    table = pq.read_table(path, columns=mapping.columns.wanted())
    columns = {name: table.column(name).to_pylist() for name in mapping.columns.wanted()}
    return Table(columns, range(1, table.num_rows + 1))


def _table(header: Sequence[str], mapping: OrderMapping, rows: Iterator[tuple[int, Sequence[Any]]]) -> Table:
    whole, numbers, broken = [], [], []
    for number, row in rows:
        if len(row) == len(header):
            whole.append(row)
            numbers.append(number)
        else:
            broken.append((number, mapping.delimiter.join("" if cell is None else str(cell) for cell in row)))
    places = {name: header.index(name) for name in mapping.columns.wanted()}
    return Table({name: [row[at] for row in whole] for name, at in places.items()}, numbers, broken)


def _check(found: Sequence[str], mapping: OrderMapping, path: Path) -> None:
    missing = [name for name in mapping.columns.wanted() if name not in found]
    if missing:
        raise BadInput(
            f"columns {', '.join(mapping.columns.wanted())}",
            f"{path.name} with {', '.join(found) or 'none'} (missing: {', '.join(missing)})",
            f"pick another mapping than {mapping.name}, or rename the columns",
        )


_READERS: Final[Mapping[str, Callable[[Path, OrderMapping], Table]]] = {
    ".csv": _csv,
    ".parquet": _parquet,
    ".xlsx": _xlsx,
}
