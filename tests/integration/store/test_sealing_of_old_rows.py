"""What stood in the clear before payloads were sealed is sealed at the next start, once, and reads as before."""

from __future__ import annotations

import json
import zlib

import pytest
from postgres_kit import VAULT
from store_kit import T0, US

from ecom_agent.errors import ConfigError
from ecom_agent.security.vault import Vault
from ecom_agent.store.db import Database
from ecom_agent.store.events import InboxStore
from ecom_agent.store.line import driver
from ecom_agent.store.quarantine import QuarantineStore
from ecom_agent.store.raw import RawStore
from ecom_agent.wiring.database import seal_what_is_in_the_clear

pytestmark = pytest.mark.services
NAME, DIGEST = b"Ann Quark", "0" * 64


def in_the_clear(database: Database) -> list[bytes]:
    with database.unit() as unit:
        connection = driver(unit.session)
        found = [
            row
            for sql in (
                b"SELECT body FROM raw_payload",
                b"SELECT body FROM event_inbox",
                b"SELECT coalesce(payload::text, '')::bytea FROM quarantine",
            )
            for (row,) in connection.execute(sql).fetchall()
        ]
    return [bytes(row) for row in found]


def test_old_rows_are_sealed_once_and_read_as_before(database: Database, postgres_url: str) -> None:
    with database.unit() as unit:
        connection, body = driver(unit.session), zlib.compress(NAME)
        connection.execute(
            "INSERT INTO raw_payload (digest, account, stream, operation, body, seen_at, sealed)"
            " VALUES (%s, %s, 'orders', 'getOrders', %s, %s, false)", (DIGEST, US, body, T0),
        )  # fmt: skip
        connection.execute(
            "INSERT INTO event_inbox (account, source, topic, dedupe_id, body, received_at, sealed)"
            " VALUES (%s, 'ebay', 'orders', 'd1', %s, %s, false)", (US, NAME, T0),
        )  # fmt: skip
        connection.execute(
            "INSERT INTO quarantine (account, stream, reason, raw_digest, payload, seen_at)"
            " VALUES (%s, 'orders', 'odd', %s, %s, %s)", (US, DIGEST, json.dumps({"buyer": "Ann Quark"}), T0),
        )  # fmt: skip
    assert sum(NAME in row or row == zlib.compress(NAME) for row in in_the_clear(database)) == 3
    assert seal_what_is_in_the_clear(database) == 3
    assert seal_what_is_in_the_clear(database) == 0
    assert not any(NAME in row or row == zlib.compress(NAME) for row in in_the_clear(database))
    with database.unit() as unit:
        assert RawStore(unit.session).get_one(DIGEST).body == NAME
        (event,) = InboxStore(unit.session).claim()
        (aside,) = QuarantineStore(unit.session).open()
        assert (event.body, QuarantineStore(unit.session).payload(aside.id)) == (NAME, {"buyer": "Ann Quark"})
    other = Database(postgres_url, vault=lambda: Vault(bytes(32)))
    with pytest.raises(ConfigError, match="ECOM_DATA_KEY"), other.unit() as unit:
        RawStore(unit.session).keep(US, "orders", "getOrders", b"more", seen_at=T0)


def test_a_persons_name_here_depends_on_the_key_and_on_every_part() -> None:
    parts = (("customer", "ebay", "ann"), ("customer", "ebayann"), ("customereb", "ay", "ann"))
    names = {VAULT.name(*told) for told in parts} | {Vault(bytes(32)).name("customer", "ebay", "ann")}
    assert len(names) == 4
    assert VAULT.name("customer", "ebay", "ann") in names
