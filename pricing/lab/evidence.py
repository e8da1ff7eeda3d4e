"""How sure we are that a strategy earns more than the incumbent: paired differences and their confidence bounds.

A difference is the challenger's profit minus the incumbent's on the same days, prices, rivals and dice (minor units a
day), so what moves both moves it little. Looking often at growing data finds a "winner" by luck; so the k-th look
spends 6/(π²k²) of the allowed error, which sums to all of it however often one looks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, pi, sqrt
from statistics import fmean, stdev
from typing import Final

LEAST: Final = 8
"""Fewer pairs say nothing: their spread is not known well enough for any bound."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Of the mean difference, minor units a day. Infinite bounds: nothing is known yet."""

    mean: float
    lower: float
    upper: float
    pairs: int

    def __str__(self) -> str:
        if self.pairs < LEAST:
            return f"{self.pairs} pairs, too few to say"
        return f"{self.mean:+.1f} a day ({self.lower:+.1f} … {self.upper:+.1f}, {self.pairs} pairs)"


def bounds(differences: Sequence[float], *, confidence: float, look: int = 1) -> Bounds:
    """Two one-sided bounds at `confidence` each, corrected for this being the `look`-th look (from 1).

    Raises ValueError for a confidence outside ]0.5, 1[ or a look below 1.
    """
    if not 0.5 < confidence < 1:
        raise ValueError(f"confidence: wanted between 0.5 and 1; found {confidence}")
    if look < 1:
        raise ValueError(f"look: wanted 1 or more; found {look}")
    n = len(differences)
    mean = fmean(differences) if n else 0.0
    if n < LEAST:
        return Bounds(mean, -inf, inf, n)
    error = (1 - confidence) * 6 / (pi * look) ** 2
    reach = _student(1 - error, n - 1) * stdev(differences, mean) / sqrt(n)
    return Bounds(mean, mean - reach, mean + reach, n)


def _student(probability: float, freedom: int) -> float:
    from scipy.stats import t  # a second to import, needed weekly

    return float(t.ppf(probability, freedom))
