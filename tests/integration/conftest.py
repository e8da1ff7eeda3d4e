"""Fixtures with a real PostgreSQL: `postgres_url` (fresh, migrated), `empty_postgres_url`, `database`, `seller`."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from postgres_kit import VAULT, fresh_database, shared_cluster
from seller_kit import Seller, market

from ecom_agent.runtime.market import MarketControl
from ecom_agent.runtime.postgres import EmbeddedPostgres
from ecom_agent.store.db import Database


@pytest.fixture(scope="session")
def postgres_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    base = tmp_path_factory.getbasetemp()
    session = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    # Not below pytest's own folder: every new session closes that to other users, and as root the server is one.
    name = hashlib.sha256(str(session).encode()).hexdigest()[:12]
    with shared_cluster(Path(tempfile.gettempdir()) / f"ecom-tests-{name}") as cluster:
        yield cluster


@pytest.fixture
def postgres_url(postgres_cluster: EmbeddedPostgres) -> Iterator[str]:
    with fresh_database(postgres_cluster) as url:
        yield url


@pytest.fixture
def empty_postgres_url(postgres_cluster: EmbeddedPostgres) -> Iterator[str]:
    with fresh_database(postgres_cluster, migrated=False) as url:
        yield url


@pytest.fixture
def database(postgres_url: str) -> Iterator[Database]:
    made = Database(postgres_url, vault=lambda: VAULT)
    yield made
    made.dispose()


@pytest.fixture
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MarketControl]:
    """A simulated market in which nothing happened yet: a used one has its quotas spent, and prices that others set."""
    with market(tmp_path_factory.mktemp("market")) as made:
        yield made


@pytest.fixture
def seller(world: MarketControl, postgres_url: str, tmp_path: Path) -> Iterator[Seller]:
    """A whole system that nothing has happened to yet."""
    made = Seller(world, postgres_url, tmp_path)
    yield made
    made.close()
