"""One embedded PostgreSQL per test session, shared by xdist's workers; each test gets a fresh migrated database.

Databases are copied from a template that is migrated once. `tests/integration/conftest.py` makes fixtures of this.
"""

from __future__ import annotations

import fcntl
import itertools
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from ecom_agent.runtime.postgres import EmbeddedPostgres, postgres
from ecom_agent.security.vault import Vault
from ecom_agent.store.db import Database

TEMPLATE = "ecom_template"
VAULT = Vault(b"the data key of all these tests!")
_numbers = itertools.count()


@contextmanager
def full_disk(url: str, table: str) -> Iterator[None]:
    """Whoever commits what it wrote to `table` is told by PostgreSQL, at that moment, that its disk is full."""
    with psycopg.connect(url, autocommit=True) as administrator:
        administrator.execute(
            f"""CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION 'no space left' USING ERRCODE = 'disk_full'; END $$;
            CREATE CONSTRAINT TRIGGER full_disk AFTER INSERT ON {table} DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION full_disk()""".encode()
        )
        try:
            yield
        finally:
            administrator.execute(b"DROP FUNCTION full_disk CASCADE")


@contextmanager
def shared_cluster(folder: Path) -> Iterator[EmbeddedPostgres]:
    """The session's cluster: started by the first process that comes, stopped and removed by the last that goes."""
    users, cluster = folder / "users", postgres(folder / "cluster", durable=False)
    me = users / str(os.getpid())
    with _locked(folder):
        users.mkdir(exist_ok=True)
        me.touch()
        template = Database(cluster.start().create_database(TEMPLATE))
        template.migrate()
        template.dispose()
    try:
        yield cluster
    finally:
        with _locked(folder):
            me.unlink()
            if not any(users.iterdir()):
                cluster.stop()
                shutil.rmtree(folder)


@contextmanager
def fresh_database(cluster: EmbeddedPostgres, *, migrated: bool = True) -> Iterator[str]:
    """URL of a database of its own, dropped afterwards."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    cluster.start()  # a test may have killed it
    yield cluster.create_database(name, template=TEMPLATE if migrated else None)
    cluster.drop_database(name)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the folder; where its last user removed it while we waited, it is made anew."""
    lock = folder / "lock"
    while True:
        folder.mkdir(parents=True, exist_ok=True)
        with open(lock, "w") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            if lock.exists() and lock.stat().st_ino == os.fstat(held.fileno()).st_ino:
                yield
                return
