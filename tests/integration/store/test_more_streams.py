"""Returns, charges and messages in the store: nothing regresses, nothing is doubled, no buyer's word is readable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store_kit import ATV, T0, US, at, usd

from ecom_agent.connector import Page, Poison
from ecom_agent.errors import ConfigError, StoreError
from ecom_agent.ids import OrderId, Sku
from ecom_agent.ingest.land import land, land_page
from ecom_agent.money import Money
from ecom_agent.records.finance import Charge, ChargeKind
from ecom_agent.records.messages import Message
from ecom_agent.records.returns import Return, ReturnLine, ReturnStatus
from ecom_agent.security.vault import Vault
from ecom_agent.store.bulk import Written
from ecom_agent.store.charges import ChargeStore
from ecom_agent.store.db import Database
from ecom_agent.store.line import driver
from ecom_agent.store.messages import MessageStore
from ecom_agent.store.quarantine import QuarantineStore
from ecom_agent.store.returns import ReturnStore

pytestmark = pytest.mark.services
VAULT = Vault(bytes(range(32)))
WORDS, BUYER = "My mug came loose,\nJoe at 12 High Street\t\\", "joe_of_high_street"


def a_back(line_id: str = "1", *, quantity: int = 1, reason: str = "DAMAGED") -> ReturnLine:
    return ReturnLine(line_id, "1", Sku("MUG-01"), quantity, reason, usd(1230))


def a_return(
    return_id: str = "R-1",
    *,
    updated: float = 0,
    status: ReturnStatus = ReturnStatus.REQUESTED,
    refunded: Money | None = None,
    lines: tuple[ReturnLine, ...] = (a_back(),),
) -> Return:
    return Return(US, ATV, return_id, OrderId("111-1"), status, status.value, T0, at(updated), refunded, lines)


def a_charge(
    charge_id: str = "C-1",
    *,
    minor: int = -185,
    kind: ChargeKind = ChargeKind.FEE,
    settlement: str | None = None,
    booked: float = 0,
) -> Charge:
    order, sku = OrderId("111-1"), Sku("MUG-01")
    return Charge(US, ATV, charge_id, order, sku, kind, "SaleFee", usd(minor), at(booked), settlement)


def a_message(message_id: str = "M-1", *, text: str = WORDS, buyer: str | None = BUYER, **rest: Any) -> Message:
    return Message(US, ATV, message_id, "T-1", True, T0, text, buyer, **rest)


def returns_of(database: Database) -> Sequence[Return]:
    with database.unit() as unit:
        return ReturnStore(unit.session).opened_between(US, at(-1), at(1))


def put_returns(database: Database, *returns: Return) -> Written:
    with database.unit() as unit:
        return ReturnStore(unit.session).upsert(returns, seen_at=T0)


def put_charges(database: Database, *charges: Charge) -> Written:
    with database.unit() as unit:
        return ChargeStore(unit.session).upsert(charges)


def charges_of(database: Database) -> Sequence[Charge]:
    with database.unit() as unit:
        return ChargeStore(unit.session).booked_between(US, at(-1), at(1))


def put_messages(database: Database, *messages: Message, vault: Vault = VAULT) -> Written:
    with database.unit() as unit:
        return MessageStore(unit.session, vault).upsert(messages)


def messages_of(database: Database, vault: Vault = VAULT) -> Sequence[Message]:
    with database.unit() as unit:
        return MessageStore(unit.session, vault).sent_between(US, at(-1), at(1))


# --- returns ---


def test_a_return_comes_out_as_it_went_in_and_is_written_once(database: Database) -> None:
    one = a_return(lines=(a_back("1"), replace(a_back("2"), sku=None, refund=None, order_line_id=None)))
    other = replace(a_return("R-2", refunded=usd(0), lines=()), order_id=None)
    assert put_returns(database, one, other, one) == Written(2, 1)
    assert list(returns_of(database)) == [one, other]
    assert put_returns(database, one, other) == Written(0, 2)
    with database.unit() as unit:
        assert ReturnStore(unit.session).count(US) == 2


def test_a_newer_return_replaces_the_older_with_its_lines_and_never_the_other_way(database: Database) -> None:
    older = a_return(lines=(a_back("1"), a_back("2"), a_back("3")))
    newer = a_return(updated=1, status=ReturnStatus.REFUNDED, refunded=usd(1230), lines=(a_back("2", quantity=2),))
    put_returns(database, older)
    assert put_returns(database, newer) == Written(1, 0)
    assert put_returns(database, older) == Written(0, 1)
    assert list(returns_of(database)) == [newer]


def test_a_return_read_again_without_news_only_moves_its_time(database: Database) -> None:
    """eBay tells no time of change: every reading is newer. An answer from between must still not come back."""
    put_returns(database, a_return())
    assert put_returns(database, a_return(updated=5)) == Written(0, 1)
    assert put_returns(database, a_return(updated=3, status=ReturnStatus.APPROVED)) == Written(0, 1)
    assert list(returns_of(database)) == [a_return(updated=5)]
    corrected = a_return(updated=5, lines=(a_back(reason="WRONG_ITEM"),))
    assert put_returns(database, corrected) == Written(1, 0)
    assert list(returns_of(database)) == [corrected]


def test_a_status_nobody_knows_is_kept_in_the_platforms_word(database: Database) -> None:
    odd = replace(a_return(status=ReturnStatus.UNMAPPED), status_raw="SENT_TO_THE_MOON")
    put_returns(database, odd)
    assert list(returns_of(database)) == [odd]


versions = st.lists(
    st.builds(
        lambda name, updated, lines, status: a_return(
            name, updated=updated, lines=tuple(a_back(str(n), quantity=q) for n, q in enumerate(lines)), status=status
        ),
        st.sampled_from("abc"),
        st.integers(0, 4),
        st.lists(st.integers(1, 3), max_size=3),
        st.sampled_from([ReturnStatus.REQUESTED, ReturnStatus.RECEIVED]),
    ),
    max_size=12,
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(arriving=versions, page=st.integers(1, 5))
def test_however_returns_arrive_the_newest_stands(database: Database, arriving: list[Return], page: int) -> None:
    newest: dict[str, Return] = {}
    with database.unit() as unit:
        driver(unit.session).execute("TRUNCATE return_case, return_line")
    for start in range(0, len(arriving), page):
        some = arriving[start : start + page]
        for one in some:
            if one.return_id not in newest or one.updated_at >= newest[one.return_id].updated_at:
                newest[one.return_id] = one
        put_returns(database, *some)
    assert {one.return_id: one for one in returns_of(database)} == newest


# --- charges ---


def test_a_charge_stands_as_it_came_and_learns_its_settlement_once(database: Database) -> None:
    other = replace(a_charge("C-2", booked=0.5), order_id=None, sku=None)
    assert put_charges(database, a_charge(), other, a_charge()) == Written(2, 1)
    assert put_charges(database, a_charge(), other) == Written(0, 2)
    assert put_charges(database, a_charge(settlement="P-1")) == Written(1, 0)
    assert put_charges(database, a_charge(), a_charge("C-1", settlement="P-2")) == Written(0, 2)
    assert list(charges_of(database)) == [a_charge(settlement="P-1"), other]
    with database.unit() as unit:
        assert ChargeStore(unit.session).count(US) == 2


def test_a_word_that_was_unknown_is_kept_and_understood_later(database: Database) -> None:
    unknown = a_charge(kind=ChargeKind.UNMAPPED)
    put_charges(database, unknown)
    assert list(charges_of(database)) == [unknown]
    assert put_charges(database, a_charge(kind=ChargeKind.ADVERTISING)) == Written(1, 0)
    assert put_charges(database, unknown, a_charge(kind=ChargeKind.FEE)) == Written(0, 2)
    assert list(charges_of(database)) == [a_charge(kind=ChargeKind.ADVERTISING)]


@pytest.mark.parametrize("together", [True, False])
def test_two_bookings_of_one_id_do_not_become_one(database: Database, together: bool) -> None:
    pages = [[a_charge(), a_charge("C-2"), a_charge(minor=-99), a_charge("C-3")]]
    if not together:
        pages = [pages[0][:2], pages[0][2:]]
    for page in pages:
        with database.unit() as unit:
            land(unit.session, US, "charges", page, operation="getTransactions", raw=b"[]", at=T0)
    assert [one.charge_id for one in charges_of(database)] == ["C-1", "C-2", "C-3"]
    with database.unit() as unit:
        (aside,) = QuarantineStore(unit.session).open()
    assert aside.external_id == "C-1"
    assert "other money" in aside.reason


# --- messages ---


def dump(database: Database) -> bytes:
    """Every byte of every row of every table, as the database prints it, and bytea as bytes."""
    found: list[bytes] = []
    with database.unit() as unit:
        connection = driver(unit.session)
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        for (table,) in tables:
            for row in connection.execute(f'SELECT * FROM "{table}"'.encode()).fetchall():
                found += [bytes(v) if isinstance(v, bytes | memoryview) else str(v).encode() for v in row]
    return b"\n".join(found)


def test_a_message_comes_out_as_it_went_in_and_is_written_once(database: Database) -> None:
    one = a_message(order_id=OrderId("111-1"), listing_id="B1", read=False)
    other = a_message("M-2", text="", buyer=None)
    assert put_messages(database, one, other, one) == Written(2, 1)
    assert put_messages(database, one, other) == Written(0, 2)
    assert list(messages_of(database)) == [one, other]
    with database.unit() as unit:
        assert MessageStore(unit.session, VAULT).count(US) == 2


def test_a_message_stands_as_it_came_and_is_read_once(database: Database) -> None:
    put_messages(database, a_message(read=False))
    assert put_messages(database, a_message(text="other words", read=True)) == Written(1, 0)
    assert put_messages(database, a_message(read=False), a_message("M-1", read=None)) == Written(0, 2)
    assert list(messages_of(database)) == [a_message(read=True)]


def test_no_word_and_no_buyer_is_readable_in_the_database(database: Database) -> None:
    put_messages(database, a_message())
    stored = dump(database)
    assert b"M-1" in stored
    assert VAULT.mark in stored
    for private in (*WORDS.split(), BUYER):
        if len(private) > 3:
            assert private.encode() not in stored
            assert private.encode().hex().encode() not in stored


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(), buyer=st.none() | st.text())
def test_any_text_comes_back(database: Database, text: str, buyer: str | None) -> None:
    with database.unit() as unit:
        driver(unit.session).execute("TRUNCATE message")
    put_messages(database, a_message(text=text, buyer=buyer))
    assert list(messages_of(database)) == [a_message(text=text, buyer=buyer)]


def test_one_rows_words_do_not_open_in_another(database: Database) -> None:
    put_messages(database, a_message(), a_message("M-2"))
    with database.unit() as unit:
        driver(unit.session).execute(
            "UPDATE message SET sealed_text = (SELECT sealed_text FROM message WHERE message_id = 'M-2')"
        )
    with pytest.raises(StoreError, match="moved"):
        messages_of(database)


def test_another_key_neither_reads_nor_writes(database: Database) -> None:
    put_messages(database, a_message())
    other = Vault(bytes(32))
    with pytest.raises(ConfigError, match="ECOM_DATA_KEY"):
        messages_of(database, other)
    with pytest.raises(ConfigError, match="ECOM_DATA_KEY") as told:
        put_messages(database, a_message("M-2"), vault=other)
    assert "loose" not in str(told.value)
    with database.unit() as unit:
        assert MessageStore(unit.session, VAULT).count(US) == 1


def test_nothing_lands_without_a_data_key(database: Database, postgres_url: str) -> None:
    with pytest.raises(ConfigError, match="no data key"), Database(postgres_url).unit() as unit:
        land(unit.session, US, "messages", [a_message()], operation="getMessages", raw=b"[]", at=T0)
    assert BUYER.encode() not in dump(database)


def test_what_the_database_refuses_is_set_aside_without_words(database: Database) -> None:
    with database.unit() as unit:
        driver(unit.session).execute("ALTER TABLE message ADD CHECK (message_id <> 'M-2')")
    page = Page(
        tuple(a_message(f"M-{n}") for n in range(4)), None, False, "getMessages", b"[]", (Poison("M-9", "odd", {}),)
    )
    with database.unit() as unit:
        done = land_page(unit.session, US, "messages", page, at=T0, vault=VAULT)
    assert (done.written, done.quarantined) == (3, 2)
    with database.unit() as unit:
        assert {q.external_id for q in QuarantineStore(unit.session).open()} == {"M-2", "M-9"}
    stored = dump(database)
    assert b"T-1" in stored
    for private in ("loose", BUYER):
        assert private.encode() not in stored


@pytest.mark.parametrize(
    "wrong",
    [
        replace(a_return(), lines=(a_back(quantity=0),)),
        a_return(refunded=usd(-1)),
        a_return(lines=(a_back(), a_back())),
    ],
    ids=["no units", "money taken back", "a line twice"],
)
def test_returns_that_cannot_be_are_refused(database: Database, wrong: Return) -> None:
    with pytest.raises(psycopg.IntegrityError):
        put_returns(database, wrong)
    assert list(returns_of(database)) == []
