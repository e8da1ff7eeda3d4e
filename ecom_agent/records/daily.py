"""Sales day by day, each marketplace by its own day, in its own money and in the seller's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ecom_agent.money import Money


@dataclass(frozen=True, slots=True)
class DaySales:
    """One day of one marketplace in one currency; cancelled orders are left out.

    `sales` None = of some order no amount was told. `home` is it at the rate `by` of that day; None = unknown, and
    `why` says what is missing. An unknown is never counted as nothing.
    """

    day: date
    account: str
    marketplace: str
    zone: str
    orders: int
    sales: Money | None
    home: Money | None
    by: str
    why: str
