"""A file of rows as columns of plain Python values. The whole file is read: about 0.5 GB for a million lines."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TextIO
from zipfile import BadZipFile

import openpyxl
import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from ecom_agent.errors import BadInput
from platforms.files.mapping import FileMapping


@dataclass(frozen=True, slots=True)
class Table:
    """`columns` by the file's names, all of one length. `numbers` tells each row's number as a person sees it in
    the file (a header is row 1). `broken` are rows of another width and lines that are no JSON
    object: (number, text)."""

    columns: Mapping[str, Sequence[Any]]
    numbers: Sequence[int]
    broken: Sequence[tuple[int, str]] = ()


def read_table(path: Path, mapping: FileMapping) -> Table:
    """The mapped columns of a .csv, .jsonl (one JSON object a line), .parquet or .xlsx file; text may be packed (.gz).

    Raises BadInput for another extension, an unreadable file, or missing columns (those wanted and those found).
    """
    suffix = format_of(path)
    try:
        return _READERS[suffix](path, mapping)
    except (OSError, EOFError, ValueError, csv.Error, BadZipFile, KeyError, StopIteration, pa.ArrowException) as error:
        why = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise BadInput(f"a readable {suffix} file", f"{path.name} ({why})", "check the path and the format") from error


def format_of(path: Path) -> str:
    """ ".csv", ".jsonl", ".parquet" or ".xlsx", packed or not. Raises BadInput for any other."""
    parts = [part.lower() for part in path.suffixes]
    suffix = parts[-2] if parts[-1:] == [".gz"] and len(parts) > 1 else "".join(parts[-1:])
    if suffix not in _READERS or (parts[-1] == ".gz" and suffix not in _PACKED):
        raise BadInput(
            f"a file that ends with {', '.join(_READERS)} (or {', '.join(f'{p}.gz' for p in _PACKED)})",
            path.name,
            "export it as one of these",
        )
    return suffix


def _opened(path: Path, mapping: FileMapping) -> TextIO:
    if path.suffix.lower() == ".gz":
        return gzip.open(path, "rt", encoding=mapping.encoding, newline="")
    return path.open(encoding=mapping.encoding, newline="")


def _csv(path: Path, mapping: FileMapping) -> Table:
    with _opened(path, mapping) as text:
        rows = csv.reader(text, delimiter=mapping.delimiter, strict=True)
        header = next(rows, [])
        _check(header, mapping, path)
        return _table(header, mapping, ((rows.line_num, row) for row in rows if row))


def _jsonl(path: Path, mapping: FileMapping) -> Table:
    """A name that a line has not is an empty cell; one that no line has is a missing column."""
    wanted, found = mapping.columns.wanted(), dict[str, None]()
    whole: list[Mapping[str, Any]] = []
    numbers, broken = [], []
    with _opened(path, mapping) as text:
        for number, line in enumerate(text, start=1):
            if not line.strip():
                continue
            try:
                row = orjson.loads(line)
            except orjson.JSONDecodeError:
                row = None
            if not isinstance(row, dict):
                broken.append((number, line.rstrip("\n")))
                continue
            found.update(dict.fromkeys(row))
            whole.append({name: row.get(name) for name in wanted})
            numbers.append(number)
    _check(list(found), mapping, path)
    return Table({name: [row[name] for row in whole] for name in wanted}, numbers, broken)


def _xlsx(path: Path, mapping: FileMapping) -> Table:
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


def _parquet(path: Path, mapping: FileMapping) -> Table:
    _check(pq.read_schema(path).names, mapping, path)
    table = pq.read_table(path, columns=mapping.columns.wanted())
    columns = {name: table.column(name).to_pylist() for name in mapping.columns.wanted()}
    return Table(columns, range(1, table.num_rows + 1))


def _table(header: Sequence[str], mapping: FileMapping, rows: Iterator[tuple[int, Sequence[Any]]]) -> Table:
    whole, numbers, broken = [], [], []
    for number, row in rows:
        if len(row) == len(header):
            whole.append(row)
            numbers.append(number)
        else:
            broken.append((number, mapping.delimiter.join("" if cell is None else str(cell) for cell in row)))
    places = {name: header.index(name) for name in mapping.columns.wanted()}
    return Table({name: [row[at] for row in whole] for name, at in places.items()}, numbers, broken)


def _check(found: Sequence[str], mapping: FileMapping, path: Path) -> None:
    missing = [name for name in mapping.columns.wanted() if name not in found]
    if missing:
        raise BadInput(
            f"columns {', '.join(mapping.columns.wanted())}",
            f"{path.name} with {', '.join(found) or 'none'} (missing: {', '.join(missing)})",
            f"pick another mapping than {mapping.name}, or rename the columns",
        )


_PACKED: Final = (".csv", ".jsonl")
_READERS: Final[Mapping[str, Callable[[Path, FileMapping], Table]]] = {
    ".csv": _csv,
    ".jsonl": _jsonl,
    ".parquet": _parquet,
    ".xlsx": _xlsx,
}
