"""Fewer journeys to the database and shorter plans, where a change waits for them.

Questions that are asked `together` leave as one message and come back as one (`line.py`). psycopg's pipeline would
spare the journeys too, but it lets go of the interpreter some ten times for five statements, and each time another
thread may keep it. In one message values are written into the text, so what is asked is prepared by name, once for each
connection.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final, NamedTuple

import psycopg
from sqlalchemy import Connection, Engine, event
from sqlmodel import Session

from ecom_agent.store.line import Line, Rows, Value, driver

# What the guards ask joins ten tables: planning it takes six times as long as answering it, so each connection plans it
# once. That plan outlives small tables: it may count on nothing but indexes, and nothing is compiled for it.
_PLAN_ONCE: Final = (
    "SET LOCAL plan_cache_mode = force_generic_plan",
    "SET LOCAL enable_seqscan = off",
    "SET LOCAL jit = off",
)
_JOURNEY: Final = "journey"
_PLANNED: Final = "plans_once"
_LINE: Final = "line"
_PLACE: Final = re.compile(r"%(?:\((\w+)\))?s")


@dataclass(slots=True)
class Answer:
    """What a question gave; to be looked at once its journey is over."""

    _rows: list[dict[str, Any]] = field(default_factory=list)
    count: int | None = None
    """Rows that it gave or changed; None until it is back."""

    def all(self) -> list[dict[str, Any]]:
        if self.count is None:
            raise RuntimeError("wanted an answer before its journey: leave the block of `together` first")
        return self._rows

    def first(self) -> dict[str, Any] | None:
        return next(iter(self.all()), None)


class _Question(NamedTuple):
    """`values` by name or by place; None: the text as it is."""

    sql: str
    values: Mapping[Any, Value] | None
    answer: Answer


class _Prepared(NamedTuple):
    name: str
    text: str
    places: tuple[str | int, ...]


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


def ask(session: Session, sql: str, values: Mapping[str, Value] | Sequence[Value]) -> Answer:
    """A question with psycopg's placeholders, `%s` or `%(name)s`: prepared once, so for few different texts only."""
    given = values if isinstance(values, Mapping) else dict(enumerate(values))
    return _asked(session, _Question(sql, given, Answer()))


def tell(session: Session, sql: str) -> None:
    """A command without values."""
    _asked(session, _Question(sql, None, Answer()))


def plan_once(session: Session) -> None:
    """From here to the end of the unit of work a statement is planned once for each connection."""
    if not session.info.get(_PLANNED):
        session.info[_PLANNED] = True
        with together(session):
            for command in _PLAN_ONCE:
                tell(session, command)


def _asked(session: Session, question: _Question) -> Answer:
    with together(session):
        session.info[_JOURNEY].append(question)
    return question.answer


def _leave(session: Session, questions: Sequence[_Question]) -> None:
    line = _line(session)
    begins = line.rests
    try:
        _send(line, questions)
    except psycopg.errors.InvalidSqlStatementName:  # thrown away behind our back
        _forget(session.connection())
        if not begins:
            raise
        line.connection.rollback()  # nothing was done in it yet
        _send(_line(session), questions)


def _send(line: Line, questions: Sequence[_Question]) -> None:
    asked = [(question, None if question.values is None else _prepared(question.sql)) for question in questions]
    if new := {one.name: one for _, one in asked if one is not None and one.name not in line.prepared}:
        line.ask([f"PREPARE {one.name} AS {one.text}".encode(line.codec) for one in new.values()])
        line.prepared.update({name: Rows(line.connection) for name in new})
    results = line.ask([_statement(line, question, one) for question, one in asked])
    for (question, one), result in zip(asked, results, strict=True):
        if one is not None and result.nfields:
            question.answer._rows = line.prepared[one.name].read(result, line.codec)
            question.answer.count = result.ntuples
        else:
            question.answer.count = result.command_tuples or 0


def _statement(line: Line, question: _Question, prepared: _Prepared | None) -> bytes:
    if prepared is None or question.values is None:
        return question.sql.encode(line.codec)
    execute = f"EXECUTE {prepared.name}".encode()
    if not prepared.places:
        return execute
    return b"%b(%b)" % (execute, b", ".join([line.literal(question.values[place]) for place in prepared.places]))


def _line(session: Session) -> Line:
    """With what is prepared on this connection, which is asked of the server where it is not known."""
    line: Line | None = session.info.get(_LINE)
    if line is not None and line.good:
        return line
    info, connection = session.connection().connection.info, driver(session)
    if _LINE not in info:
        names = connection.execute(b"SELECT name FROM pg_prepared_statements WHERE starts_with(name, 'ask_')")
        info[_LINE] = Line(connection, {name: Rows(connection) for (name,) in names})
    found: Line = info[_LINE]
    session.info[_LINE] = found
    return found


def watch(engine: Engine) -> None:
    """psycopg throws away all that is prepared on a connection, ours too, when something is rolled back there."""
    event.listen(engine, "rollback", _forget)
    event.listen(engine, "rollback_savepoint", lambda connection, _name, _context: _forget(connection))


def _forget(connection: Connection) -> None:
    if not connection.closed and not connection.invalidated:
        line = connection.connection.info.pop(_LINE, None)
        if line is not None:
            line.good = False


@lru_cache(maxsize=256)
def _prepared(sql: str) -> _Prepared:
    """Named after its text; each value has one number, however often it is used."""
    numbers: dict[str | int, int] = {}

    def numbered(found: re.Match[str]) -> str:
        place: str | int = found[1] or len(numbers)
        return f"${numbers.setdefault(place, len(numbers) + 1)}"

    text, name = _PLACE.sub(numbered, sql), f"ask_{sha256(sql.encode()).hexdigest()[:16]}"
    return _Prepared(name, text, tuple(numbers))
