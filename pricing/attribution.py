"""After the fact: what of a change in profit came from price, Buy Box share, demand, cost — and what was luck.

Expected profit of a listing = demand × share × conversion × (net price − cost): buyers who come, the part of them that
find our offer, how many of those buy at our price, what one unit leaves. Which of these made how much of a change is
shared out by their Shapley values: each factor's effect averaged over every order in which the factors could have
changed. No order is privileged, and the parts sum to the change exactly: all sums are fractions. Pure.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from typing import Final

FACTORS: Final = ("demand", "share", "conversion", "price", "cost")
_CENTRAL: Final = 0.95

Amount = int | Fraction


@dataclass(frozen=True, slots=True)
class Side:
    """One listing (or segment) in one period, or under one policy.

    `demand` units that all buyers would have taken at the reference price; `share` of them that found our offer (were
    shown it as featured, or took the lowest); `conversion`: the buyers' answer to our price, 1 = at the reference
    price; `net` and `cost` per unit in minor units (net: price less what the platform keeps). `sold`: units really
    sold; None = a replay, which has no luck.
    """

    demand: Fraction
    share: Fraction
    conversion: Fraction
    net: Fraction
    cost: Fraction
    sold: Fraction | None = None

    @property
    def expected(self) -> Fraction:
        """Units."""
        return self.demand * self.share * self.conversion

    @property
    def profit(self) -> Fraction:
        """What was really earned, or would be in a replay."""
        return (self.expected if self.sold is None else self.sold) * (self.net - self.cost)


@dataclass(frozen=True, slots=True)
class Attribution:
    """Parts in minor units; `total` = their sum, exactly. `conversion` is the buyers' answer to our price.

    `luck_low` … `luck_high`: where luck lies 19 times of 20 when sales are Poisson around what was expected.
    """

    price: Fraction
    share: Fraction
    demand: Fraction
    conversion: Fraction
    cost: Fraction
    luck: Fraction
    luck_low: float
    luck_high: float
    total: Fraction

    @property
    def luck_explains(self) -> bool:
        """Whether the change could as well be luck alone."""
        return self.luck_low <= self.total <= self.luck_high


def attribute(before: Side, after: Side) -> Attribution:
    """Why `after` earned more or less than `before`."""
    parts = shapley(_expected_profit, _factors(before), _factors(after))
    luck = _luck(after) - _luck(before)
    low, high = _luck_interval(before, after)
    return Attribution(**parts, luck=luck, luck_low=low, luck_high=high, total=after.profit - before.profit)


def attribute_all(pairs: Iterable[tuple[Side, Side]]) -> Attribution:
    """The same over many listings: parts are sums, so they still add up; luck of listings is independent."""
    found = [attribute(before, after) for before, after in pairs]

    def total(name: str) -> Fraction:
        return sum((getattr(a, name) for a in found), Fraction(0))

    return Attribution(
        **{name: total(name) for name in FACTORS},
        luck=total("luck"),
        luck_low=-math.sqrt(sum(a.luck_low**2 for a in found)),
        luck_high=math.sqrt(sum(a.luck_high**2 for a in found)),
        total=total("total"),
    )


def shapley(
    value: Callable[[Mapping[str, Fraction]], Fraction],
    before: Mapping[str, Fraction],
    after: Mapping[str, Fraction],
) -> dict[str, Fraction]:
    """Each name's average effect on `value` over all orders of change; they sum to value(after) − value(before)."""
    names = tuple(name for name in before if before[name] != after[name])
    n = len(names)
    worth = {
        changed: value({name: (after if name in changed else before)[name] for name in before})
        for size in range(n + 1)
        for changed in map(frozenset, combinations(names, size))
    }
    weight = [Fraction(math.factorial(k) * math.factorial(n - k - 1), math.factorial(n)) for k in range(n)]
    effects = {
        name: sum((weight[len(s)] * (worth[s | {name}] - worth[s]) for s in worth if name not in s), Fraction(0))
        for name in names
    }
    return {name: effects.get(name, Fraction(0)) for name in before}


@dataclass(frozen=True, slots=True)
class Observed:
    """One listing over the periods, as recorded: units sold, days on sale × share of them featured, our mean price
    over the reference price; the lists are as long as there are periods."""

    sold: Sequence[int]
    featured_days: Sequence[float]
    price_ratio: Sequence[float]


def expected_units(rows: Sequence[Observed], elasticity: float, rounds: int = 50) -> list[list[float]]:
    """What each listing could be expected to sell in each period, from sales alone.

    units ~ Poisson(listing × period × featured days × price ratio^−ε): a listing has its own level, all listings
    share a period's demand; what is left over of a listing in a period is luck. Fitted so that sums by listing and by
    period are as sold. Without featured days nothing is expected. `elasticity` is ε > 0.
    """
    weight = [
        [days * ratio**-elasticity for days, ratio in zip(r.featured_days, r.price_ratio, strict=True)] for r in rows
    ]
    periods = len(weight[0]) if weight else 0
    period = [1.0] * periods
    level = [0.0] * len(rows)
    for _ in range(rounds):
        for i, row in enumerate(rows):
            whole = sum(w * d for w, d in zip(weight[i], period, strict=True))
            level[i] = sum(row.sold) / whole if whole > 0 else 0.0
        for t in range(periods):
            whole = sum(level[i] * weight[i][t] for i in range(len(rows)))
            period[t] = sum(r.sold[t] for r in rows) / whole if whole > 0 else period[t]
    return [[level[i] * weight[i][t] * period[t] for t in range(periods)] for i in range(len(rows))]


def _factors(side: Side) -> dict[str, Fraction]:
    return {
        "demand": side.demand,
        "share": side.share,
        "conversion": side.conversion,
        "price": side.net,
        "cost": side.cost,
    }


def _expected_profit(f: Mapping[str, Fraction]) -> Fraction:
    return f["demand"] * f["share"] * f["conversion"] * (f["price"] - f["cost"])


def _luck(side: Side) -> Fraction:
    return Fraction(0) if side.sold is None else (side.sold - side.expected) * (side.net - side.cost)


def _luck_interval(before: Side, after: Side) -> tuple[float, float]:
    """Of the difference of two independent Poisson deviations, each with its exact central interval."""
    low = high = 0.0
    for side, sign in ((before, -1), (after, 1)):
        if side.sold is None:
            continue
        mean, margin = float(side.expected), sign * float(side.net - side.cost)
        least, most = poisson_interval(mean)
        ends = sorted((margin * (least - mean), margin * (most - mean)))
        low, high = low + ends[0] ** 2, high + ends[1] ** 2
    return -math.sqrt(low), math.sqrt(high)


def poisson_interval(mean: float, central: float = _CENTRAL) -> tuple[float, float]:
    """The counts between which a Poisson number of this mean lies in `central` of cases (at least)."""
    if mean > 500:  # beyond, e^−mean leaves the numbers a float can hold
        spread = 1.959963984540054 * math.sqrt(mean)
        return mean - spread, mean + spread
    tail, k, chance = (1 - central) / 2, 0, math.exp(-mean)
    reached, low = chance, None
    while True:
        if low is None and reached > tail:
            low = k
        if reached >= 1 - tail:
            return float(low or 0), float(k)
        k += 1
        chance *= mean / k
        reached += chance
