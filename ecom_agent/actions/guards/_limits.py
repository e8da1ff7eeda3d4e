"""Reading a guard's limits from policy data, strictly: what is missing or of another shape is a PolicyGap."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, Final

from ecom_agent.actions.facts import GuardFacts
from ecom_agent.actions.gate import PolicyGap
from ecom_agent.actions.model import Answer

Finding = tuple[Answer, str]
_UNITS: Final = {"s": "seconds", "min": "minutes", "h": "hours", "days": "days"}


def section(facts: GuardFacts, name: str) -> Mapping[str, Any]:
    """One guard's part of the policy."""
    found = facts.policy.get(name)
    if not isinstance(found, Mapping):
        raise PolicyGap(name)
    return found


def ratio(part: Mapping[str, Any], name: str) -> Decimal:
    """A share between 0 and 1, written as text or number ("0.10" = 10 %)."""
    value = decimal(part, name)
    if not 0 <= value <= 1:
        raise PolicyGap(f"{name} is {value}, wanted a share between 0 and 1")
    return value


def count(part: Mapping[str, Any], name: str) -> int:
    """A whole number, zero or more."""
    value = part.get(name)
    if type(value) is not int or value < 0:
        raise PolicyGap(f"{name} is {value!r}, wanted a whole number")
    return value


def span(part: Mapping[str, Any], name: str) -> timedelta:
    """A duration; the name ends in its unit: _s, _min, _h or _days."""
    value = decimal(part, name)
    if not 0 <= value <= 36_500:
        raise PolicyGap(f"{name} is {value}, wanted zero or more")
    return _duration(value, name.rsplit("_", 1)[1])


def strictest(findings: Iterable[Finding], fine: str) -> Finding:
    """The strictest answer with all reasons that carry it; `fine` when nothing was found."""
    found = tuple(findings)
    if not found:
        return Answer.ALLOW, fine
    answer = max(a for a, _ in found)
    return answer, "; ".join(reason for a, reason in found if a is answer)


def age(at: datetime | None, now: datetime) -> timedelta | None:
    """How old a fact is; None when nobody knows."""
    return None if at is None else now - at


def decimal(part: Mapping[str, Any], name: str) -> Decimal:
    """Any finite number, written as text or number."""
    value = part.get(name)
    if value is None or isinstance(value, bool):
        raise PolicyGap(name)
    number = _number(str(value))
    if number is None:
        raise PolicyGap(f"{name} is {value!r}, wanted a number")
    if not number.is_finite():
        raise PolicyGap(f"{name} is {value!r}, wanted a finite number")
    return number


@lru_cache(1024)
def _number(text: str) -> Decimal | None:
    """The same few limits are read for every change; None for what is no number."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


@lru_cache(1024)
def _duration(value: Decimal, unit: str) -> timedelta:
    return timedelta(**{_UNITS[unit]: float(value)})
