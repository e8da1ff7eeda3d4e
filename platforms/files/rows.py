"""Files of which a row is a record, or a few rows of one id are: to pages, each id once.

Rows of one id that say the same are one record. Rows that disagree are set aside together, unless the reader can join
them: which of them is right is not guessed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar

import orjson

from ecom_agent.connector import Page, Poison
from ecom_agent.errors import ParseFailed
from platforms.files import cells, progress
from platforms.files.mapping import FileMapping
from platforms.files.tables import Table, read_table

R_co = TypeVar("R_co", covariant=True)
PER_PAGE: Final = 2000


class Row:
    """One row's cells by our word; None where the file has no such column or the cell is empty."""

    def __init__(self, table: Table, at: int, mapping: FileMapping, named: Mapping[str, tuple[str, ...]]) -> None:
        """`named`: the file's columns by our word, as the mapping says."""
        self.number, self._mapping, self._named = table.numbers[at], mapping, named
        self._cells = {word: tuple(table.columns[name][at] for name in names) for word, names in named.items()}

    def column(self, word: str) -> str:
        """The file's name of it, for messages."""
        return " + ".join(self._named.get(word, (word,)))

    def text(self, word: str) -> str | None:
        said = [cells.text(cell) for cell in self._cells.get(word, ())]
        return None if not said or None in said else "/".join(filter(None, said))

    def needed(self, word: str) -> str:
        found = self.text(word)
        if found is None:
            raise ParseFailed(self.column(word), "missing")
        return found

    def cell(self, word: str) -> Any:
        return next(iter(self._cells.get(word, ())), None)

    def moment(self, word: str) -> datetime:
        return cells.moment(self.cell(word), self.column(word), self._mapping.zone, self._mapping.time_format)

    def all(self, *, without: Sequence[str] = ()) -> dict[str, Any]:
        return {word: cell[0] if len(cell) == 1 else cell for word, cell in self._cells.items() if word not in without}

    def digest(self) -> str:
        """All that is read of it, as an id for a row that has none."""
        told = repr(sorted((word, self.text(word)) for word in self._cells))
        return hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()[:32]


class Reader(Protocol[R_co]):
    """How rows of one kind become records."""

    @property
    def operation(self) -> str: ...
    @property
    def private(self) -> Sequence[str]:
        """Words whose cells are kept nowhere but in the record: what a buyer wrote, and who the buyer is."""
        ...

    def id_of(self, row: Row) -> str:
        """Raises ParseFailed for a row whose id is missing."""
        ...

    def record(self, id: str, rows: Sequence[Row]) -> R_co:
        """Of the rows of one id, in the file's order. Raises ParseFailed."""
        ...


def pages(
    path: Path, mapping: FileMapping, reader: Reader[R_co], *, cursor: str | None = None, per_page: int = PER_PAGE
) -> Iterator[Page[R_co]]:
    """`cursor` is a page's `next_cursor`: reading goes on behind that page; a file that was read to its end gives none.

    Raises BadInput for a file or columns that cannot be read at all.
    """
    digest = progress.digest(path, mapping)
    start = progress.start(cursor, digest)
    table = read_table(path, mapping)
    groups, first = _groups(table, mapping, reader)
    while start < len(groups) or (first and start == 0):
        stop = min(start + per_page, len(groups))
        aside = first if start == 0 else ()
        yield _page(groups[start:stop], reader, f"{digest}:{max(stop, 1)}", stop < len(groups), aside)
        start = max(stop, 1)


def only(rows: Sequence[Row]) -> Row:
    """The one thing that all rows of an id say. Raises ParseFailed where they disagree."""
    if len({row.digest() for row in rows}) > 1:
        raise ParseFailed("rows " + ", ".join(str(row.number) for row in rows), "one id, but they do not say the same")
    return rows[0]


def _groups(
    table: Table, mapping: FileMapping, reader: Reader[Any]
) -> tuple[list[tuple[str, list[Row]]], tuple[Poison, ...]]:
    """Rows by id, in the order of each id's first row, and what cannot be read so far."""
    groups: dict[str, list[Row]] = {}
    poison = [
        Poison(None, progress.BROKEN.format(number), None if reader.private else text) for number, text in table.broken
    ]
    named = mapping.columns.named()
    for at, number in enumerate(table.numbers):
        row = Row(table, at, mapping, named)
        try:
            groups.setdefault(reader.id_of(row), []).append(row)
        except ParseFailed as error:
            poison.append(Poison(None, f"row {number}: {error}", row.all(without=reader.private)))
    return list(groups.items()), tuple(poison)


def _page(
    groups: Sequence[tuple[str, list[Row]]], reader: Reader[R_co], cursor: str, more: bool, aside: tuple[Poison, ...]
) -> Page[R_co]:
    records, poison = [], list(aside)
    for id, rows in groups:
        try:
            records.append(reader.record(id, rows))
        except ParseFailed as error:
            payload = [{"row": row.number, **row.all(without=reader.private)} for row in rows]
            reason = str(error) if error.path.startswith("rows ") else f"row {rows[0].number}: {error}"
            poison.append(Poison(id, reason, orjson.loads(_json(payload))))
    raw = _json([[{"row": row.number, **row.all(without=reader.private)} for row in rows] for _, rows in groups])
    return Page(tuple(records), cursor, more, reader.operation, raw, tuple(poison))


def _json(rows: Any) -> bytes:
    return orjson.dumps(rows, default=str)
