"""What advertising consists of. Plain data, part of the world's snapshot. Times UTC, money US cents.

Each campaign has one ad group with one ad of one product. Everything is numbered from 1; what Amazon prints as an id is
made from the number in `wire/ads.py`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from platforms.simulated.agenda import Agenda
from platforms.simulated.dice import Dice

KEYWORD, PRODUCT, AUTOMATIC = "keyword", "product", "automatic"


@dataclass(slots=True)
class Term:
    """What people type. `share` of the target's auctions are about it, `conversion` = orders per click."""

    text: str
    share: float
    conversion: float


@dataclass(slots=True)
class Target:
    """`bid_minor` None = the group's default. `price_minor` = e^μ of the competing bids. `state` is Amazon's word."""

    number: int
    campaign: int
    sku: str
    kind: str
    text: str
    match: str | None
    bid_minor: int | None
    state: str
    auctions: float
    click_rate: float
    price_minor: int
    terms: list[Term]
    created_at: datetime
    updated_at: datetime


@dataclass(slots=True)
class Campaign:
    number: int
    sku: str
    name: str
    automatic: bool
    state: str
    budget_minor: int
    default_bid_minor: int
    created_at: datetime


@dataclass(slots=True)
class Negative:
    """A search that a campaign refuses. `match`: exact, phrase."""

    number: int
    campaign: int
    text: str
    match: str
    state: str
    created_at: datetime


@dataclass(slots=True)
class Figures:
    """Of one day, target and term, as it stands. Orders are those credited to clicks of that day."""

    impressions: int = 0
    clicks: int = 0
    cost_minor: int = 0
    orders: int = 0
    units: int = 0
    sales_minor: int = 0


@dataclass(slots=True)
class Report:
    """`asked` is the request as it came. `rows` are of `made_at`, None = it is not made yet. A stuck one never is."""

    report_id: str
    asked: dict[str, Any]
    at: datetime
    stuck: bool
    made_at: datetime | None = None
    rows: list[dict[str, Any]] | None = None


@dataclass
class Ads:
    """Our account. `tally`: day (ISO, of the marketplace's zone) → (target, term) → figures; `spent`: campaign → day
    and cents of its last day; `credited`: order id → (day, target, term) of the click that brought it."""

    opened_at: datetime
    dice: Dice
    campaigns: dict[int, Campaign] = field(default_factory=dict)
    targets: dict[int, Target] = field(default_factory=dict)
    negatives: dict[int, Negative] = field(default_factory=dict)
    tally: dict[str, dict[tuple[int, str], Figures]] = field(default_factory=dict)
    spent: dict[int, tuple[str, int]] = field(default_factory=dict)
    credited: dict[str, tuple[str, int, str]] = field(default_factory=dict)
    reports: dict[str, Report] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    agenda: Agenda = field(default_factory=Agenda)
    """What clicks that were made will bring."""

    def next(self, what: str) -> int:
        """The next number of `what`, from 1."""
        self.counts[what] += 1
        return self.counts[what]

    def figures(self, day: str, target: int, term: str) -> Figures:
        """Those of a day, which begin to exist when they are asked for."""
        return self.tally.setdefault(day, {}).setdefault((target, term), Figures())
