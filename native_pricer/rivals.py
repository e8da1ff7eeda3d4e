"""Which offers on a page count as rivals."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from native_pricer._check import MAX_COUNT, identifier, whole, yes_or_no


class Channel(StrEnum):
    ANY = "any"
    FBA = "fba"
    FBM = "fbm"


@dataclass(frozen=True, slots=True)
class RivalFilter:
    """Which offers count as rivals. A rival whose fact is unknown does not pass a filter on that fact.

    `only`: none but these sellers (empty = all); `exclude`: never these. `sub_conditions` (lower case, such as
    "very_good") and `ships_from` (country codes as the platform writes them): empty = any. `featured_only`: merchants
    that may be featured. `max_feedback_count`: leave out sellers larger than that.

    Raises: ValueError naming the field.
    """

    channel: Channel = Channel.ANY
    min_feedback_count: int = 0
    min_feedback_percent: int = 0
    max_handling_hours: int | None = None
    exclude: frozenset[str] = frozenset()
    only: frozenset[str] = frozenset()
    ships_from: frozenset[str] = frozenset()
    sub_conditions: frozenset[str] = frozenset()
    prime_only: bool = False
    featured_only: bool = False
    max_feedback_count: int | None = None

    def __post_init__(self) -> None:
        if self.channel not in tuple(Channel):
            raise ValueError(f"rivals.channel: wanted any, fba or fbm; found {self.channel!r}")
        whole("rivals.min_feedback_count", self.min_feedback_count, 0, MAX_COUNT)
        whole("rivals.min_feedback_percent", self.min_feedback_percent, 0, 100)
        if self.max_handling_hours is not None:
            whole("rivals.max_handling_hours", self.max_handling_hours, 0, 10**6)
        if self.max_feedback_count is not None:
            whole("rivals.max_feedback_count", self.max_feedback_count, 0, MAX_COUNT)
        yes_or_no("rivals.prime_only", self.prime_only)
        yes_or_no("rivals.featured_only", self.featured_only)
        for name in LISTS:
            if not isinstance(getattr(self, name), frozenset):
                raise ValueError(f"rivals.{name}: wanted a frozenset of {LISTS[name]}")
            for member in getattr(self, name):
                identifier(f"rivals.{name}", member)
        for sub in self.sub_conditions:
            if sub != sub.lower():
                raise ValueError(f"rivals.sub_conditions: wanted lower case; found {sub!r}")

    @property
    def lets_all_pass(self) -> bool:
        return self == EVERYBODY


LISTS: Final = {
    "exclude": "seller ids",
    "only": "seller ids",
    "ships_from": "country codes",
    "sub_conditions": "sub-conditions",
}
EVERYBODY: Final = RivalFilter()
