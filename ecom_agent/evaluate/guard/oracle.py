"""Judges prices by the limits that were given, in code of its own: nothing here is shared with the guard it watches.

It is told every call that was made and takes no word for it from the engine but one: whether an event was looked at,
since only then does a new day begin for a listing.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

KINDS: Final = (
    "below_floor", "above_ceiling", "beyond_step", "beyond_day", "too_soon", "while_halted", "down_while_reducing",
    "wrong_currency", "no_floor",
)  # fmt: skip
DAY_US: Final = 86_400_000_000
_HIGHEST: Final = 10**13
Place = tuple[str, str]


def _amount(value: Any) -> bool:
    return type(value) is int and 1 <= value <= _HIGHEST


def _share_bp(value: Any) -> bool:
    return type(value) is int and 0 <= value <= 10_000


@dataclass(slots=True)
class Known:
    """One listing as it was told to the engine, odd values and all; moments in epoch µs."""

    floor: Any
    ceiling: Any
    step_bp: Any
    day_bp: Any
    cooldown_s: Any
    currency: Any
    price: Any = None
    last_change: int | None = None
    day: int | None = None
    opened: Any = None

    def begin_day(self, at: int) -> None:
        """The price at the first look on a new UTC day is what the day's changes are measured from."""
        if self.price is not None and (self.day is None or at // DAY_US > self.day):
            self.day, self.opened = at // DAY_US, self.price


class Oracle:
    """What is known of every listing and every halt, and how often a price broke which limit."""

    def __init__(self) -> None:
        self.known: dict[Place, Known] = {}
        self.halted: set[str] = set()
        self.reducing: set[str] = set()
        self.found: Counter[str] = Counter()

    def configured(self, place: Place, given: dict[str, Any]) -> None:
        """A listing was told: what it leaves out stays as it was, unless it changed its currency."""
        opened_us = given.get("day_open_us")
        new = Known(
            given["floor_minor"],
            given["ceiling_minor"],
            given["max_step_bp"],
            given["max_day_bp"],
            given["cooldown_s"],
            given["currency"],
            given["price_minor"],
            given.get("last_change_us"),
            None if opened_us is None else opened_us // DAY_US,
            given.get("day_open_minor"),
        )
        old = self.known.get(place)
        if old is not None and old.currency == new.currency:
            new.price = old.price if new.price is None else new.price
            new.last_change = old.last_change if new.last_change is None else new.last_change
            if new.day is None:
                new.day, new.opened = old.day, old.opened
        self.known[place] = new

    def applied(self, place: Place, price: int, at: int) -> None:
        known = self.known[place]
        known.begin_day(at)
        known.price = price
        known.last_change = at if known.last_change is None else max(known.last_change, at)
        known.begin_day(at)

    def recalled(self, place: Place, before: int, at: int) -> None:
        """A former process changed it then, from `before`; a day that is newer than the one known begins with that."""
        known = self.known[place]
        known.last_change = at if known.last_change is None else max(known.last_change, at)
        if known.day is None or at // DAY_US > known.day:
            known.day, known.opened = at // DAY_US, before

    def looked(self, place: Place, at: int) -> None:
        self.known[place].begin_day(at)

    def judge(self, place: Place, to: Any, at: int, event_currency: str | None, told_currency: str | None) -> int:
        """Count what the price `to` breaks; gives how many limits."""
        known, broken = self.known[place], []
        scopes = {"all", f"marketplace:{place[0]}", f"sku:{place[0]}/{place[1]}"}
        if scopes & self.halted:
            broken.append("while_halted")
        elif scopes & self.reducing and not (_amount(known.price) and to >= known.price):
            broken.append("down_while_reducing")
        if not _amount(known.floor) or (_amount(known.ceiling) and known.floor > known.ceiling):
            broken.append("no_floor")
        elif not _amount(to) or to < known.floor:
            broken.append("below_floor")
        if known.ceiling is not None and (not _amount(known.ceiling) or to > known.ceiling):
            broken.append("above_ceiling")
        if not _within(to, known.price, known.step_bp):
            broken.append("beyond_step")
        if not _within(to, known.opened, known.day_bp):
            broken.append("beyond_day")
        if type(known.cooldown_s) is not int or (
            known.last_change is not None and at - known.last_change < known.cooldown_s * 1_000_000
        ):
            broken.append("too_soon")
        if known.currency != told_currency or event_currency not in (None, known.currency):
            broken.append("wrong_currency")
        self.found.update(broken)
        return len(broken)


def _within(to: Any, since: Any, most_bp: Any) -> bool:
    """Whether `to` is no further from `since` than allowed; what cannot be measured is not."""
    return _share_bp(most_bp) and _amount(since) and _amount(to) and abs(to - since) * 10_000 <= since * most_bp
