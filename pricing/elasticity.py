"""How sales of one listing answer to its price: own days, shrunk to what similar listings showed. Pure, NumPy only.

Days on which we could not sell (no stock) or others did (Buy Box lost) say nothing about the price and are left out;
the share of a day for which we held the Buy Box counts as time on offer. Counts are small and bunched, so they are
taken as Poisson with the spread that they show (quasi-likelihood), widened when days resemble their neighbours.
A listing with few days leans on the prior, and its interval says so; `category_prior` makes one from many listings.
An elasticity does not stand still: how far months lie apart is learned too (EM), so that days of one promotion are not
taken for as many witnesses as there are days.

It tells how sales went with prices. Where prices were cut because demand was weak, that is less than what a cut
brings: only prices set by lot would show it, so nobody may take an interval here for an experiment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import inf, sqrt
from statistics import NormalDist
from typing import Final

import numpy as np

from pricing.elasticity_panel import F64

LEVEL: Final = 0.90
"""Of every interval here."""
LEAST_DAYS: Final = 21
LEAST_UNITS: Final = 15
LEAST_PRICE_SPREAD: Final = 0.01
"""Standard deviation of log price (1 %): below it the days show one price, whatever they cost."""
LEAST_SHARE: Final = 0.5
"""Of the day with the Buy Box; below it the day's sales were mostly others' to make."""
MONTH_DAYS: Final = 30
_WIDE, _SEASON, _PROMOTION, _RIVAL = 10.0, 0.3, 0.7, 1.0
"""Prior standard deviations in log units: level; weekday or month; promotion; log of the rival's price."""
_ROUNDS: Final = 60
_LEARNING: Final = 20
_LEARNED: Final = 0.02
"""Months' drift is learned in this many rounds at most, and until it moves by less than this share of itself."""
_SETTLED: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Day:
    """One day (or week, all alike) of a listing. None = not known, which leaves the day out.

    `price_minor` is what buyers paid, in one currency throughout. `buy_box_share` of 0–1 of the day; 1 in a shop
    that has no Buy Box. `rival_minor` is the lowest landed price of others; a day without it stays in, as an
    ordinary one.
    """

    on: date
    units: int
    price_minor: int
    promoted: bool
    in_stock: bool | None
    buy_box_share: float | None
    rival_minor: int | None = None


@dataclass(frozen=True, slots=True)
class Prior:
    """What is believed of a listing before its own days: elasticity (−2 = 1 % dearer sells 2 % less) and spread.

    `drift`: how far the elasticity of one of its months lies from its own (standard deviation).
    """

    mean: float = -2.0
    sd: float = 1.0
    drift: float = 0.5


@dataclass(frozen=True, slots=True)
class Elasticity:
    """The estimate with its `LEVEL` interval, over all its months; single ones lie around it by `drift`.

    `own_share` is how much of it is the listing's own (0 = all prior).
    """

    value: float
    sd: float
    low: float
    high: float
    days: int
    masked: int
    own_share: float
    drift: float


@dataclass(frozen=True, slots=True)
class TooThin:
    """No estimate, and why."""

    reason: str


def estimate(days: Sequence[Day], prior: Prior | None = None) -> Elasticity | TooThin:
    """The elasticity of these days, in any order. Money's scale does not matter; more of the same days narrow it.

    Raises ValueError for a negative count, prices that are not above zero, a share outside 0–1.
    """
    prior = prior or Prior()
    _check(days)
    used = sorted((d for d in days if _counts(d)), key=lambda d: d.on)
    prices = np.log([float(d.price_minor) for d in used]) if used else np.zeros(0)
    thin = _thin(used, prices, len(days) - len(used))
    if thin is not None:
        return TooThin(thin)
    columns, spreads, months = _columns(used, prices - prices.mean())
    offset = np.log([d.buy_box_share or 1.0 for d in used])
    units = np.array([float(d.units) for d in used])
    centre = np.zeros(columns.shape[1])
    centre[:2] = np.log(units.sum() / len(used)), prior.mean
    spread, drift, weights, cov = 1.0, prior.drift, centre, np.zeros((0, 0))
    for _ in range(_LEARNING):
        precision = np.array([_WIDE, prior.sd, *spreads, *[drift] * months]) ** -2.0
        weights, cov = _posterior(columns, units, offset, spread, precision, centre, weights)
        spread = _spread(columns, units, offset, weights, cov, spread)
        former, drift = drift, _drift(weights[-months:], np.diag(cov)[-months:], prior)
        if abs(drift - former) < _LEARNED * drift:
            break
    value, sd = float(weights[1]), sqrt(cov[1, 1])
    reach = NormalDist().inv_cdf((1 + LEVEL) / 2) * sd
    own = 1 - min(1.0, sd**2 / prior.sd**2)
    return Elasticity(value, sd, value - reach, value + reach, len(used), len(days) - len(used), own, drift)


