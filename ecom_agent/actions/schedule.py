"""When a sent Action is read back, and when one that came too soon is judged again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final

from ecom_agent.actions.model import State

# Field practice: a change is reconciled at 3, 15 and 60 minutes. Used where the policy names no readable times,
# since not looking at all would be worse.
_MINUTES: Final[Mapping[State, tuple[int, ...]]] = MappingProxyType(
    {State.APPLIED: (3, 15, 60), State.UNKNOWN: (1, 3, 15, 60)}
)
_AGAIN_S: Final = 20
_NAMES: Final = {State.APPLIED: "applied_after_min", State.UNKNOWN: "unknown_after_min"}


def looks(policy: Mapping[str, Any], state: State) -> tuple[timedelta, ...]:
    """The waits after an Action came into `state` (applied or unknown), the shortest first; never empty."""
    part = policy.get("verify")
    wanted = part.get(_NAMES[state]) if isinstance(part, Mapping) else None
    if not isinstance(wanted, list | tuple) or not wanted or not all(_is_minutes(m) for m in wanted):
        wanted = _MINUTES[state]
    return tuple(timedelta(minutes=m) for m in sorted(wanted))


def first_look(policy: Mapping[str, Any], state: State, at: datetime) -> datetime:
    """When to read back first what came into `state` at `at`."""
    return at + looks(policy, state)[0]


def next_look(policy: Mapping[str, Any], state: State, at: datetime, tries: int) -> datetime | None:
    """When to look again after `tries` fruitless ones; None when that was the last."""
    waits = looks(policy, state)
    return at + waits[tries] if tries < len(waits) else None


def judge_again(sending: Mapping[str, Any], now: datetime) -> datetime:
    """When to look again at a wish that came too soon; `sending` is the senders' policy."""
    wait_s = sending.get("judge_again_s")
    usable = type(wait_s) is int and 0 < wait_s <= 86_400
    return now + timedelta(seconds=wait_s if usable and isinstance(wait_s, int) else _AGAIN_S)


def stock_sold_units(policy: Mapping[str, Any]) -> int:
    """How many units fewer than set are taken for sales since, not for drift."""
    part = policy.get("verify")
    value = part.get("stock_sold_units") if isinstance(part, Mapping) else None
    return value if type(value) is int and value >= 0 else 0


def _is_minutes(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 100_000
