"""What sharing out a pool is decided on, and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ecom_agent.records.pools import PoolBook

NAME: Final = "inventory.allocation"


@dataclass(frozen=True, slots=True)
class AllocationInputs:
    """The stock book of the SKUs concerned with every channel that sells them; `now` is the run's slot."""

    book: PoolBook
    now: datetime


@dataclass(frozen=True, slots=True)
class Publish:
    """This outlet should show `to` units; `wanted` is its full share, which may have to wait for others."""

    to: int
    wanted: int
    reason: str


@dataclass(frozen=True, slots=True)
class Hold:
    """It is left as it is. `wanted` None = its share is not known."""

    reason: str
    wanted: int | None = None


Decision = Publish | Hold
