"""What the floor's break-even is made of, line by line, for screens: made when somebody looks, not for each change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from math import ceil

from ecom_agent.economics.fx import NoRate, convert
from ecom_agent.economics.margin import Floor
from ecom_agent.economics.unit_costs import NO_SHEETS, UnitCosts, unit_costs
from ecom_agent.money import Money
from ecom_agent.records.costs import CostSheets
from ecom_agent.records.finance import FeeQuote
from ecom_agent.records.offers import PriceLimits


@dataclass(frozen=True, slots=True)
class CostLine:
    """One cost of a unit sold at the floor, rounded up. `amount` None = not known, and counted as nothing.

    `at` is as of when it holds, `note` where it is from.
    """

    name: str
    amount: Money | None
    at: datetime | None
    note: str


def cost_lines(
    floor: Floor,
    limits: PriceLimits,
    fees: FeeQuote | None,
    sheets: CostSheets = NO_SHEETS,
    now: datetime | None = None,
) -> tuple[CostLine, ...]:
    """The lines behind a `floor` of these very limits, fees and sheets; none where the landed cost is not known, or
    where the floor has no bounds to show."""
    costs = unit_costs(limits, fees, sheets, now) if floor.parts else None
    if costs is None or isinstance(costs, NoRate):
        return ()
    return tuple(_lines(limits, costs, max(price for _, price in floor.parts), sheets, now))


def _lines(
    limits: PriceLimits, costs: UnitCosts, price: Money, sheets: CostSheets, now: datetime | None
) -> Iterator[CostLine]:
    def money(minor: Fraction) -> Money:
        return Money(ceil(minor), costs.currency)

    at, note = limits.costs_at, f"by {limits.updated_by}"
    rate = None if limits.foreign_cost is None else convert(limits.foreign_cost, limits.currency, sheets, now)
    if rate is None or isinstance(rate, NoRate):
        yield CostLine("landed cost", money(costs.goods), at, note)
    else:
        yield CostLine("landed cost", money(costs.goods), min(at, rate.at), f"{limits.foreign_cost} at {rate.by}")
    if costs.fees is None:
        yield CostLine("platform fees", None, None, "not known")
    else:
        yield CostLine("platform fees", money(costs.fees.on(price.minor)), costs.fees.at, costs.fees.source)
    unknown = "not known: not counted"
    if limits.ad_cost is None:
        yield CostLine("ads", None, None, unknown)
    else:
        yield CostLine("ads", limits.ad_cost, at, note)
    if limits.return_bp is None or limits.return_cost is None:
        yield CostLine("returns", None, None, unknown)
    else:
        yield CostLine(
            "returns", money(costs.returns), at, f"{limits.return_bp / 100:g} % × {limits.return_cost}, {note}"
        )
