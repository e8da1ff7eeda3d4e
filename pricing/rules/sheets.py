"""CSV and XLSX in and out: text cells by column name, each row with the line it stands on.

What a spreadsheet holds as a number is read as the shortest text that means it; what it holds as a formula is refused.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from ecom_agent.errors import BadInput

FORMATS: Final = ("csv", "xlsx")
MAX_BYTES: Final = 32 * 1024 * 1024
MAX_ROWS: Final = 200_000
_UNPACKED: Final = 512 * 1024 * 1024


class Row(NamedTuple):
    """`line` counts from 1 with the header, as spreadsheets show it. An empty cell is "", a missing column no key."""

    line: int
    cells: Mapping[str, str]


def format_of(name: str) -> str:
    """By a file's ending. Raises BadInput."""
    ending = name.rpartition(".")[2].lower()
    if ending not in FORMATS:
        raise BadInput("a file that ends with .csv or .xlsx", repr(name), "save it in one of these formats")
    return ending


def read(data: bytes, form: str, *, needed: Sequence[str], known: Sequence[str]) -> list[Row]:
    """All rows but empty ones. Raises BadInput for a file that is none, or for its columns."""
    if form not in FORMATS:
        raise BadInput(f"one of {', '.join(FORMATS)}", repr(form), "save it in one of these formats")
    if len(data) > MAX_BYTES:
        raise BadInput(f"a file of at most {MAX_BYTES // 1024**2} MiB", f"{len(data)} bytes", "split it")
    table = _xlsx(data) if form == "xlsx" else _csv(data)
    header = next(table, None)
    names = [] if header is None else [cell.strip().lower() for cell in header[1]]
    if not set(needed) <= set(names) or not {n for n in names if n} <= set(known) or len(set(names)) < len(names):
        found = ", ".join(names) or "no header"
        raise BadInput(
            f"columns {', '.join(needed)}, each once, and any of {', '.join(known)}", found, "correct line 1"
        )
    rows = []
    for line, cells in table:
        if any(cells):
            rows.append(Row(line, dict(zip(names, [*cells, *[""] * (len(names) - len(cells))], strict=False))))
        if len(rows) > MAX_ROWS:
            raise BadInput(f"at most {MAX_ROWS} rows", "more", "split the file")
    return rows


def write(columns: Sequence[str], rows: Sequence[Sequence[str | int | None]], form: str) -> bytes:
    """A file with a header, as `read` takes it. Raises BadInput for another format."""
    if form == "xlsx":
        return _to_xlsx(columns, rows)
    if form != "csv":
        raise BadInput(f"one of {', '.join(FORMATS)}", repr(form), "choose one")
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([["" if cell is None else cell for cell in row] for row in rows])
    return out.getvalue().encode()


def _csv(data: bytes) -> Iterator[tuple[int, list[str]]]:
    try:
        reader = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
        for cells in reader:
            yield reader.line_num, [cell.strip() for cell in cells]
    except (UnicodeDecodeError, csv.Error) as e:
        raise BadInput("CSV in UTF-8", str(e), "save it again as CSV UTF-8") from e


def _xlsx(data: bytes) -> Iterator[tuple[int, list[str]]]:
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            if sum(part.file_size for part in parts.infolist()) > _UNPACKED:
                raise BadInput("a workbook of ordinary size", "one that unpacks to far more", "split it")
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=False)
        sheet = book.worksheets[0]
        for line, row in enumerate(sheet.iter_rows(values_only=True), 1):
            yield line, [_text(cell, line) for cell in row]
    except BadInput:
        raise
    except Exception as e:  # a broken workbook fails in openpyxl in many ways
        raise BadInput("a workbook (XLSX)", type(e).__name__, "open it in a spreadsheet and save it again") from e


def _text(cell: Any, line: int) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime | date):
        return cell.isoformat()[:10]
    text = str(cell).strip()
    if text.startswith("="):
        raise BadInput("values", f"a formula in line {line}", "paste it as a value")
    return text


def _to_xlsx(columns: Sequence[str], rows: Sequence[Sequence[str | int | None]]) -> bytes:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)
    sheet = book.create_sheet("rules")
    sheet.append(list(columns))
    for row in rows:
        cells = []
        for value in row:
            cell = WriteOnlyCell(sheet, value=value)
            if isinstance(value, str):
                cell.data_type = "s"  # a SKU may begin like a formula, and must not become one
            cells.append(cell)
        sheet.append(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
