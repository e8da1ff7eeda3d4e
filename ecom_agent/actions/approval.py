"""Who may approve a held Action, until when, and how many persons it takes. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from ecom_agent.actions.actors import PERSON, is_person
from ecom_agent.actions.business import moves
from ecom_agent.actions.model import Action, Kind, State
from ecom_agent.actions.record import ActionRecord
from ecom_agent.errors import BadInput, IllegalTransition, ParseFailed
from ecom_agent.money import Money

# Used where the policy names none: an Action must never wait for ever.
_WAIT: Final = timedelta(hours=24)
_VALID: Final = timedelta(minutes=30)
_PERSONS_ONLY: Final = frozenset({Kind.MESSAGE_SEND})
"""What is said to a buyer is a promise: no setting lets software make one."""


def may_sign(record: ActionRecord, by: str, policy: Mapping[str, Any]) -> tuple[str, ...]:
    """The signatures with `by` added.

    Raises IllegalTransition when nothing is waiting, BadInput when `by` is software, the proposing automation, has
    signed already, or proposed it and four eyes are needed.
    """
    if record.state is not State.HELD:
        raise IllegalTransition(f"Action {record.key[:12]} is {record.state}: only a held one can be approved")
    name, proposer = by.strip().removeprefix(PERSON), record.action.proposed_by
    if not is_person(by) or name == proposer:
        raise BadInput("the name of a person", repr(by), "an automation cannot approve")
    if name in record.signed_by:
        raise BadInput("a second person", name, "this person has signed already")
    if proposer == f"{PERSON}{name}" and signatures_needed(record.action, policy) > 1:
        raise BadInput("two persons beside the one who asks", name, "let somebody else approve")
    return (*record.signed_by, name)


def needs_person(action: Action) -> bool:
    """Whether it never goes without a person's yes, however far its automation is trusted."""
    return action.kind in _PERSONS_ONLY


def signatures_needed(action: Action, policy: Mapping[str, Any]) -> int:
    """One person, or two above the sum in the policy; also two where the sum is not named or not readable."""
    part = policy.get("approval")
    if not isinstance(part, Mapping):
        return 2
    if action.kind is Kind.MESSAGE_SEND:
        return 1 if type(part.get("message_persons")) is int and part["message_persons"] == 1 else 2
    if action.before is None:
        return 2
    try:
        if isinstance(action.after, Money) and isinstance(action.before, Money):
            most = Decimal(str(part["four_eyes_price_change"][action.after.currency]))
            changes = [(action.before, action.after), *moves(action, action.before)]
            return 1 if all(abs((to - since).major) <= most for since, to in changes) else 2
        if isinstance(action.after, int) and isinstance(action.before, int):
            return 1 if abs(action.after - action.before) <= part["four_eyes_stock_change"] else 2
    except (KeyError, TypeError, InvalidOperation, ParseFailed):
        return 2
    return 2


def wait_until(now: datetime, policy: Mapping[str, Any]) -> datetime:
    """How long a held Action waits for a person."""
    return now + _span(policy, "wait_h", 3600, _WAIT)


def valid_until(now: datetime, policy: Mapping[str, Any]) -> datetime:
    """How long an approval holds before it must have been sent."""
    return now + _span(policy, "valid_min", 60, _VALID)


def expired(record: ActionRecord, now: datetime) -> bool:
    """Whether a held or approved Action has waited too long."""
    return record.approve_until is not None and now >= record.approve_until


def _span(policy: Mapping[str, Any], name: str, unit_s: int, otherwise: timedelta) -> timedelta:
    part = policy.get("approval")
    value = part.get(name) if isinstance(part, Mapping) else None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 10_000:
        return otherwise
    return timedelta(seconds=value * unit_s)
