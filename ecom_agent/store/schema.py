"""The schema's version: what the server must offer, which revision stands, and the way to the newest one."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import psycopg
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from ecom_agent.errors import StoreError

LEAST_SERVER: Final = 150000
_LOCK: Final = 0x65636F6D  # "ecom": one migration at a time in a database
_SCRIPTS: Final = Path(__file__).parent / "migrations"


def check_server(connection: Connection) -> None:
    """Raises StoreError unless this is PostgreSQL ≥ 15 and offers pgvector."""
    with connection.begin():
        number = int(connection.scalar(text("SHOW server_version_num")) or 0)
        name = connection.scalar(text("SHOW server_version"))
        offered = connection.scalar(text("SELECT 1 FROM pg_available_extensions WHERE name = 'vector'"))
    if number < LEAST_SERVER:
        raise StoreError(f"wanted PostgreSQL 15 or newer; found {name}; upgrade the server or use another one")
    if offered is None:
        raise StoreError(
            f"PostgreSQL {name} has no pgvector: install its package on the server (Debian: postgresql-"
            f"{number // 10000}-pgvector), or leave ECOM_DATABASE_URL empty for the embedded database"
        )


def check_revision(connection: Connection) -> None:
    """Raises StoreError unless the schema is exactly this program's."""
    with connection.begin():
        found = _known_revision(connection)
    if found != head():
        raise StoreError(
            f"the schema is older than this program (found {found or 'none'}, wanted {head()}):"
            " migrate it (`ecom up` does), and keep a backup"
        )


def upgrade(connection: Connection) -> None:
    """Migrate to the newest revision, in the caller's transaction. Raises StoreError for a newer schema."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    if _known_revision(connection) == head():
        return
    try:
        connection.execute(text("CREATE EXTENSION IF NOT EXISTS vector"))
    except DBAPIError as e:
        if isinstance(e.orig, psycopg.errors.InsufficientPrivilege):
            raise StoreError(
                "the database's user may not add pgvector: let an administrator run CREATE EXTENSION vector there"
            ) from e
        raise
    command.upgrade(config(connection), "head")


def config(connection: Connection | None = None) -> Config:
    """Alembic's configuration, without an ini file."""
    made = Config()
    made.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    made.set_main_option("path_separator", "os")
    made.attributes["connection"] = connection
    return made


def head() -> str:
    """The one newest revision."""
    found = ScriptDirectory.from_config(config()).get_current_head()
    if found is None:
        raise StoreError("the program has no migrations: it is not installed completely, install it again")
    return found


def _known_revision(connection: Connection) -> str | None:
    """The revision that stands, None for an empty database. Raises StoreError if it is not one of ours."""
    found = MigrationContext.configure(connection).get_current_revision()
    known = {script.revision for script in ScriptDirectory.from_config(config()).walk_revisions()}
    if found is not None and found not in known:
        raise StoreError(
            f"the schema is newer than this program (found revision {found}, newest known {head()}):"
            " update the program; the data has not been touched"
        )
    return found
