"""A booking under a word that nobody knows, and under a known one another time, is one; side by side they are two."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from store_kit import ATV, US, at, usd

from ecom_agent.ids import AccountId, OrderId
from ecom_agent.records.finance import Charge, ChargeKind
from ecom_agent.store.charges import ChargeStore
from ecom_agent.store.db import Database

pytestmark = pytest.mark.services
OTHER = AccountId("other")


def booked(
    word: str, minor: int, *, number: str = "13", fee: str = "", booked_h: float = 0, who: AccountId = US
) -> Charge:
    kinds = {"SALE": ChargeKind.SALE, "REFUND": ChargeKind.REFUND}
    kind = ChargeKind.FEE if fee else kinds.get(word, ChargeKind.UNMAPPED)
    name = f"{number}/{word}{fee}"
    return Charge(who, ATV, name, OrderId("o"), None, kind, word, usd(minor), at(booked_h), None)


def put(database: Database, *charges: Charge) -> None:
    with database.unit() as unit:
        ChargeStore(unit.session).upsert(charges)


def standing(database: Database, account: AccountId = US) -> Sequence[tuple[str, str, int]]:
    with database.unit() as unit:
        found = ChargeStore(unit.session).booked_between(account, at(-1), at(9))
    return sorted((one.charge_id, one.kind.value, one.amount.minor) for one in found)


SALE = (booked("SALE", 3219), booked("SALE", -432, fee="/line/FINAL_VALUE_FEE"))
WHOLE = [("13/SALE", "sale", 3219), ("13/SALE/line/FINAL_VALUE_FEE", "fee", -432)]


def test_the_known_word_takes_the_place_of_the_unknown_one_with_its_money(database: Database) -> None:
    put(database, booked("HELD", 2787))
    assert standing(database) == [("13/HELD", "unmapped", 2787)]
    put(database, *SALE)
    assert standing(database) == WHOLE


def test_an_unknown_word_adds_nothing_to_what_is_known(database: Database) -> None:
    put(database, *SALE)
    put(database, booked("HELD", 2787))
    put(database, booked("ODD", 2787), booked("REFUND", -100, number="14"))
    assert standing(database) == [*WHOLE, ("14/REFUND", "refund", -100)]
    put(database, *SALE)
    assert standing(database) == [*WHOLE, ("14/REFUND", "refund", -100)]


def test_what_came_side_by_side_is_two_bookings_and_stays_so(database: Database) -> None:
    for _ in range(2):
        put(database, *SALE, booked("MOON_TAX", -100))
        assert standing(database) == [("13/MOON_TAX", "unmapped", -100), *WHOLE]


def test_another_moment_number_or_account_is_another_booking(database: Database) -> None:
    put(database, *SALE)
    others = [booked("HELD", -50, booked_h=2), booked("HELD", 70, number="15")]
    put(database, *others)
    put(database, booked("HELD", 2787, who=OTHER))
    assert len(standing(database)) == 4
    assert standing(database, OTHER) == [("13/HELD", "unmapped", 2787)]


def test_of_two_unknown_words_one_becomes_the_known_one(database: Database) -> None:
    put(database, booked("HELD", 2787))
    put(database, booked("ODD", 2787))
    put(database, *SALE)
    assert WHOLE[0] in standing(database)
    assert len(standing(database)) == 3, "which of them it was nobody knows: the other one stays, and is told"
