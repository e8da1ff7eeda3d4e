"""Fewer journeys to the database and shorter plans, where a change waits for them.

Questions that are asked `together` leave as one message and come back as one. psycopg's pipeline would spare the
journeys too, but it lets go of the interpreter some ten times for five statements, and each time another thread may
keep it. In one message values are written into the text, so what is asked is prepared by name,
once for each connection.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final, Generic, NamedTuple, TypeVar

import psycopg
from psycopg.pq import TransactionStatus
from psycopg.rows import RowFactory, RowMaker
from sqlalchemy import Connection, Engine, event
from sqlmodel import Session

from ecom_agent.store.bulk import driver

# What the guards ask joins ten tables: planning it takes six times as long as answering it, so each connection plans it
# once. That plan outlives small tables: it may count on nothing but indexes, and nothing is compiled for it.
_PLAN_ONCE: Final = (
    "SET LOCAL plan_cache_mode = force_generic_plan",
    "SET LOCAL enable_seqscan = off",
    "SET LOCAL jit = off",
)
_JOURNEY: Final = "journey"
_PLANNED: Final = "plans_once"
_PREPARED: Final = "prepared"
_PLACE: Final = re.compile(r"%(?:\((\w+)\))?s")
Row = TypeVar("Row")


@dataclass(slots=True)
class Answer(Generic[Row]):
    """What a question gave; to be looked at once its journey is over."""

    _rows: list[Row] = field(default_factory=list)
    count: int | None = None
    """Rows that it gave or changed; None until it is back."""

    def all(self) -> list[Row]:
        if self.count is None:
            raise RuntimeError("wanted an answer before its journey: leave the block of `together` first")
        return self._rows

    def first(self) -> Row | None:
        return next(iter(self.all()), None)


class _Question(NamedTuple):
    """`values` by name or by place; None: the text as it is."""

    sql: str
    values: Mapping[Any, Any] | None
    row: RowFactory[Any]
    answer: Answer[Any]


class _Prepared(NamedTuple):
    name: str
    text: str
    execute: str
    places: tuple[str | int, ...]


def by_name(cursor: psycopg.Cursor[Any]) -> RowMaker[dict[str, Any]]:
    """psycopg's `dict_row` without its look at each column's type, which costs more than reading a wide row."""
    result = cursor.pgresult
    names = [] if result is None else [(result.fname(n) or b"").decode() for n in range(result.nfields)]
    return lambda values: dict(zip(names, values, strict=True))


@contextmanager
def together(session: Session) -> Iterator[None]:
    """What is asked in the block leaves at its end, at that of the outer one where it is within one; in order.

    What fails is raised there, and nothing after it is done.
    """
    if _JOURNEY in session.info:
        yield
        return
    questions: list[_Question] = []
    session.info[_JOURNEY] = questions
    try:
        yield
    finally:
        del session.info[_JOURNEY]
    if questions:
        _leave(session, questions)


def ask(
    session: Session, sql: str, values: Mapping[str, Any] | Sequence[Any], row: RowFactory[Any] = by_name
) -> Answer[Any]:
    """A question with psycopg's placeholders, `%s` or `%(name)s`: prepared once, so for few different texts only."""
    given = values if isinstance(values, Mapping) else dict(enumerate(values))
    return _asked(session, _Question(sql, given, row, Answer()))


def tell(session: Session, sql: str) -> None:
    """A command without values."""
    _asked(session, _Question(sql, None, by_name, Answer()))


def plan_once(session: Session) -> None:
    """From here to the end of the unit of work a statement is planned once for each connection."""
    if not session.info.get(_PLANNED):
        session.info[_PLANNED] = True
        with together(session):
            for command in _PLAN_ONCE:
                tell(session, command)


def _asked(session: Session, question: _Question) -> Answer[Any]:
    with together(session):
        session.info[_JOURNEY].append(question)
    return question.answer


def _leave(session: Session, questions: Sequence[_Question]) -> None:
    connection = driver(session)
    begins = connection.info.transaction_status == TransactionStatus.IDLE
    try:
        _send(session, connection, questions)
    except psycopg.errors.InvalidSqlStatementName:  # thrown away behind our back
        _forget(session.connection())
        if not begins:
            raise
        connection.rollback()  # nothing was done in it yet
        _send(session, connection, questions)


def _send(session: Session, connection: psycopg.Connection[Any], questions: Sequence[_Question]) -> None:
    known, texts, values = _known(session, connection), list[str](), list[Any]()
    for question in questions:
        if question.values is None:
            texts.append(question.sql)
            continue
        prepared = _prepared(question.sql)
        if prepared.name not in known:
            connection.execute(f"PREPARE {prepared.name} AS {prepared.text}".encode())
            known.add(prepared.name)
        texts.append(prepared.execute)
        values += [question.values[place] for place in prepared.places]
    cursor: psycopg.Cursor[Any] = psycopg.ClientCursor(connection, row_factory=questions[0].row)
    cursor.execute("; ".join(texts).encode(), values or None)
    for number, question in enumerate(questions):
        if number:
            cursor.row_factory = question.row
            cursor.nextset()
        if cursor.pgresult is not None and cursor.pgresult.nfields:
            question.answer._rows = cursor.fetchall()
        question.answer.count = cursor.rowcount


def _known(session: Session, connection: psycopg.Connection[Any]) -> set[str]:
    """Names of what is prepared on this connection."""
    info = session.connection().connection.info
    if _PREPARED not in info:
        found = connection.execute(b"SELECT name FROM pg_prepared_statements WHERE starts_with(name, 'ask_')")
        info[_PREPARED] = {name for (name,) in found}
    known: set[str] = info[_PREPARED]
    return known


def watch(engine: Engine) -> None:
    """psycopg throws away all that is prepared on a connection, ours too, when something is rolled back there."""
    event.listen(engine, "rollback", _forget)
    event.listen(engine, "rollback_savepoint", lambda connection, _name, _context: _forget(connection))


def _forget(connection: Connection) -> None:
    if not connection.closed and not connection.invalidated:
        connection.connection.info.pop(_PREPARED, None)


@lru_cache(maxsize=256)
def _prepared(sql: str) -> _Prepared:
    """Named after its text; each value has one number, however often it is used."""
    numbers: dict[str | int, int] = {}

    def numbered(found: re.Match[str]) -> str:
        place: str | int = found[1] or len(numbers)
        return f"${numbers.setdefault(place, len(numbers) + 1)}"

    text, name = _PLACE.sub(numbered, sql), f"ask_{sha256(sql.encode()).hexdigest()[:16]}"
    given = f"({', '.join(['%s'] * len(numbers))})" if numbers else ""
    return _Prepared(name, text, f"EXECUTE {name}{given}", tuple(numbers))
