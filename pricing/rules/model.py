"""A rule as it was written and checked: whole numbers, but amounts that may still wait for the listing's currency."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Final

from native_pricer import Channel
from native_pricer.clauses import Condition, Target, Without
from pricing.rules.times import Dates, Hours
from pricing.rules.values import Amount

MATCH: Final = 0


@dataclass(frozen=True, slots=True)
class Rivals:
    """Which offers count as rivals; None = not said, so what stands above holds. `exclude` adds to what stands above.

    Percent, counts and hours.
    """

    fulfilment: Channel | None = None
    min_rating: int | None = None
    min_ratings: int | None = None
    max_handling_hours: int | None = None
    exclude: frozenset[str] = frozenset()
    only: frozenset[str] | None = None
    max_ratings: int | None = None
    ships_from: frozenset[str] | None = None
    sub_conditions: frozenset[str] | None = None
    prime: bool | None = None
    featured: bool | None = None


@dataclass(frozen=True, slots=True)
class When:
    """All of it must hold. `listing_condition`: of our offer (new, used, …); None = any."""

    tests: tuple[Condition, ...] = ()
    hours: Hours | None = None
    dates: Dates | None = None
    listing_condition: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Aim:
    """Whose price to follow."""

    target: Target
    nth: int = 1
    seller: str | None = None
    strategy: str | None = None


@dataclass(frozen=True, slots=True)
class RuleClause:
    """One line of the rule: `offset` in basis points or as an amount."""

    name: str
    when: When
    aim: Aim
    offset: int | Amount = MATCH
    may_raise: bool = True
    may_lower: bool = True
    min_move: Amount | None = None
    without: Without = Without.HOLD
    raise_bp: int = 0
    rivals: Rivals | None = None


@dataclass(frozen=True, slots=True)
class Bound:
    """Ways to say one limit, all of which hold. Margin is of the price, ROI of the unit cost, `map_bp` of the MAP."""

    amount: Amount | None = None
    margin_bp: int | None = None
    roi_bp: int | None = None
    map_bp: int | None = None

    @property
    def empty(self) -> bool:
        return self == Bound()


@dataclass(frozen=True, slots=True)
class Business:
    """Prices for business buyers, all off the consumer price: basis points, and (units, basis points) rising."""

    discount_bp: int = 0
    tiers: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """A whole document. `pause_s` is the least time between two changes of one listing."""

    name: str
    clauses: tuple[RuleClause, ...]
    about: str = ""
    time_zone: str = "UTC"
    pause_s: int = 0
    sell_out_by: date | None = None
    reference: Amount | None = None
    least: Bound = field(default_factory=Bound)
    most: Bound = field(default_factory=Bound)
    rivals: Rivals = field(default_factory=Rivals)
    sleep: tuple[Hours, ...] = ()
    business: Business | None = None
