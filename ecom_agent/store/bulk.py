"""The one way many rows come in: COPY into a temporary table, then INSERT … ON CONFLICT for those that are newer.

Some 60 times faster than merging objects, and the same for one row and for a hundred thousand.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any, Final, NamedTuple, TypeVar

import orjson
import psycopg
from sqlmodel import Session

from ecom_agent.store.journeys import ask
from ecom_agent.store.line import driver

R = TypeVar("R")
Row = Sequence[str | int | float | bool | datetime | None]

_ESCAPES: Final = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\0": "�"})
_ODD: Final = ("\\", "\r", "\0")
_NULL: Final = "None"  # what Python writes for it, so that nothing has to be asked value by value
_CHUNK: Final = 1000


class Written(NamedTuple):
    """`written` rows were new or changed; `unchanged` ones stood there already, or were older than what stood."""

    written: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class Target:
    """A table and when an incoming row replaces the one that stands.

    `version`: the column that decides which of two rows is newer; `content`: the columns that make a row of the
    same version differ (the incoming one wins then); `keep`: further content of which an unknown (NULL) does not
    replace what is known; `seen`: the column that only says when we last looked.
    """

    table: str
    key: tuple[str, ...]
    version: str
    content: tuple[str, ...]
    seen: str | None = None
    extra: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        seen = () if self.seen is None or self.seen == self.version else (self.seen,)
        return (*self.key, self.version, *self.content, *self.keep, *self.extra, *seen)

    @property
    def incoming(self) -> str:
        return f"in_{self.table}"


def newest(records: Iterable[R], key: Callable[[R], Hashable], version: Callable[[R], datetime]) -> list[R]:
    """One record per key, the newest, a later one before an equal: ON CONFLICT meets each row once."""
    found: dict[Hashable, R] = {}
    for record in records:
        k = key(record)
        if (former := found.get(k)) is None or version(record) >= version(former):
            found[k] = record
    return list(found.values())


def upsert(session: Session, target: Target, lines: Sequence[str]) -> Written:
    """Write the lines (`as_text` of `target.columns`) that are newer than what stands; no two of one key.

    A row of the same version and other content is written too, unless it was seen earlier than what stands.
    Rows that stand as they come are left alone, but for their `seen` column, which moves forward.
    """
    if not lines:
        return Written(0, 0)
    cursor = stage(session, target.table, target.columns, lines)
    cursor.execute(merge_sql(target))
    written = cursor.rowcount
    if target.seen is not None and written < len(lines):
        cursor.execute(_touch_sql(target))
    return Written(written, len(lines) - written)


def upsert_few(session: Session, target: Target, rows: Sequence[Mapping[str, Any]]) -> Written:
    """`upsert` in one statement, for some hundred rows at most: column → value as JSON knows it, no two of one key.

    Staging costs a temporary table that every commit must empty: more than the work itself where it is little.
    """
    if not rows:
        return Written(0, 0)
    told, source = (orjson.dumps(rows).decode(),), f"json_populate_recordset(NULL::{target.table}, %s::json)"
    written = ask(session, merge_sql(target, source=source).decode(), told).count or 0
    if target.seen is not None and written < len(rows):
        ask(session, _touch_sql(target, source).decode(), told)
    return Written(written, len(rows) - written)


def stage(session: Session, table: str, columns: Sequence[str], lines: Sequence[str]) -> psycopg.Cursor[Any]:
    """COPY lines of `as_text` into the temporary table `in_<table>`, which is emptied by the commit."""
    cursor = driver(session).cursor()
    cursor.execute(
        f"CREATE TEMP TABLE IF NOT EXISTS in_{table} (LIKE {table} INCLUDING DEFAULTS) ON COMMIT DELETE ROWS".encode()
    )
    staged: set[str] = session.info.setdefault("staged", set())
    if table in staged:  # the second time in this unit of work
        cursor.execute(f"TRUNCATE in_{table}".encode())
    staged.add(table)
    copy_in(cursor, f"in_{table}", columns, lines)
    return cursor


def copy_in(cursor: psycopg.Cursor[Any], table: str, columns: Sequence[str], lines: Sequence[str]) -> None:
    """COPY lines of `as_text` straight into a table: a row that stands already is an error."""
    if not lines:
        return
    with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN (NULL '{_NULL}')".encode()) as copy:
        for at in range(0, len(lines), _CHUNK):
            copy.write(("\n".join(lines[at : at + _CHUNK]) + "\n").encode("utf-8", "replace"))


def as_text(rows: Sequence[Row]) -> list[str]:
    """Each row as a line of COPY's text format, with the word None for NULL.

    Nearly no text holds a character that must be escaped, so all is written as it is and counted afterwards:
    any tab, line end, backslash or None too many, and all rows are written again with escapes. A row's line is the
    same either way.
    """
    if not rows:
        return []
    join, plain = "\t".join, []
    for row in rows:
        plain.append(join(map(str, row)))
    whole = "\n".join(plain)
    if (
        whole.count("\t") == sum(map(len, rows)) - len(rows)
        and whole.count("\n") == len(rows) - 1
        and whole.count(_NULL) == list(chain.from_iterable(rows)).count(None)
        and not any(odd in whole for odd in _ODD)
    ):
        return plain
    return [join([_escaped(value) for value in row]) for row in rows]


def merge_sql(target: Target, *, also: str = "", returning: str = "", source: str | None = None) -> bytes:
    """INSERT … ON CONFLICT from the staged rows, or from `source`; rows that nothing would change are not touched."""
    columns = ", ".join(target.columns)
    changes = [f"{c} = {_incoming(target, c)}" for c in target.columns if c not in target.key]
    changes += [also] if also else []
    return (
        f"INSERT INTO {target.table} AS old ({columns}) SELECT {columns} FROM {source or target.incoming}"
        f" ON CONFLICT ({', '.join(target.key)}) DO UPDATE SET {', '.join(changes)} WHERE {_is_newer(target)}"
        + (f" RETURNING {returning}" if returning else "")
    ).encode()


def _is_newer(target: Target) -> str:
    version, content = target.version, (*target.content, *target.keep)
    later = f"excluded.{version} > old.{version}"
    if not content:
        return later
    mine = ", ".join(f"old.{c}" for c in content)
    theirs = ", ".join(_incoming(target, c) for c in content)
    same = f"excluded.{version} = old.{version} AND ({mine}) IS DISTINCT FROM ({theirs})"
    if target.seen is not None and target.seen != version:
        same += f" AND excluded.{target.seen} >= old.{target.seen}"
    return f"{later} OR ({same})"


def _incoming(target: Target, column: str) -> str:
    return f"coalesce(excluded.{column}, old.{column})" if column in target.keep else f"excluded.{column}"


def _touch_sql(target: Target, source: str | None = None) -> bytes:
    same = " AND ".join(f"old.{c} = new.{c}" for c in (*target.key, target.version))
    seen = target.seen
    return (
        f"UPDATE {target.table} AS old SET {seen} = new.{seen} FROM {source or target.incoming} AS new"
        f" WHERE {same} AND old.{seen} < new.{seen}"
    ).encode()


def _escaped(value: object) -> str:
    """A text that reads None gets a backslash before it, which COPY takes off again after it looked for NULLs."""
    told = str(value).translate(_ESCAPES)
    return "\\" + told if told == _NULL and value is not None else told
