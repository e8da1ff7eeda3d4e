"""Pricing strategies as facts: who they are, how they did, and how far each may go where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from math import isinf
from typing import Any

from ecom_agent.ids import AccountId, MarketplaceId


class Stage(IntEnum):
    """How far a strategy may go on one marketplace. Ordered: higher touches more prices."""

    RETIRED = 0
    SHADOW = 1  # decides, sends nothing
    CANARY = 2  # prices 1 % of the SKUs
    LIVE = 3


@dataclass(frozen=True, slots=True)
class StrategyRecord:
    """One member of the pool. `parents`: none (founder), one (mutation) or two (crossing)."""

    id: str
    species: str
    genes: tuple[int, ...]
    parents: tuple[str, ...]
    born_at: datetime
    culled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StrategyScore:
    """One member in one tournament against `incumbent`, means a day; money in the bench's minor units.

    `gain` is profit minus the incumbent's on the same markets, `gain_low`/`gain_high` its bounds (infinite: nothing
    is known). `share` None = never eligible for the Buy Box.
    """

    member: str
    incumbent: str
    at: datetime
    profit_minor: float
    share: float | None
    writes: float
    gain: float
    gain_low: float
    gain_high: float
    pairs: int
    worst_mix: str
    worst_gain: float


@dataclass(frozen=True, slots=True)
class StrategyTrial:
    """One member against the incumbent at one place: on its "recorded" events, or "live" on our own canary listings.

    `gain` is profit a day and listing minus the incumbent's, minor units of the place's currency, with its bounds
    after `looks` looks. `lost_minor`: what it is estimated to have cost so far; `violations`: limits it asked to break.
    """

    account: AccountId
    marketplace: MarketplaceId
    member: str
    incumbent: str
    source: str
    at: datetime
    gain: float
    gain_low: float
    gain_high: float
    pairs: int
    looks: int
    lost_minor: int = 0
    violations: int = 0


def in_words(found: StrategyScore | StrategyTrial | None) -> str:
    """The gain with its bounds; that nobody measured, or measured too little, where it is so."""
    if found is None:
        return "not measured"
    if isinf(found.gain_low):
        return f"{found.pairs:,} pairs, too few to say"
    return f"{found.gain:+,.1f} ({found.gain_low:+,.1f} … {found.gain_high:+,.1f})"


@dataclass(frozen=True, slots=True)
class StrategyStanding:
    """All that is known of one member at one place, against the strategy that is `incumbent` there."""

    member: StrategyRecord
    stage: Stage
    since: datetime
    incumbent: str
    simulated: StrategyScore | None
    recorded: StrategyTrial | None
    live: StrategyTrial | None


@dataclass(frozen=True, slots=True)
class StrategyPlace:
    """Where one strategy stands on one marketplace, since when."""

    account: AccountId
    marketplace: MarketplaceId
    member: str
    stage: Stage
    since: datetime


@dataclass(frozen=True, slots=True)
class StrategyBook:
    """Who may price on one marketplace: everyone's place, the pool, and the lab's policy as the seller wrote it."""

    places: Sequence[StrategyPlace] = ()
    members: Sequence[StrategyRecord] = ()
    policy: Mapping[str, Any] = field(default_factory=dict)
