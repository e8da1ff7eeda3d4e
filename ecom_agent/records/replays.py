"""What a replay found: decisions made again from what was kept, beside those that were made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class DecisionPair:
    """One decision then and now. Amounts in minor units; None = no price. `differs`: field → (then, now)."""

    at: datetime
    marketplace: str | None
    sku: str | None
    event_id: str | None
    before_minor: int | None
    then_code: str
    then_minor: int | None
    now_code: str
    now_minor: int | None
    differs: Mapping[str, tuple[str, str]]

    @property
    def why(self) -> str:
        """The difference in words."""
        return "; ".join(f"{field} was {then}, is {now}" for field, (then, now) in self.differs.items())


@dataclass(frozen=True, slots=True)
class ReplayReport:
    """`identical` + `different` = `decisions`. `runs` engines lived in these hours; `first` are the first that differ.

    `then_moves` and `now_moves`: decisions that gave a price.
    """

    account: str
    since: datetime
    until: datetime
    runs: int
    events: int
    decisions: int
    identical: int
    different: int
    then_moves: int
    now_moves: int
    first: tuple[DecisionPair, ...]
