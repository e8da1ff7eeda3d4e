"""The demand model as tables over price ÷ reference, so that a replay needs no logarithm per event; and as formulas.

Featured: odds ∝ (p/ref)^−κ · quality, with an incumbent's odds raised by a factor at each draw. The chance that an
offer is featured is then the stationary one of that chain, π ∝ w·(W + (b − 1)·w), W the sum of all weights w.
Demand: λ0 · season · (p_featured / ref)^−ε; most buyers take the featured offer, the others the lowest landed price.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from native_pricer.ticks import F64

STEPS: Final = 2_048
"""Entries of a table per 100 % of the reference price."""
SPAN: Final = 4
"""Tables end at 400 % of the reference price; a price above counts as that."""
_LEAST: Final = 0.1  # a price below 10 % of the reference counts as that: no weight overflows


def power(exponent: float) -> F64:
    """(p/ref)^−exponent at p/ref = 0, 1/STEPS, … SPAN, one entry more for interpolation."""
    ratio = np.maximum(np.arange(SPAN * STEPS + 2) / STEPS, _LEAST)
    return np.asarray([math.pow(r, -exponent) for r in ratio])


def at(table: F64, landed: int, reference: int) -> float:
    """The table's value for a price, between two entries on a straight line: what replay computes."""
    position = landed * (STEPS / reference)
    if position >= SPAN * STEPS:
        return float(table[SPAN * STEPS])
    index = int(position)
    low = float(table[index])
    return low + (float(table[index + 1]) - low) * (position - index)


def quality(*, fba: bool, rating: float, handling_days: int, beta: tuple[float, float, float], tau: float) -> float:
    """e^((β_fba·fba + β_q·(rating − .95) − β_h·max(0, h − 2)) / τ)."""
    for_fba, for_rating, for_handling = beta
    score = for_fba * fba + for_rating * (rating - 0.95) - for_handling * max(0, handling_days - 2)
    return math.exp(score / tau)


def shares(weights: list[float], incumbent: float) -> list[float]:
    """Exact: how much of the time each offer is featured. `incumbent` is b − 1, b the factor of the one who holds."""
    whole = sum(weights)
    if whole <= 0:
        return [0.0] * len(weights)
    parts = [w * (whole + incumbent * w) for w in weights]
    total = sum(parts)
    return [part / total for part in parts]


def expected_units(
    own: int | None, rivals: list[tuple[int, float]], reference: int, *,
    own_quality: float, kappa: float, epsilon: float, incumbent: float, to_featured: float, limit_bp: int,
) -> float:  # fmt: skip
    """Exact, from the formulas: units sold by us per unit of demand at the reference price. For tests of the tables.

    `rivals` are (landed, quality); `own` None = we are not on sale.
    """
    offers = ([(own, own_quality)] if own is not None else []) + rivals
    able = [p * 10_000 <= reference * (10_000 + limit_bp) for p, _ in offers]
    odds: list[float] = [
        q * math.pow(p / reference, -kappa) if ok else 0.0 for (p, q), ok in zip(offers, able, strict=True)
    ]
    share, level = shares(odds, incumbent), [math.pow(p / reference, -epsilon) for p, _ in offers]
    if own is None or not offers:
        return 0.0
    lowest = min(p for p, _ in offers)
    mean = sum(s * x for s, x in zip(share, level, strict=True)) or math.pow(lowest / reference, -epsilon)
    ties = sum(p == lowest for p, _ in offers)
    rest = 0.0 if own > lowest else 1.0 if ties == 1 else 0.5
    return to_featured * share[0] * level[0] + (1 - to_featured) * mean * rest


def season(hours: list[float]) -> F64:
    """Running sum of demand, in days' worth, from factors by hour (mean 1): entry h is what hours before h bring."""
    return np.concatenate([[0.0], np.cumsum(np.asarray(hours) / 24)])
