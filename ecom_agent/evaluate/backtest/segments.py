"""What a replay left, by segment: profit, Buy Box share, writes; and where more than at a fixed price came from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

import numpy as np

from ecom_agent.evaluate.backtest.programs import rule_of
from ecom_agent.evaluate.backtest.recorded import Catalogue
from native_pricer import demand
from native_pricer.ticks import MICRO, State, Totals
from pricing.attribution import FACTORS, Attribution, Side, attribute

CENTS: Final = 100


@dataclass(frozen=True, slots=True)
class Outcome:
    """One run over the whole time: its sums, and where it ended."""

    totals: Totals
    state: State


def segments(of: Catalogue) -> dict[str, tuple[str, ...]]:
    """For each way to cut the catalogue, the segment of each listing."""
    usd = of.reference // CENTS
    band = ("below 15 USD", "15 to 30 USD", "30 to 60 USD", "60 USD and more")
    crowd = ("no rival", "1 or 2 rivals", "3 or 4 rivals", "5 rivals and more")
    return {
        "category": of.category,
        "price": tuple(band[int(np.searchsorted((15, 30, 60), x, "right"))] for x in usd),
        "competition": tuple(crowd[int(np.searchsorted((1, 3, 5), x, "right"))] for x in of.present),
        "rule": tuple(rule_of(i) for i in range(len(of))),
    }


def table(of: Catalogue, rules: Outcome, fixed: Outcome, days: int, why: Sequence[Attribution]) -> list[dict[str, Any]]:
    """A row per segment. Money in USD; `from_*` share out the profit above the fixed price's, and sum to it."""
    rows = []
    for kind, names in segments(of).items():
        for name in sorted(set(names)):
            chosen = [i for i, x in enumerate(names) if x == name]
            rows.append({"by": kind, "segment": name, **figures(rules, fixed, days, chosen), **parts(why, chosen)})
    return rows


def figures(rules: Outcome, fixed: Outcome, days: int, chosen: Sequence[int]) -> dict[str, float]:
    """Profit, share and writes of these listings, and the same at a fixed price."""
    mine, other = rules.totals, fixed.totals
    return {
        "listings": len(chosen),
        "profit": usd(int(mine.profit[chosen].sum())),
        "profit_fixed": usd(int(other.profit[chosen].sum())),
        "buy_box_share": round(float(mine.held[chosen].sum() / max(mine.time[chosen].sum(), 1)), 4),
        "buy_box_share_fixed": round(float(other.held[chosen].sum() / max(other.time[chosen].sum(), 1)), 4),
        "units": round(int(mine.units[chosen].sum()) / MICRO),
        "writes_per_sku_day": round(int(mine.moves[chosen].sum()) / max(len(chosen) * days, 1), 2),
    }


def parts(why: Sequence[Attribution], chosen: Sequence[int]) -> dict[str, float]:
    """Where the difference came from, in USD."""
    return {
        f"from_{name}": round(float(sum((getattr(why[i], name) for i in chosen), Fraction(0))) / CENTS, 2)
        for name in FACTORS
    }


def attributions(of: Catalogue, rules: Outcome, fixed: Outcome) -> list[Attribution]:
    """Of each listing: fixed price → its rule."""
    return [attribute(_side(of, fixed, i), _side(of, rules, i)) for i in range(len(of))]


def _side(of: Catalogue, outcome: Outcome, i: int) -> Side:
    """What a replay says of one listing; without sales the price at the end stands for the mean one."""
    totals, market = outcome.totals, of.market
    units, potential = int(totals.units[i]), int(totals.potential[i])
    cost, price = int(market.unit_cost[i] + market.fulfilment[i]), int(outcome.state.price[i])
    referral = max(int(market.referral_min[i]), (price * int(market.referral_bp[i]) + 5_000) // 10_000)
    paid = int(totals.revenue[i]) // units if units else price
    answer = demand.at(market.levels[int(market.elasticity[i])], paid, int(market.reference[i]))
    conversion = Fraction(max(round(answer * 1_000), 1), 1_000)
    return Side(
        demand=Fraction(potential, MICRO),
        share=Fraction(units, potential) / conversion if potential else Fraction(0),
        conversion=conversion,
        net=Fraction(int(totals.profit[i]), units) + cost if units else Fraction(price - referral),
        cost=Fraction(cost),
    )


def usd(micro_cents: int) -> float:
    """Millionths of a cent as dollars."""
    return round(micro_cents / MICRO / CENTS, 2)
