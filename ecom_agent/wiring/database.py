"""The database a process works on: any by URL, else the embedded one, which is made, brought up to date and started."""

from __future__ import annotations

import atexit
from datetime import datetime

from ecom_agent.runtime.postgres import EmbeddedPostgres
from ecom_agent.settings import Settings
from ecom_agent.store.db import Database
from ecom_agent.store.policies import seed_policies
from ecom_agent.telemetry import log

_log = log(__name__)


def prepare_database(url: str, at: datetime) -> None:
    """Bring the schema up to date and seed the shipped policies."""
    database = Database(url)
    try:
        database.migrate()
        with database.unit() as unit:
            seed_policies(unit.session, at=at)
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
