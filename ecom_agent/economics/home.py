"""Money in the seller's own currency, at the rate of the day it was taken. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from ecom_agent.economics.fx import NoRate, convert
from ecom_agent.money import Money
from ecom_agent.records.costs import CostSheets

_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class AtHome:
    """`money` None = unknown, and `why` says so; else `by` names the rate."""

    money: Money | None
    by: str = ""
    why: str = ""


def at_home(amount: Money | None, home: str | None, day: date, sheets: CostSheets) -> AtHome:
    """`amount`, taken on `day`, in `home`: by the newest rate of that day or before it, if that is not stale then.

    A later rate is not used: books do not change with the market. Rounded once, half to even.
    """
    if amount is None:
        return AtHome(None, why="of some order no amount was told")
    if home is None:
        return AtHome(None, why="the policy books names no home_currency")
    if amount.currency == home:
        return AtHome(amount, by="its own currency")
    evening = datetime.combine(day, time.min, UTC) + _DAY - timedelta(microseconds=1)
    found = convert(amount, home, sheets, evening)
    if isinstance(found, NoRate):
        return AtHome(None, why=found.reason)
    return AtHome(Money(round(found.minor), home), by=found.by)
