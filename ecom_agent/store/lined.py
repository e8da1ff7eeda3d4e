"""Records that have lines: the newest version wins as a whole, and lines are written only where they are other ones."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any

from sqlmodel import Session

from ecom_agent.store.bulk import Row, Target, as_text, copy_in, merge_sql, stage


@dataclass(frozen=True)
class Lined:
    """`target` has the columns lines_sum (content) and lines_moved; `lines` is the table of its lines.

    `before` is asked of the staged rows first; both tables share the record's key.
    """

    target: Target
    lines: str
    line_columns: tuple[str, ...]
    before: bytes | None = None

    def write(
        self,
        session: Session,
        records: Sequence[Any],
        line_rows: Callable[[Any], Sequence[Row]],
        row: Callable[[Any, int], Row],
    ) -> int:
        """Write those that are newer than what stands, no two of one key; gives how many were.

        `row` gets a record and the digest of its lines, which goes into lines_sum.
        """
        many = [line_rows(record) for record in records]
        texts = iter(as_text([line for lines in many for line in lines]))
        lines_of = [list(islice(texts, len(lines))) for lines in many]
        rows = [row(record, _digest(lines)) for record, lines in zip(records, lines_of, strict=True)]
        width = len(self.target.key)
        by_key = {tuple(told[:width]): lines for told, lines in zip(rows, lines_of, strict=True)}
        cursor = stage(session, self.target.table, self.target.columns, as_text(rows))
        if self.before is not None:
            cursor.execute(self.before)
        written = [(tuple(told[:width]), *told[width:]) for told in cursor.execute(self._merge).fetchall()]
        moved = [key for key, new, other in written if other and not new]
        if moved:
            cursor.execute(self._drop_lines, [list(column) for column in zip(*moved, strict=True)])
        copy_in(cursor, self.lines, self.line_columns, _wanted(written, by_key))
        return len(written)

    @cached_property
    def _merge(self) -> bytes:
        """Of every record that was written: is it new (xmax = 0), and are its lines other ones than before?"""
        return merge_sql(
            self.target,
            also="lines_moved = excluded.lines_sum <> old.lines_sum",
            returning=f"{', '.join(self.target.key)}, xmax = 0, lines_moved",
        )

    @cached_property
    def _drop_lines(self) -> bytes:
        key = self.target.key
        given = ", ".join(["%b::varchar[]"] * len(key))
        same = " AND ".join(f"line.{column} = moved.{column}" for column in key)
        return (
            f"DELETE FROM {self.lines} AS line USING unnest({given}) AS moved({', '.join(key)}) WHERE {same}"
        ).encode()


def _wanted(written: Sequence[Any], by_key: Mapping[tuple[Any, ...], Sequence[str]]) -> list[str]:
    return [line for key, new, other in written if new or other for line in by_key[key]]


def _digest(lines: Sequence[str]) -> int:
    """Tells versions of one moment apart."""
    digest = hashlib.blake2b("\n".join(lines).encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
