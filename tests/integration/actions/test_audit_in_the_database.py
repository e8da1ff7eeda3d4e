"""The audit in PostgreSQL: append-only for everybody, one chain under many writers, tampering found."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from actions_kit import T0
from postgres_kit import full_disk

from ecom_agent.actions.audit import AuditEvent
from ecom_agent.actions.halts import Halt
from ecom_agent.errors import StoreError
from ecom_agent.store.audit import AuditStore
from ecom_agent.store.ledger import PgLedger

pytestmark = pytest.mark.services


def event(n):
    return AuditEvent(T0, None, "test", "system:test", {"n": n, "share": 0.1, "text": "naïve \u0000 ☂"})


def append(database, *numbers):
    with database.unit() as unit:
        AuditStore(unit.session).append_all([event(n) for n in numbers])


def report(database):
    with database.unit() as unit:
        return AuditStore(unit.session).verify()


@pytest.mark.parametrize(
    "statement", ["UPDATE audit_event SET actor = 'nobody'", "DELETE FROM audit_event", "TRUNCATE audit_event"]
)
def test_nobody_changes_what_was_written(database, postgres_url, statement):
    append(database, 1, 2)
    with psycopg.connect(postgres_url) as raw, pytest.raises(psycopg.errors.RaiseException, match="append-only"):
        raw.execute(statement)
    assert report(database).ok


def test_who_takes_the_trigger_away_is_found_out(database, postgres_url):
    append(database, *range(5))
    with psycopg.connect(postgres_url) as raw:
        raw.execute("ALTER TABLE audit_event DISABLE TRIGGER ALL")
        raw.execute("UPDATE audit_event SET actor = 'nobody' WHERE seq = 3")
    found = report(database)
    assert (found.ok, found.broken_at) == (False, 3)


def test_many_writers_make_one_chain(database):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: append(database, n, n + 1000), range(60)))
    found = report(database)
    assert (found.ok, found.events) == (True, 120)


def test_a_unit_that_fails_leaves_no_event_and_no_gap(database):
    append(database, 1)

    def append_then_fail():
        with database.unit() as unit:
            AuditStore(unit.session).append(event(2))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        append_then_fail()
    append(database, 3)
    assert (report(database).ok, report(database).events) == (True, 2)


@pytest.mark.parametrize("lasting", [True, False], ids=["lasting", "not waited for"])
def test_a_commit_that_is_refused_keeps_nothing_of_its_unit_of_work(database, postgres_url, lasting):
    """Its commit leaves together with the events: what was written before them stands or falls with it."""
    ledger, halt = PgLedger(database), Halt("all", "a try", "anna", T0)

    def halted(n):
        with ledger.unit(lasting=lasting) as book:
            book.halts.open(halt)
            book.audit.append(event(n))

    append(database, 1)
    with full_disk(postgres_url, "audit_event"), pytest.raises(StoreError, match="disk is full"):
        halted(2)
    with ledger.unit() as book:
        assert not book.halts.active()
    halted(3)
    with ledger.unit() as book:
        assert [h.scope for h in book.halts.active()] == ["all"]
    assert (report(database).ok, report(database).events) == (True, 2)


def test_a_fork_is_refused_by_the_table_itself(database, postgres_url):
    append(database, 1)
    columns = "seq, at, action_key, step, 'another', detail, previous, repeat('f', 64)"
    with psycopg.connect(postgres_url) as raw, pytest.raises(psycopg.errors.UniqueViolation):
        raw.execute(f"INSERT INTO audit_event SELECT {columns} FROM audit_event")
