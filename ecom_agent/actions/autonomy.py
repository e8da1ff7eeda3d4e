"""How far an automation may go alone, per automation and account (or one marketplace of it)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from ecom_agent.actions.business import says_any, widest_share
from ecom_agent.actions.model import Action, Answer
from ecom_agent.errors import BadInput, ParseFailed
from ecom_agent.money import Money

EVERYWHERE = "*"


class Level(StrEnum):
    OFF = "off"  # nothing of it is done
    SUGGEST = "suggest"  # everything waits for a person
    SUPERVISED = "supervised"  # small changes go alone
    AUTO = "auto"  # what the guards allow goes alone


def level_of(policy: Mapping[str, Any], automation: str, account: str, marketplace: str) -> Level:
    """The level in force: of this marketplace, else this account, else everywhere, else the default: suggest.

    A level that cannot be read is `off`: nobody can say what was meant.
    """
    levels = policy.get("levels")
    by_place = levels.get(automation) if isinstance(levels, Mapping) else None
    places = by_place if isinstance(by_place, Mapping) else {}
    for place in (f"{account}/{marketplace}", account, EVERYWHERE):
        if place in places:
            return _read(places[place])
    return _read(policy.get("default", Level.SUGGEST))


def with_level(policy: Mapping[str, Any], automation: str, place: str, level: str) -> dict[str, Any]:
    """The policy with one level set. Raises BadInput for a level that is none."""
    if level not in tuple(Level):
        raise BadInput(f"one of {', '.join(Level)}", repr(level), "say how far the automation may go alone")
    levels = {name: dict(places) for name, places in dict(policy.get("levels") or {}).items()}
    levels.setdefault(automation, {})[place] = str(level)
    return {**policy, "levels": levels}


def answer(level: str, action: Action, policy: Mapping[str, Any]) -> tuple[Answer, str]:
    """What the level says to a change that the other guards allow."""
    match _read(level):
        case Level.OFF:
            return Answer.DENY, f"{action.proposed_by} is switched off here"
        case Level.SUGGEST:
            return Answer.HOLD, f"{action.proposed_by} only suggests here"
        case Level.SUPERVISED:
            small = is_small(action, policy)
            return (Answer.ALLOW, "a small change") if small else (Answer.HOLD, "too big to go alone while supervised")
        case Level.AUTO:
            return Answer.ALLOW, f"{action.proposed_by} goes alone here"


def is_small(action: Action, policy: Mapping[str, Any]) -> bool:
    """Whether a supervised automation may do this alone; without a readable limit nothing is small."""
    limits = policy.get("supervised")
    if not isinstance(limits, Mapping) or action.before is None:
        return False
    try:
        if isinstance(action.after, Money) and isinstance(action.before, Money):
            most = Decimal(str(limits["price_step_share"]))
            if says_any(action) and widest_share(action, action.before) > most:
                return False
            return abs((action.after - action.before).minor) <= most * action.before.minor
        if isinstance(action.after, int) and isinstance(action.before, int):
            return bool(abs(action.after - action.before) <= limits["stock_units"])
    except (KeyError, TypeError, InvalidOperation, ParseFailed):
        return False
    return False


def _read(level: object) -> Level:
    try:
        return Level(str(level))
    except ValueError:
        return Level.OFF
