"""How people write times of day, weekdays and dates in a rule. All of them are of the rule's time zone."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo, available_timezones

from pricing.rules.problems import Unreadable

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
EVERY_DAY: Final = frozenset(range(7))
MIDNIGHT: Final = 24 * 60
_TIME: Final = r"([01]?[0-9]|2[0-4]):([0-5][0-9])"


class Window(NamedTuple):
    """Minutes of the local day, `start` inside, `end` outside; it crosses midnight where `end` ≤ `start`."""

    start: int
    end: int

    def __str__(self) -> str:
        return " to ".join(f"{minutes // 60:02d}:{minutes % 60:02d}" for minutes in self)


class Dates(NamedTuple):
    """Local days, both inside; None = open."""

    first: date | None
    last: date | None

    def holds(self, today: date) -> bool:
        return (self.first is None or self.first <= today) and (self.last is None or today <= self.last)

    def __str__(self) -> str:
        if self.first is None:
            return f"until {self.last}"
        return f"from {self.first}" if self.last is None else f"{self.first} to {self.last}"


class Hours(NamedTuple):
    """A window on some days. `window` None = all day. A window that crosses midnight belongs to the day it began on."""

    window: Window | None
    days: frozenset[int]

    def __str__(self) -> str:
        days = write_weekdays(self.days)
        if self.window is None:
            return days
        return str(self.window) if self.days == EVERY_DAY else f"{self.window} on {days}"


def window(text: str) -> Window:
    """ "22:00 to 06:00"."""
    hit = re.fullmatch(rf"{_TIME}\s+to\s+{_TIME}", text)
    if hit is None:
        raise Unreadable("a time of day such as '22:00 to 06:00'", "hours 00 to 24 and minutes, then 'to'")
    start, end = int(hit[1]) * 60 + int(hit[2]), int(hit[3]) * 60 + int(hit[4])
    if start >= MIDNIGHT or end > MIDNIGHT:
        raise Unreadable("a time of day up to 24:00", "begin before 24:00 and end at 24:00 at the latest")
    if start == end or (start, end) == (0, MIDNIGHT):
        raise Unreadable("a part of the day", "leave the time out to mean the whole day")
    return Window(start, 0 if end == MIDNIGHT else end)


def weekdays(text: str) -> frozenset[int]:
    """ "mon to fri", "sat, sun", "fri to mon"; 0 is Monday."""
    found: set[int] = set()
    for part in text.split(","):
        first, _, last = (word.strip() for word in part.partition(" to "))
        last = last or first
        if first not in DAYS or last not in DAYS:
            raise Unreadable("weekdays such as 'mon to fri' or 'sat, sun'", f"the words are {', '.join(DAYS)}")
        day = DAYS.index(first)
        found.add(day)
        while DAYS[day] != last:
            day = (day + 1) % 7
            found.add(day)
    return frozenset(found)


def write_weekdays(days: frozenset[int]) -> str:
    """As `weekdays` reads it."""
    return ", ".join(DAYS[day] for day in sorted(days))


def hours(text: str) -> Hours:
    """ "22:00 to 06:00", "22:00 to 06:00 on mon to fri" or "sat, sun"."""
    if not text[:1].isdigit():
        return Hours(None, weekdays(text))
    clock, _, days = text.partition(" on ")
    return Hours(window(clock.strip()), weekdays(days.strip()) if days else EVERY_DAY)


def dates(text: str) -> Dates:
    """ "2026-11-27 to 2026-11-30", "from 2026-11-27", "until 2026-11-30", or one day."""
    if text.startswith("from "):
        return Dates(day(text.removeprefix("from ").strip()), None)
    if text.startswith("until "):
        return Dates(None, day(text.removeprefix("until ").strip()))
    first, to, last = text.partition(" to ")
    found = Dates(day(first.strip()), day((last if to else first).strip()))
    if found.first is not None and found.last is not None and found.first > found.last:
        raise Unreadable("dates from the earlier to the later", "change the places of the two dates")
    return found


def day(text: str) -> date:
    """ "2026-11-27"."""
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise Unreadable("a date such as 2026-11-27", "year, month, day with hyphens; the day must exist")


def zone(text: str) -> str:
    """ "Europe/Berlin"."""
    if text not in _zones():
        raise Unreadable("a time zone such as 'America/New_York'", "use its name in the IANA list, or UTC")
    ZoneInfo(text)
    return text


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())
