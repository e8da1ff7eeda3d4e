"""What the engine is told about one listing of ours. Integers only: minor units, basis points, seconds, epoch µs."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum

from ecom_agent.money import EXPONENTS
from native_pricer.words import MAX_MINOR

MAX_ID = 128
_IDENTIFIER = re.compile(rf"[^\x00-\x1f\ud800-\udfff]{{1,{MAX_ID}}}")  # no control characters, no half of a pair
MAX_SECONDS = 10 * 366 * 86_400


class Target(StrEnum):
    LOWEST = "lowest"
    BUY_BOX = "buy_box"


class Channel(StrEnum):
    ANY = "any"
    FBA = "fba"
    FBM = "fbm"


@dataclass(frozen=True, slots=True)
class Rule:
    """Which landed price to follow and at what distance: `offset_bp` (−50 = −0.5 %) or `offset_minor`, not both.

    `may_raise` False: the rule only ever lowers.
    """

    target: Target = Target.LOWEST
    offset_bp: int | None = -50
    offset_minor: int | None = None
    may_raise: bool = True

    def __post_init__(self) -> None:
        if self.target not in tuple(Target):
            raise ValueError(f"rule.target: wanted lowest or buy_box; found {self.target!r}")
        if (self.offset_bp is None) == (self.offset_minor is None):
            raise ValueError("rule: wanted exactly one of offset_bp and offset_minor")
        if self.offset_bp is not None:
            whole("rule.offset_bp", self.offset_bp, -9_999, 10_000)
        if self.offset_minor is not None:
            whole("rule.offset_minor", self.offset_minor, -MAX_MINOR, MAX_MINOR)

    def __str__(self) -> str:
        offset = f"{self.offset_bp / 100:+g} %" if self.offset_bp is not None else f"{self.offset_minor:+d} minor"
        return f"{self.target} {offset}"


@dataclass(frozen=True, slots=True)
class RivalFilter:
    """Which offers count as rivals. A rival whose fact is unknown does not pass a filter on that fact.

    `only`: none but these sellers (empty = all); `exclude`: never these.
    """

    channel: Channel = Channel.ANY
    min_feedback_count: int = 0
    min_feedback_percent: int = 0
    max_handling_hours: int | None = None
    exclude: frozenset[str] = frozenset()
    only: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if self.channel not in tuple(Channel):
            raise ValueError(f"rivals.channel: wanted any, fba or fbm; found {self.channel!r}")
        whole("rivals.min_feedback_count", self.min_feedback_count, 0, 10**12)
        whole("rivals.min_feedback_percent", self.min_feedback_percent, 0, 100)
        if self.max_handling_hours is not None:
            whole("rivals.max_handling_hours", self.max_handling_hours, 0, 10**6)
        for name in ("exclude", "only"):
            if not isinstance(getattr(self, name), frozenset):
                raise ValueError(f"rivals.{name}: wanted a frozenset of seller ids")
            for seller in getattr(self, name):
                identifier(f"rivals.{name}", seller)

    @property
    def lets_all_pass(self) -> bool:
        return self == RivalFilter()


@dataclass(frozen=True, slots=True)
class ListingConfig:
    """One SKU of ours on one page, its limits and its rule.

    `price_minor` is the live listing price as last known, `shipping_minor` what we charge on top; None = not known
    (shipping is then taken from our own offer in the event). `floor_minor` None = no price is ever written.
    `max_step_bp` bounds one change, `max_day_bp` all changes since the price of the UTC day's start
    (`day_open_minor`, at `day_open_us`; without them the first price known). `last_change_us` starts the cooldown.

    Raises: ValueError naming the field.
    """

    marketplace: str
    asin: str
    condition: str
    sku: str
    seller_id: str
    currency: str
    price_minor: int | None
    shipping_minor: int | None
    floor_minor: int | None
    ceiling_minor: int | None
    rule: Rule = field(default_factory=Rule)
    rivals: RivalFilter = field(default_factory=RivalFilter)
    max_step_bp: int = 1_000
    max_day_bp: int = 2_000
    cooldown_s: int = 300
    max_event_age_s: int = 3_600
    day_open_minor: int | None = None
    day_open_us: int | None = None
    last_change_us: int | None = None

    def __post_init__(self) -> None:
        for name in ("marketplace", "asin", "condition", "sku", "seller_id"):
            identifier(name, getattr(self, name))
        if self.currency not in EXPONENTS:
            raise ValueError(f"currency: wanted an ISO 4217 code such as USD; found {self.currency!r}")
        for name, least in _AMOUNTS:
            if getattr(self, name) is not None:
                whole(name, getattr(self, name), least, MAX_MINOR)
        for name, most in _BOUNDS:
            whole(name, getattr(self, name), 0, most)
        for name in ("day_open_us", "last_change_us"):
            if getattr(self, name) is not None:
                whole(name, getattr(self, name), 0, 2**62)
        if (self.day_open_minor is None) != (self.day_open_us is None):
            raise ValueError("day_open_minor: wanted together with day_open_us")
        if self.floor_minor is not None and self.ceiling_minor is not None and self.floor_minor > self.ceiling_minor:
            raise ValueError(f"floor_minor: {self.floor_minor} is above ceiling_minor {self.ceiling_minor}")


_AMOUNTS = (("price_minor", 1), ("shipping_minor", 0), ("floor_minor", 1), ("ceiling_minor", 1), ("day_open_minor", 1))
_BOUNDS = (
    ("max_step_bp", 10_000),
    ("max_day_bp", 10_000),
    ("cooldown_s", MAX_SECONDS),
    ("max_event_age_s", MAX_SECONDS),
)


def identifier(name: str, value: object) -> None:
    """An id is text of 1 to 128 characters without control characters. Raises ValueError naming it."""
    if not isinstance(value, str) or not is_identifier(value):
        raise ValueError(f"{name}: wanted 1 to {MAX_ID} characters of plain text; found {value!r}")


def is_identifier(value: str) -> bool:
    return _IDENTIFIER.fullmatch(value) is not None


def whole(name: str, value: object, least: int, most: int) -> None:
    """A whole number within bounds. Raises ValueError naming it."""
    if type(value) is not int or not least <= value <= most:
        raise ValueError(f"{name}: wanted a whole number from {least} to {most}; found {value!r}")