def category_prior(found: Sequence[Elasticity], otherwise: Prior | None = None) -> Prior:
    """What the estimates of a category say of its next listing: their mean, how much true ones differ, and drift.

    The spread between listings is what their estimates differ beyond their own uncertainty (method of moments,
    DerSimonian & Laird 1986). With fewer than three estimates there is nothing to learn from: `otherwise`.
    The estimates should come from a wide prior, or it is counted once per listing.
    """
    if len(found) < 3:
        return otherwise or Prior()
    values, noise = np.array([e.value for e in found]), np.array([e.sd**2 for e in found])
    weight = 1 / noise
    mean = float(weight @ values / weight.sum())
    excess = float(weight @ (values - mean) ** 2) - (len(found) - 1)
    between = max(0.0, excess / float(weight.sum() - (weight**2).sum() / weight.sum()))
    weight = 1 / (noise + between)
    drift = sqrt(float(np.mean([e.drift**2 for e in found])))
    return Prior(float(weight @ values / weight.sum()), max(0.05, sqrt(between + 1 / float(weight.sum()))), drift)


def _check(days: Sequence[Day]) -> None:
    for d in days:
        if (
            d.units < 0
            or min(d.price_minor, 1 if d.rival_minor is None else d.rival_minor) <= 0
            or not 0 <= (d.buy_box_share or 0.0) <= 1
        ):
            raise ValueError(f"day {d.on}: wanted units ≥ 0, prices > 0 and a share of 0–1; found {d}")


def _counts(d: Day) -> bool:
    return d.in_stock is True and d.buy_box_share is not None and d.buy_box_share >= LEAST_SHARE


def _thin(used: Sequence[Day], prices: F64, masked: int) -> str | None:
    if len(used) < LEAST_DAYS:
        return f"{len(used)} usable days of {len(used) + masked}; {LEAST_DAYS} are needed"
    sold = sum(d.units for d in used)
    if sold < LEAST_UNITS:
        return f"{sold} units sold on usable days; {LEAST_UNITS} are needed"
    spread = float(prices.std())
    if spread < LEAST_PRICE_SPREAD:
        return f"the price hardly moved: {spread:.1%} around its mean; {LEAST_PRICE_SPREAD:.0%} is needed"
    return None


def _columns(used: Sequence[Day], price: F64) -> tuple[F64, list[float], int]:
    """Level, price, promotion, rival's price, weekdays, months, price by month; how far each from promotion on to the
    months is believed to lie from 0; the number of months."""
    weekday = np.array([d.on.weekday() for d in used])[:, None] == np.unique([d.on.weekday() for d in used])
    month = np.array([(d.on - used[0].on).days // MONTH_DAYS for d in used])
    months = month[:, None] == np.unique(month)
    promoted = np.array([float(d.promoted) for d in used])
    rival = np.log([float(d.rival_minor or 1) for d in used])
    known = np.array([d.rival_minor is not None for d in used])
    rival = np.where(known, rival - rival[known].mean(), 0.0) if known.any() else np.zeros(len(used))
    by_month = months * price[:, None]
    columns = np.column_stack([np.ones(len(used)), price, promoted, rival, weekday, months, by_month]).astype(float)
    spreads = [_PROMOTION, _RIVAL] + [_SEASON] * (weekday.shape[1] + months.shape[1])
    return columns, spreads, months.shape[1]


def _drift(of_months: F64, variances: F64, prior: Prior) -> float:
    """How far months lie from their listing as far as they show it; what was believed before counts as one month."""
    shown = float((of_months**2 + variances).sum())
    return sqrt((prior.drift**2 + shown) / (1 + len(of_months)))


def _posterior(
    x: F64, units: F64, offset: F64, spread: float, precision: F64, centre: F64, start: F64
) -> tuple[F64, F64]:
    """Mode and covariance by Newton with halved steps: the sum is concave, so there is one top."""

    def height(w: F64) -> float:
        eta = x @ w + offset
        gain = float(units @ eta - np.exp(np.minimum(eta, 50.0)).sum()) / spread
        return gain - float(precision @ (w - centre) ** 2) / 2

    weights, top = start, -inf
    for _ in range(_ROUNDS):
        top = height(weights)
        rate = np.exp(np.minimum(x @ weights + offset, 50.0))
        slope = x.T @ (units - rate) / spread - precision * (weights - centre)
        step = np.linalg.solve((x.T * rate) @ x / spread + np.diag(precision), slope)
        size = 1.0
        while height(weights + size * step) < top and size > _SETTLED:
            size /= 2
        weights = weights + size * step
        if float(np.abs(size * step).max()) < _SETTLED:
            break
    rate = np.exp(np.minimum(x @ weights + offset, 50.0))
    return weights, np.asarray(np.linalg.inv((x.T * rate) @ x / spread + np.diag(precision)), np.float64)


def _spread(x: F64, units: F64, offset: F64, weights: F64, cov: F64, spread: float) -> float:
    """Variance over mean beyond what the line explains, at least Poisson's 1, times what alike neighbours cost."""
    rate = np.exp(np.minimum(x @ weights + offset, 50.0))
    residual = (units - rate) / np.sqrt(rate)
    used = float(np.trace(cov @ ((x.T * rate) @ x))) / spread
    plain = float(residual @ residual) / max(1.0, len(units) - used)
    alike = float(np.clip(residual[1:] @ residual[:-1] / (residual @ residual or 1.0), 0.0, 0.8))
    return max(1.0, plain) * (1 + alike) / (1 - alike)
