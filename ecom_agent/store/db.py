"""The database: one engine, and the unit of work that holds the one commit."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import orjson
import psycopg
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError, DisconnectionError
from sqlmodel import Session

from ecom_agent.errors import ConfigError, StoreError
from ecom_agent.security.vault import Vault
from ecom_agent.store import journeys, schema
from ecom_agent.store.sealing import Sealer, arm

log = logging.getLogger(__name__)

_DRIVERS: Final = ("postgresql", "postgres", "postgresql+psycopg")
_CONNECT_S: Final = 10
_TRUSTED_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit of work. Repositories take its session; none of them commits."""

    session: Session


class Database:
    """Any PostgreSQL from 15 on that has pgvector. Made without connecting; safe between threads.

    `vault` gives what seals its payloads and buyers; without it, none of them can be written or read.
    """

    def __init__(self, url: str, *, pool_size: int = 5, vault: Callable[[], Vault] | None = None) -> None:
        self._url = _psycopg_url(url)
        self._sealer = None if vault is None else Sealer(vault)
        self._engine: Engine = create_engine(
            self._url,
            pool_size=pool_size,
            max_overflow=10,
            connect_args={
                "connect_timeout": _CONNECT_S,
                "application_name": "ecom-agent",
                "options": "-c timezone=UTC",
            },
            json_serializer=lambda value: orjson.dumps(value).decode(),
            json_deserializer=orjson.loads,
        )
        event.listen(self._engine, "checkin", _note_use)
        event.listen(self._engine, "checkout", _ping_if_idle)
        journeys.watch(self._engine)

    def __repr__(self) -> str:
        return f"Database({self.address!r})"

    @property
    def address(self) -> str:
        """Where it is, without the password."""
        return self._url.set(drivername="postgresql").render_as_string(hide_password=True)

    def check(self) -> None:
        """Whether this program can work with the database as it is.

        Raises StoreError where it cannot be reached, is no PostgreSQL ≥ 15 with pgvector, or its schema is older
        or newer than the program.
        """
        with self._connected() as connection:
            schema.check_server(connection)
            schema.check_revision(connection)

    def migrate(self) -> None:
        """Bring the schema to this program's; nothing to do if it is there. Processes that race take turns.

        Raises StoreError as `check` does, except that an older schema is what this is for.
        """
        with self._connected() as connection:
            schema.check_server(connection)
            with connection.begin():
                schema.upgrade(connection)

    @contextmanager
    def unit(self) -> Iterator[Unit]:
        """Everything in the block is committed together at its end, or not at all if it raises.

        Raises StoreError where the database is gone, full or not migrated.
        """
        with self._connected() as connection, Session(connection, expire_on_commit=False) as session, session.begin():
            arm(session, self._sealer)
            yield Unit(session)

    def dispose(self) -> None:
        """Close all idle connections."""
        self._engine.dispose()

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        try:
            with self._connect() as connection:
                yield connection
        except (DBAPIError, psycopg.Error) as e:
            told = _told(e)
            if told is None:
                raise
            raise StoreError(f"database {self.address}: {told}") from e

    def _connect(self) -> Connection:
        """Tried twice: a server that restarts refuses for a moment. Nothing is ever retried after connecting."""
        try:
            return self._engine.connect()
        except DBAPIError as e:
            log.warning("the database did not answer; trying once more", extra={"database": self.address})
            log.debug("its answer", exc_info=e)
            return self._engine.connect()


def _note_use(_connection: Any, record: Any) -> None:
    record.info["used_at"] = time.monotonic()


def _ping_if_idle(connection: Any, record: Any, _proxy: Any) -> None:
    """A server that went away meanwhile costs one quiet reconnect. What worked a moment ago is not asked."""
    if time.monotonic() - record.info.get("used_at", 0.0) < _TRUSTED_S:
        return
    try:
        connection.execute("SELECT 1")
        connection.commit()  # a rollback would cost it all that is prepared
    except psycopg.Error as e:
        raise DisconnectionError("the connection is gone") from e


def _psycopg_url(url: str) -> URL:
    try:
        read = make_url(url)
    except ArgumentError:
        raise ConfigError("the database URL cannot be read; wanted postgresql://user:password@host:port/name") from None
    if read.drivername not in _DRIVERS:
        raise ConfigError(f"the database must be PostgreSQL; wanted postgresql://…, found {read.drivername}://…")
    return read.set(drivername="postgresql+psycopg")


def _told(error: DBAPIError | psycopg.Error) -> str | None:
    """What to tell a person, or None for an error that is the caller's own (a broken constraint, a wrong query)."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, psycopg.errors.DiskFull):
        return "its disk is full: free some space; what was being written was not kept"
    if isinstance(cause, psycopg.errors.UndefinedTable):
        return "a table is missing: its schema is older than this program; migrate it (`ecom up` does)"
    if isinstance(cause, psycopg.errors.InvalidPassword | psycopg.errors.InvalidAuthorizationSpecification):
        return "it refuses the user or the password: correct the database URL"
    if isinstance(cause, psycopg.errors.InvalidSqlStatementName):
        return "what was prepared there is gone: the next try prepares it again"
    if isinstance(cause, psycopg.errors.InvalidCatalogName):
        return "there is no such database: create it, or correct the database URL"
    if isinstance(cause, psycopg.OperationalError):
        first = (str(cause).strip().splitlines() or ["no answer"])[0]
        return f"it cannot be reached or gave up ({first}): see that the server runs, then try again"
    return None
