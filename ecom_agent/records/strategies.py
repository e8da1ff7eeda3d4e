"""Pricing strategies as facts: who they are, how they did, and how far each may go where."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

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
class StrategyPlace:
    """Where one strategy stands on one marketplace, since when."""

    account: AccountId
    marketplace: MarketplaceId
    member: str
    stage: Stage
    since: datetime
