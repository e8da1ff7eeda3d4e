"""Questions that leave together: each gets its own answer, what fails is told, values are never part of the text."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session

from ecom_agent.errors import StoreError
from ecom_agent.store.db import Database
from ecom_agent.store.journeys import ask, plan_once, tell, together
from ecom_agent.store.line import driver

pytestmark = pytest.mark.services
MOMENT = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))


def test_each_gets_its_own_answer(database: Database) -> None:
    with database.unit() as unit:
        with together(unit.session):
            many = ask(unit.session, "SELECT n FROM generate_series(1, %s) AS n", (3,))
            plan_once(unit.session)
            named = ask(
                unit.session, "SELECT %(a)s::int AS a, %(b)s::text AS b, %(a)s::int AS c", {"a": 1, "b": "x", "z": 9}
            )
            changed = ask(unit.session, "UPDATE listing SET title = %s WHERE false", ("x",))
            one = ask(unit.session, "SELECT %s::int AS n WHERE %s::bool", (7, True))
        assert [row["n"] for row in many.all()] == [1, 2, 3]
        assert many.count == 3
        assert named.all() == [{"a": 1, "b": "x", "c": 1}]
        assert (changed.count, changed.all(), changed.first()) == (0, [], None)
        assert one.first() == {"n": 7}


def test_what_stands_in_a_block_leaves_with_the_outer_one(database: Database) -> None:
    with database.unit() as unit, together(unit.session):
        with together(unit.session):
            answer = ask(unit.session, "SELECT 1 AS n", ())
        with pytest.raises(RuntimeError, match="leave the block"):
            answer.all()


@pytest.mark.parametrize("again", [False, True], ids=["first", "again"])
def test_what_fails_is_raised_and_nothing_after_it_is_done(database: Database, again: bool) -> None:
    def going_wrong() -> None:
        with database.unit() as unit:
            if again:  # both are prepared by then
                ask(unit.session, "SELECT 1 / %s::int AS n", (1,))
            with together(unit.session):
                ask(unit.session, "SELECT 1 / %s::int AS n", (0,))
                tell(unit.session, "COMMIT")

    with pytest.raises(psycopg.errors.DivisionByZero):
        going_wrong()
    with database.unit() as unit:  # the connection is good for the next
        assert ask(unit.session, "SELECT 1 / %s::int AS n", (1,)).all() == [{"n": 1}]


def test_a_block_that_raises_asks_nothing(database: Database) -> None:
    with database.unit() as unit:
        asked = []
        with suppress(KeyError), together(unit.session):
            asked.append(ask(unit.session, "SELECT 1 AS n", ()))
            raise KeyError
        assert asked[0].count is None
        assert ask(unit.session, "SELECT 2 AS n", ()).all() == [{"n": 2}]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(TEXTS | st.none(), max_size=4), TEXTS, st.integers(-(2**63), 2**63 - 1), st.binary())
def test_values_come_back_as_they_were_given(
    database: Database, several: list[str | None], one: str, n: int, raw: bytes
) -> None:
    with database.unit() as unit:
        found = ask(
            unit.session,
            "SELECT %s::text[] AS several, %s::text AS one, %s::bigint AS n, %s::timestamptz AS at, %s::bytea AS raw",
            (several, one, n, MOMENT, raw),
        ).first()
    assert found == {"several": several, "one": one, "n": n, "at": MOMENT, "raw": raw}


def test_a_text_that_no_database_takes_is_an_error_of_the_data(database: Database) -> None:
    with pytest.raises(psycopg.DataError), database.unit() as unit:
        ask(unit.session, "SELECT %s::text AS t", ("\0",))


@pytest.mark.parametrize("value", [1.5, {"a": 1}, [1]])
def test_a_value_of_another_type_is_refused(database: Database, value: Any) -> None:
    with pytest.raises(TypeError, match="wanted a"), database.unit() as unit:
        ask(unit.session, "SELECT %s::text AS t", (value,))


def test_what_was_asked_is_taken_back_with_its_unit_of_work(database: Database) -> None:
    name = "of a unit of work that fails"
    with suppress(KeyError), database.unit() as unit:
        kept = "INSERT INTO policy (name, version, body, by, at) VALUES (%s, 1, '{}', 'me', %s)"
        assert ask(unit.session, kept, (name, MOMENT)).count == 1
        raise KeyError
    with database.unit() as unit:
        assert ask(unit.session, "SELECT 1 AS n FROM policy WHERE name = %s", (name,)).all() == []


def test_a_commit_that_left_with_the_rest_is_not_made_again(database: Database) -> None:
    with database.unit() as unit:
        with together(unit.session):
            mine = ask(unit.session, "SELECT pg_current_xact_id() AS id", ())
            tell(unit.session, "COMMIT")
        assert driver(unit.session).info.transaction_status == psycopg.pq.TransactionStatus.IDLE
    with database.unit() as unit:
        status = ask(unit.session, "SELECT pg_xact_status(%s::text::xid8) AS told", (str(mine.all()[0]["id"]),))
        assert status.all() == [{"told": "committed"}]


@pytest.mark.parametrize("psycopgs_own", [False, True], ids=["only ours", "psycopg's own too"])
@pytest.mark.parametrize("savepoint", [False, True], ids=["all of it", "a part"])
def test_what_was_prepared_is_there_after_something_was_rolled_back(
    database: Database, psycopgs_own: bool, savepoint: bool
) -> None:
    """psycopg throws away all that is prepared on a connection, but only where something of its own is."""

    def question(session: Session) -> list[dict[str, int]]:
        return ask(session, "SELECT %s::int + 1 AS n", (1,)).all()

    with suppress(KeyError), database.unit() as unit:
        question(unit.session)
        if psycopgs_own:
            driver(unit.session).execute(b"SELECT 1", prepare=True)
        if savepoint:
            with suppress(KeyError), unit.session.begin_nested():
                raise KeyError
            assert question(unit.session) == [{"n": 2}]
        raise KeyError
    with database.unit() as unit:
        assert question(unit.session) == [{"n": 2}]


def _after_something_else(session: Session) -> None:
    """What was done already cannot be done again."""
    driver(session).execute(b"SELECT 2")
    ask(session, "SELECT 1 AS n", ())


def test_what_was_thrown_away_behind_our_back_is_prepared_again(database: Database) -> None:
    def thrown_away() -> None:
        with database.unit() as unit:
            ask(unit.session, "SELECT 1 AS n", ())
            driver(unit.session).execute(b"DEALLOCATE ALL")

    thrown_away()
    with database.unit() as unit:
        assert ask(unit.session, "SELECT 1 AS n", ()).all() == [{"n": 1}]
    thrown_away()
    with pytest.raises(StoreError, match="the next try prepares it again"), database.unit() as unit:
        _after_something_else(unit.session)
    with database.unit() as unit:
        assert ask(unit.session, "SELECT 1 AS n", ()).all() == [{"n": 1}]
