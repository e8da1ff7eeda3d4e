"""A connection's line to the server, as libpq has it: several statements leave as one message and come back as one.

psycopg's cursors are made for any statement and any type; what a change waits for is asked some hundred times a second,
and is always the same few statements with texts, numbers and moments. Without a cursor a commit of the event lane takes
a tenth less of the interpreter's time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, cast

import psycopg
from psycopg import generators
from psycopg.adapt import Transformer
from psycopg.errors import error_from_result
from psycopg.pq import Escaping, ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult
from sqlmodel import Session

_GOOD: Final = (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK)
Value = str | int | datetime | bytes | Sequence[str | None] | None
"""What a question may be asked with; a moment is an aware one."""


def driver(session: Session) -> psycopg.Connection[Any]:
    """The session's own connection, as psycopg knows it: COPY has no other face."""
    return cast("psycopg.Connection[Any]", session.connection().connection.driver_connection)


class Rows:
    """How one question's rows are read: found out with its first answer, the same for every later one."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._reader = Transformer.from_context(connection)
        self._names: list[str] | None = None

    def read(self, result: PGresult, codec: str) -> list[dict[str, Any]]:
        """By column's name."""
        self._reader.set_pgresult(result, set_loaders=self._names is None)
        if self._names is None:
            self._names = [(result.fname(n) or b"").decode(codec) for n in range(result.nfields)]
        names = self._names
        rows = self._reader.load_rows(0, result.ntuples, lambda values: dict(zip(names, values, strict=True)))
        self._reader.set_pgresult(None, set_loaders=False)  # else it lies here until the next answer
        return rows


class Line:
    """The one of `connection`, with what is `prepared` there: how its rows are read, by name."""

    def __init__(self, connection: psycopg.Connection[Any], prepared: Mapping[str, Rows]) -> None:
        self.connection = connection
        self.good = True
        """Whether `prepared` is what stands there."""
        self.prepared = dict(prepared)
        self.codec = connection.info.encoding
        self._escaped = Escaping(connection.pgconn).escape_literal

    @property
    def rests(self) -> bool:
        """Whether no unit of work has begun on it."""
        return self.connection.pgconn.transaction_status == TransactionStatus.IDLE

    def ask(self, statements: Sequence[bytes]) -> list[PGresult]:
        """What each of these gave, in order; begins a unit of work where none has.

        Raises what the first one that fails raises as psycopg's error: nothing after it is done.
        """
        line, begins = self.connection.pgconn, self.rests
        line.send_query(b"; ".join([b"BEGIN", *statements] if begins else statements))
        results: list[PGresult] = self.connection.wait(generators.execute(line))
        for result in results:
            if result.status not in _GOOD:
                raise error_from_result(result, encoding=self.codec)
        return results[1:] if begins else results

    def literal(self, value: Value) -> bytes:
        """As it is written in a statement; its type is the one of its place.

        Raises psycopg's DataError for a text that no database takes, TypeError for what is none of `Value`.
        """
        match value:
            case None:
                return b"NULL"
            case str():
                return self._text(value)
            case bool() | int():
                return b"'%d'" % value
            case datetime():
                return b"'%b'" % value.isoformat().encode()
            case bytes():
                return b"E'\\\\x%b'" % value.hex().encode()
            case list() | tuple():
                return b"ARRAY[%b]" % b",".join(self._elements(value)) if value else b"'{}'"
        raise TypeError(
            f"wanted a text, a whole number, a moment, bytes or a list of texts; found {type(value).__name__}"
        )

    def _elements(self, values: Sequence[Any]) -> Iterator[bytes]:
        for value in values:
            if value is not None and not isinstance(value, str):
                raise TypeError(f"wanted a list of texts, found {type(value).__name__} in it")
            yield b"NULL" if value is None else self._text(value)

    def _text(self, value: str) -> bytes:
        if "\0" in value:  # libpq would end it there
            raise psycopg.DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes")
        return self._escaped(value.encode(self.codec))
