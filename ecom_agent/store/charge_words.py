"""A booking that came under a word that nobody knows, and under a known one another time, is one booking.

A charge's id may be "number/word": then the word tells apart what a platform books under one number. Where a known and
an unknown word come in one answer they are two bookings. Where one comes in one answer, and another in the next, for
the same number and moment, the unknown word stood in for the known one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import text
from sqlmodel import Session

from ecom_agent.records.finance import Charge, ChargeKind

_STANDING: Final = text(f"""
SELECT charge_id, booked_at, kind = '{ChargeKind.UNMAPPED}' AS unknown FROM charge
WHERE account = :account AND booked_at = ANY(:moments) AND split_part(charge_id, '/', 1) = ANY(:numbers)
  AND charge_id LIKE '%/%'
""")
_RENAME: Final = text("""
UPDATE charge SET charge_id = :new, kind_raw = :said, amount_minor = :minor, currency = :currency
WHERE account = :account AND charge_id = :old
""")


class _Booking(NamedTuple):
    account: str
    number: str
    at: datetime


def settle_words(session: Session, charges: Sequence[Charge]) -> Sequence[Charge]:
    """The charges that are to be written. One that stands under an unknown word gets its known id, word and money."""
    named = [one for one in charges if _word(one) is not None]
    unknown = [one for one in named if one.kind is ChargeKind.UNMAPPED]
    known = {_booking(one): one for one in named if one.kind is not ChargeKind.UNMAPPED and _is_whole(one)}
    beside = {_booking(one) for one in unknown} & known.keys()
    left_out: set[tuple[str, str]] = set()
    for account in sorted({one.account for one in named}):
        mine = [one for one in named if one.account == account and _booking(one) not in beside]
        standing = _standing(session, account, mine)
        there = {charge_id for charge_id, _at, _unknown in standing}
        for charge_id, at, is_unknown in standing:
            booking = _Booking(account, charge_id.partition("/")[0], at)
            told = known.get(booking)
            if is_unknown and told is not None and told.charge_id not in there:
                _rename(session, charge_id, told)
                there.add(told.charge_id)
            elif not is_unknown:
                left_out |= {(account, one.charge_id) for one in unknown if _booking(one) == booking}
    return [one for one in charges if (one.account, one.charge_id) not in left_out]


def _standing(session: Session, account: str, charges: Sequence[Charge]) -> Sequence[tuple[str, datetime, bool]]:
    if not charges:
        return ()
    asked = {
        "account": account,
        "moments": sorted({one.booked_at for one in charges}),
        "numbers": sorted({_booking(one).number for one in charges}),
    }
    return [(row.charge_id, row.booked_at, row.unknown) for row in session.connection().execute(_STANDING, asked)]


def _rename(session: Session, old: str, told: Charge) -> None:
    given = {"old": old, "new": told.charge_id, "said": told.kind_raw, "account": told.account}
    money = {"minor": told.amount.minor, "currency": told.amount.currency}
    session.connection().execute(_RENAME, given | money)


def _booking(one: Charge) -> _Booking:
    return _Booking(one.account, one.charge_id.partition("/")[0], one.booked_at)


def _word(one: Charge) -> str | None:
    _number, slash, word = one.charge_id.partition("/")
    return word if slash else None


def _is_whole(one: Charge) -> bool:
    """The booking itself, not a fee of it: those have more to their id."""
    return one.charge_id.count("/") == 1
