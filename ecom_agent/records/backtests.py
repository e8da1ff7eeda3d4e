"""What other ways of pricing would have left on our own recorded pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class BacktestRow:
    """One way of pricing over all listings of one currency: expected profit a day in minor units."""

    way: str
    currency: str
    profit_a_day: float
    better: int
    """On how many listings it leaves more than the price that never moves."""


@dataclass(frozen=True, slots=True)
class BacktestReport:
    """`listings` of `asked` could be led through their events: price, costs, fees and sales known, and pages kept."""

    account: str
    marketplace: str
    since: datetime
    until: datetime
    asked: int
    listings: int
    events: int
    rows: tuple[BacktestRow, ...]
