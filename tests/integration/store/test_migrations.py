"""The schema: up, down, up again; equal to the rows; older and newer ones are told apart; no race."""

from __future__ import annotations

import importlib
import pkgutil
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import orjson
import psycopg
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text
from sqlmodel import SQLModel

import ecom_agent.store
from ecom_agent.errors import ConfigError, StoreError
from ecom_agent.ids import AccountId, MarketplaceId
from ecom_agent.money import Money
from ecom_agent.records.offers import Offer
from ecom_agent.store import schema
from ecom_agent.store.db import Database
from ecom_agent.store.offers import OfferStore

pytestmark = pytest.mark.services


def tables(url: str) -> set[str]:
    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    return {name for (name,) in found}


def test_up_down_and_up_again(empty_postgres_url: str) -> None:
    database = Database(empty_postgres_url)
    database.migrate()
    full = tables(empty_postgres_url)
    engine = create_engine(empty_postgres_url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        command.downgrade(schema.config(connection), "base")
    assert tables(empty_postgres_url) == {"alembic_version"}
    database.migrate()
    assert tables(empty_postgres_url) == full
    database.check()
    engine.dispose()
    database.dispose()


def test_rows_and_migrations_agree(postgres_url: str) -> None:
    for module in pkgutil.iter_modules(ecom_agent.store.__path__, "ecom_agent.store."):
        importlib.import_module(module.name)
    engine = create_engine(postgres_url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": _no_indexes})
        differences = compare_metadata(context, SQLModel.metadata)
    engine.dispose()
    assert differences == []


def _no_indexes(_object: object, _name: object, kind: str, _reflected: bool, _other: object) -> bool:
    return kind in ("table", "column")


def test_processes_that_migrate_at_once_take_turns(empty_postgres_url: str) -> None:
    def run(_: int) -> None:
        database = Database(empty_postgres_url)
        database.migrate()
        database.check()
        database.dispose()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(run, range(4)))


def test_an_empty_database_says_migrate(empty_postgres_url: str) -> None:
    with pytest.raises(StoreError, match=r"older than this program.*migrate"):
        Database(empty_postgres_url).check()


def test_work_in_an_empty_database_says_migrate(empty_postgres_url: str) -> None:
    with pytest.raises(StoreError, match="migrate"), Database(empty_postgres_url).unit() as unit:
        unit.session.execute(text("SELECT * FROM orders"))


def test_a_newer_schema_is_refused_and_left_alone(postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    database = Database(postgres_url)
    for attempt in (database.check, database.migrate):
        with pytest.raises(StoreError, match=r"newer than this program.*update the program"):
            attempt()


def test_a_database_that_is_not_there_is_named_without_its_password() -> None:
    database = Database("postgresql://somebody:hunter2@127.0.0.1:1/x")
    with pytest.raises(StoreError, match="cannot be reached") as told:
        database.check()
    assert "hunter2" not in str(told.value) + repr(database)


@pytest.mark.parametrize("url", ["mysql://a@b/c", "sqlite://", "", "postgresql"])
def test_another_kind_of_database_is_a_settings_error(url: str) -> None:
    with pytest.raises(ConfigError, match="wanted postgresql://"):
        Database(url)


def test_both_url_forms_are_taken(postgres_url: str) -> None:
    database = Database(postgres_url.replace("postgresql://", "postgresql+psycopg://"))
    database.check()
    database.dispose()


def test_pages_of_older_databases_are_read_as_they_were(empty_postgres_url: str) -> None:
    """Their offers were objects; the newest fields were not there at first."""
    whole = {
        "seller_id": "A1", "listing_price": [1999, "USD"], "shipping": [0, "USD"], "points": None, "is_fba": True,
        "is_featured": None, "is_prime": False, "feedback_count": 12, "feedback_percent": 96, "max_handling_hours": 24,
        "sub_condition": "new", "ships_from": "US", "is_featured_merchant": True,
    }  # fmt: skip
    former = {name: None if name != "listing_price" else [5, "JPY"] for name in list(whole)[:-3]} | {"seller_id": "A2"}
    engine = create_engine(empty_postgres_url.replace("postgresql://", "postgresql+psycopg://"))
    database = Database(empty_postgres_url)
    database.migrate()
    with engine.begin() as connection:
        command.downgrade(schema.config(connection), "0020")
        for page, offers in (("B1", [whole, former]), ("B2", [])):
            connection.exec_driver_sql(
                "INSERT INTO offer_snapshot VALUES ('a', 'm', %s, 'new', %s, NULL, NULL, now(), now(), 'x', NULL)",
                (page, orjson.dumps(offers).decode()),
            )
    database.migrate()
    with database.unit() as unit:
        first, second = OfferStore(unit.session).all(AccountId("a"), MarketplaceId("m"))
    price = Money(1999, "USD")
    nothing: list[Any] = [None] * 11
    assert first.offers == (
        Offer("A1", price, Money(0, "USD"), None, True, None, False, 12, 96, 24, "new", "US", True),
        Offer("A2", Money(5, "JPY"), *nothing),
    )
    assert second.offers == ()
    with engine.begin() as connection:
        command.downgrade(schema.config(connection), "0020")
        found = connection.exec_driver_sql("SELECT offers FROM offer_snapshot ORDER BY external_id").scalars().all()
    assert found == [[whole, {name: former.get(name) for name in whole}], []]
    engine.dispose()
    database.dispose()
