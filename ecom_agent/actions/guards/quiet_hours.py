"""Times at which nothing is changed: weekly windows and dated blackouts, as policy data."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from ecom_agent.actions.facts import GuardFacts
from ecom_agent.actions.gate import Guard, PolicyGap
from ecom_agent.actions.guards._limits import Finding, section
from ecom_agent.actions.model import Action, Answer

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _judge(_action: Action, facts: GuardFacts) -> Finding:
    why = why_quiet(section(facts, "quiet_hours"), facts.now)
    return (Answer.DENY, why) if why else (Answer.ALLOW, "no quiet hours now")


def why_quiet(part: Mapping[str, Any], now: datetime) -> str | None:
    """Which window or blackout `now` falls into, if any. Raises PolicyGap where any of them cannot be read."""
    try:
        here = now.astimezone(ZoneInfo(part["timezone"]))
        found = [
            f"quiet hours, {window['from']} to {window['to']} {part['timezone']}"
            for window in part["windows"]
            if _within(window, here)
        ] + [
            f"blackout until {blackout['to']}: {blackout.get('why', 'no reason given')}"
            for blackout in part["blackouts"]
            if _lasts(blackout, now)
        ]
    except (KeyError, ValueError, TypeError, AttributeError, OSError, OverflowError) as odd:
        raise PolicyGap(f"quiet_hours: {type(odd).__name__} {odd}") from odd
    return found[0] if found else None


def _within(window: Mapping[str, Any], here: datetime) -> bool:
    """A window past midnight belongs to the day it starts on."""
    start, end, at = time.fromisoformat(window["from"]), time.fromisoformat(window["to"]), here.time()
    days = frozenset(_DAYS.index(day) for day in window.get("days", _DAYS))
    if start <= end:
        return here.weekday() in days and start <= at < end
    return (here.weekday() in days and at >= start) or ((here.weekday() - 1) % 7 in days and at < end)


def _lasts(blackout: Mapping[str, Any], now: datetime) -> bool:
    start, end = _moment(blackout["from"]), _moment(blackout["to"])
    return start <= now < end


def _moment(text: str | datetime) -> datetime:
    at = text if isinstance(text, datetime) else datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


GUARD = Guard("quiet_hours", _judge)
