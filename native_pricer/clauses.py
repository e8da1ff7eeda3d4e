"""A listing's pricing rule as the engine runs it: ordered clauses, the first whose conditions all hold decides.

What people write is elsewhere (`pricing/rules`, YAML); here are integers only: minor units, basis points, hundredths.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Final

from native_pricer._check import identifier, whole, yes_or_no
from native_pricer.rivals import RivalFilter
from native_pricer.words import MAX_MINOR

MAX_CLAUSES: Final = 32
MAX_CONDITIONS: Final = 12


class Feature(IntEnum):
    """What a condition may look at. A condition on something unknown never holds."""

    # of the page, as the event shows it
    BOX_HELD = 0  # 1: we hold the Buy Box, 0: another does
    BOX_SUPPRESSED = 1  # 1: offers are shown and nobody is featured
    BOX_FBA = 2  # 1: the holder ships from Amazon's stock
    OFFERS = 3  # offers shown, ours among them
    RIVALS = 4  # offers of others that pass the listing's filter
    RIVAL_FBA = 5  # of the lowest such rival: 1 FBA, 0 FBM
    RIVAL_RATING = 6  # of the lowest such rival: positive feedback, percent
    RIVAL_REVIEWS = 7  # of the lowest such rival: number of ratings
    RIVAL_HANDLING = 8  # of the lowest such rival: slowest handling time, hours
    GAP_BP = 9  # our landed price above that rival's (below: negative), basis points of the rival's
    # of our listing, as told by `Engine.inform` (ListingFacts)
    OUR_FBA = 10
    STOCK = 11  # units that can be sold now
    COVER = 12  # days of cover × 100
    VELOCITY = 13  # units sold a day × 100
    AGE = 14  # days since the listing was created
    PACE_BP = 15  # stock that will be sold by the wished date at today's velocity, basis points of the stock
    STATUS = 16  # ListingStatus: 0 active, 1 suppressed, 2 deactivated
    # of the clock, in the listing's local time
    MINUTE = 17  # minute of the day, 0–1439
    WEEKDAY = 18  # 0 Monday … 6 Sunday


FEATURES: Final = len(Feature)


@dataclass(frozen=True, slots=True)
class Condition:
    """`low` ≤ feature ≤ `high` (None = no bound on that side); `negated`: outside of it, such as 22:00–06:00."""

    feature: Feature
    low: int | None = None
    high: int | None = None
    negated: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.feature, Feature):
            raise ValueError(f"condition.feature: wanted a Feature; found {self.feature!r}")
        if self.low is None and self.high is None:
            raise ValueError("condition: wanted low or high or both")
        for name in ("low", "high"):
            if getattr(self, name) is not None:
                whole(f"condition.{name}", getattr(self, name), -MAX_MINOR, MAX_MINOR)
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError(f"condition: low {self.low} is above high {self.high}")


class Target(StrEnum):
    """Whose landed price to follow. None of them is "the minimum": a floor is a brake, never a goal."""

    LOWEST = "lowest"  # the lowest rival that passes the filter
    BUY_BOX = "buy_box"
    NTH = "nth"  # the n-th lowest such rival
    SELLER = "seller"  # one chosen rival
    AVERAGE = "average"  # the mean over such rivals, rounded down
    EXPECTED = "expected"  # the platform's featured offer expected price (FOEP)
    REFERENCE = "reference"  # the seller's own reference price: for recovery of suppressed or deactivated listings
    OWN = "own"  # our own price: for steps by pace, time or velocity where there are no rivals
    HOLD = "hold"  # leave the price as it is: sleep
    STRATEGY = "strategy"  # one of `native_pricer.strategies`


class Without(StrEnum):
    """What to do when the target has no price (no rival matches, nobody is featured). Never the minimum."""

    HOLD = "hold"
    RAISE = "raise"  # a step of `step_bp` up


@dataclass(frozen=True, slots=True)
class Clause:
    """When all of `when` hold: go to `target` at a distance of `offset_bp` (−50 = −0.5 %) or `offset_minor`, not both.

    `name` is the answer to "why this rule". `min_move_minor`: smaller moves are not worth a write. `rivals` None = the
    listing's filter. `nth` counts from 1. `may_raise`/`may_lower` False: the clause only ever goes the other way.

    Raises: ValueError naming the field.
    """

    name: str = "rule"
    when: tuple[Condition, ...] = ()
    target: Target = Target.LOWEST
    offset_bp: int | None = -50
    offset_minor: int | None = None
    nth: int = 1
    seller: str | None = None
    may_raise: bool = True
    may_lower: bool = True
    min_move_minor: int = 0
    without: Without = Without.HOLD
    step_bp: int = 0
    rivals: RivalFilter | None = None

    def __post_init__(self) -> None:
        identifier("clause.name", self.name)
        if self.target not in tuple(Target):
            raise ValueError(f"clause.target: wanted one of {', '.join(Target)}; found {self.target!r}")
        if (self.offset_bp is None) == (self.offset_minor is None):
            raise ValueError("clause: wanted exactly one of offset_bp and offset_minor")
        if self.offset_bp is not None:
            whole("clause.offset_bp", self.offset_bp, -9_999, 10_000)
        if self.offset_minor is not None:
            whole("clause.offset_minor", self.offset_minor, -MAX_MINOR, MAX_MINOR)
        whole("clause.nth", self.nth, 1, 20)
        whole("clause.min_move_minor", self.min_move_minor, 0, MAX_MINOR)
        whole("clause.step_bp", self.step_bp, 0, 10_000)
        if (self.seller is not None) != (self.target is Target.SELLER):
            raise ValueError("clause.seller: wanted with target seller, and only there")
        if self.seller is not None:
            identifier("clause.seller", self.seller)
        if (self.without is Without.RAISE) != (self.step_bp > 0):
            raise ValueError("clause.step_bp: wanted above 0 with without=raise, and only there")
        yes_or_no("clause.may_raise", self.may_raise)
        yes_or_no("clause.may_lower", self.may_lower)
        if self.without not in tuple(Without):
            raise ValueError(f"clause.without: wanted hold or raise; found {self.without!r}")
        if not isinstance(self.rivals, RivalFilter | None):
            raise ValueError(f"clause.rivals: wanted a RivalFilter or none; found {self.rivals!r}")
        if type(self.when) is not tuple or not all(isinstance(c, Condition) for c in self.when):
            raise ValueError(f"clause.when: wanted a tuple of Condition; found {self.when!r}")
        if len(self.when) > MAX_CONDITIONS:
            raise ValueError(f"clause.when: wanted at most {MAX_CONDITIONS} conditions; found {len(self.when)}")

    def __str__(self) -> str:
        """As in reasons: "lowest -0.5 %"."""
        if self.target in (Target.HOLD, Target.STRATEGY):
            return str(self.target)
        offset = f"{self.offset_bp / 100:+g} %" if self.offset_bp is not None else f"{self.offset_minor:+d} minor"
        which = f"{self.target} {self.nth}" if self.target is Target.NTH else str(self.target)
        return f"{which} {offset}"
