"""From counts to halts: whoever notices trouble has the breakers looked at, in the same unit of work.

Software trips and tightens here, each with an audit event. It never loosens: only a person resumes.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from ecom_agent.actions.audit import AuditEvent
from ecom_agent.actions.breakers import ACTOR, Trip, all_trips
from ecom_agent.actions.gate import PolicyGap
from ecom_agent.actions.halts import Halt, HaltLevel, account_scope, scopes_of
from ecom_agent.actions.ledger import Book
from ecom_agent.actions.model import Answer, Mode, State
from ecom_agent.actions.record import ActionRecord
from ecom_agent.ids import AccountId
from ecom_agent.telemetry import log

GUARD: Final = "breaker"
_TROUBLE: Final = frozenset({State.FAILED, State.UNKNOWN})
_log = log(__name__)


def noticed(book: Book, record: ActionRecord) -> None:
    """Look at the breakers if this step is one that may trip them: a write that failed, or one they refused.

    What they refuse while a halt stands there is no news.
    """
    if record.state not in _TROUBLE and not _refused(record):
        return
    action, standing = record.action, {halt.scope: halt for halt in book.halts.active()}
    if record.state in _TROUBLE or not standing.keys() & set(scopes_of(action)):
        check(book, action.account, action.mode, record.updated_at, whole=False)


def check(book: Book, account: AccountId, mode: Mode, now: datetime, *, whole: bool = True) -> tuple[Trip, ...]:
    """Count and open what has tripped; gives what was opened or tightened.

    `whole`: count everything anew; else only what one write can change, the rest as last counted.
    """
    standing = {halt.scope: halt for halt in book.halts.active()}
    if any(_stops_all(standing.get(scope)) for scope in ("all", account_scope(account))):
        return ()
    if not book.breakers.turn(account):
        return ()  # somebody else is looking at this account right now
    policy = book.breakers.policy()
    try:
        found = all_trips(book.breakers.recount(account, mode, now, whole=whole), policy)
    except PolicyGap as gap:
        _log.error("the breakers cannot be read, so nothing is written", gap=str(gap))
        return ()
    return tuple(trip for trip in found if _open(book, standing, account, trip, now))


def _refused(record: ActionRecord) -> bool:
    told = (verdict for verdict in record.verdicts if verdict.guard == GUARD)
    return record.state is State.DENIED and any(verdict.answer is Answer.DENY for verdict in told)


def _open(book: Book, standing: dict[str, Halt], account: AccountId, trip: Trip, now: datetime) -> bool:
    scope = trip.scope(account)
    stands = standing.get(scope)
    if stands is not None and not trip.level.tighter_than(stands.level):
        return False
    standing[scope] = book.halts.open(Halt(scope, trip.reason, ACTOR, now, trip.level))
    detail = {"scope": scope, "reason": trip.reason, "level": trip.level, "breaker": trip.breaker}
    book.audit.append(AuditEvent(now, None, "halted", ACTOR, detail))
    _log.error("a breaker tripped", scope=scope, level=trip.level, reason=trip.reason)
    return True


def _stops_all(halt: Halt | None) -> bool:
    return halt is not None and halt.level is HaltLevel.HALTED
