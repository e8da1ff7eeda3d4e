"""The database a process works on: any by URL, else the embedded one, which is made, brought up to date and started."""

from __future__ import annotations

import atexit
from datetime import datetime
from typing import Final

from ecom_agent.runtime.postgres import EmbeddedPostgres
from ecom_agent.settings import Settings
from ecom_agent.store.db import Database
from ecom_agent.store.events import InboxStore
from ecom_agent.store.policies import seed_policies
from ecom_agent.store.quarantine import QuarantineStore
from ecom_agent.store.raw import RawStore
from ecom_agent.telemetry import log

_log = log(__name__)
_BATCH: Final = 200


def prepare_database(url: str, at: datetime, *, follow: bool = False) -> None:
    """Bring the schema up to date and seed the shipped policies; `follow`: see `seed_policies`."""
    database = Database(url)
    try:
        database.migrate()
        with database.unit() as unit:
            seed_policies(unit.session, at=at, follow=follow)
    finally:
        database.dispose()


def database_url(settings: Settings, at: datetime) -> str:
    """The URL in force. An embedded database that this process had to start is stopped when it ends."""
    if settings.database_url is not None:
        return settings.database_url
    server = EmbeddedPostgres(settings.data_dir / "postgres")
    if server.pid is None:
        _log.info("starting the embedded database", folder=str(settings.data_dir))
        server.start()
        atexit.register(server.stop)
        prepare_database(server.url, at)
    return server.url


def seal_what_is_in_the_clear(database: Database) -> int:
    """Payloads, webhooks and set-aside records of a time when they were not sealed yet; gives how many there were.

    Nothing to do but three short looks where none is left. Raises ConfigError where the data key is another one.
    """
    sealed = 0
    for store in (RawStore, InboxStore, QuarantineStore):
        while True:
            with database.unit() as unit:
                done = store(unit.session).seal_old(_BATCH)
            sealed += done
            if done == 0:
                break
    if sealed:
        _log.info("payloads of former versions were sealed", count=sealed)
    return sealed
