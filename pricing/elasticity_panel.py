"""Demand of one product in many shops, each learning from all: log units on log prices, hierarchical. NumPy only.

    log units = x·beta + z·u(shop) + noise,   u ~ N(0, V),   noise ~ N(0, s2)

`x` holds what acts alike everywhere (`elasticity_design` lays it out), `z` the part of it that may differ by shop
(level, own price, promotion). V, s2 and how far each group of columns is believed come from the data themselves (EM on
the marginal likelihood). So a shop with few weeks leans on the others, one with many on itself, and one never seen gets
what its traits say, with an interval that admits it. Weeks and quarters have groups of their own: all shops share a
week's chance, and fifty shops of one chain are not fifty witnesses.

The estimate is of how sales went with prices, not of what a price change would cause: a seller who cuts prices when
demand is weak sees a smaller elasticity than there is. Trials with prices set by lot are the only cure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
BOOL = NDArray[np.bool_]
STEPS: Final = 60
"""EM steps at most; it stops when the noise moves by less than `SETTLED` of itself."""
SETTLED: Final = 1e-4
_START: Final = 0.1
"""Where the spreads begin; EM forgets it."""
_LEAST: Final = 1e-8
"""No variance falls below this: a direction without any spread stays invertible."""


@dataclass(frozen=True, slots=True)
class Design:
    """Rows of one product in any order. Row i is of shop `shop[i]`; the columns of `common` act alike everywhere.

    `groups` says which columns of `common` are shrunk to zero together (-1 = not at all), `varying` which columns'
    weight may differ by shop.
    """

    shop: I64
    common: F64
    groups: Sequence[int]
    varying: Sequence[int]


@dataclass(frozen=True, slots=True)
class Panel:
    """A fitted product: `beta` with its covariance, and each known shop's deviation u with its own.

    `between` is V, `noise` s2, `penalty` the prior precision of each column of `common`.
    """

    beta: F64
    beta_cov: F64
    varying: tuple[int, ...]
    between: F64
    noise: float
    penalty: F64
    shops: Mapping[int, tuple[F64, F64]]

    def predict(self, design: Design) -> tuple[F64, F64]:
        """Expected log units and their standard deviation row by row; unknown shops get the common line.

        The standard deviation is that of one new row: line, shop and noise together.
        """
        z = design.common[:, list(self.varying)]
        mean = design.common @ self.beta
        spread = ((design.common @ self.beta_cov) * design.common).sum(axis=1) + self.noise
        for shop in np.unique(design.shop):
            rows = design.shop == shop
            own, cov = self.shops.get(int(shop), (np.zeros(len(self.varying)), self.between))
            mean[rows] += z[rows] @ own
            spread[rows] += ((z[rows] @ cov) * z[rows]).sum(axis=1)
        return mean, np.sqrt(spread)

    def weight(self, shop: int, row: F64) -> tuple[float, float]:
        """What log units gain in a shop when `common` moves by `row`, and the standard deviation of that.

        For the elasticity: 1 at the own log price, the shop's traits at the columns of trait × price.
        """
        own, cov = self.shops.get(shop, (np.zeros(len(self.varying)), self.between))
        part = row[list(self.varying)]
        variance = row @ self.beta_cov @ row + part @ cov @ part
        return float(row @ self.beta + part @ own), float(np.sqrt(variance))

    def again(self, design: Design, log_units: F64) -> Panel:
        """The same beliefs about spreads, everything else from these rows alone: no EM, one solution."""
        beta, cov, shops = _solve(_by_shop(design, log_units), self.noise, self.between, self.penalty)
        return replace(self, beta=beta, beta_cov=cov, shops=shops)


@dataclass(frozen=True, slots=True)
class _Sums:
    """Of one shop: all that the fit needs of its rows."""

    xx: F64
    xz: F64
    zz: F64
    xy: F64
    zy: F64
    yy: float
    rows: int


def fit(design: Design, log_units: F64) -> Panel:
    """The product's line and each shop's own. Raises ValueError for no rows or a value that is not finite."""
    if not len(log_units) or not (np.isfinite(log_units).all() and np.isfinite(design.common).all()):
        raise ValueError("log_units and common: wanted rows of finite numbers")
    sums, groups = _by_shop(design, log_units), np.asarray(design.groups)
    noise, between = float(np.var(log_units)) or 1.0, np.eye(len(design.varying)) * _START
    trust = np.full(int(groups.max(initial=-1)) + 1, _START)
    for _ in range(STEPS):
        beta, cov, shops = _solve(sums, noise, between, _penalty(groups, trust))
        former, noise = noise, max(_LEAST, _noise(sums, beta, cov, shops, list(design.varying)))
        between = np.mean([np.outer(u, u) + c for u, c in shops.values()], axis=0) + _LEAST * np.eye(len(between))
        for group in range(len(trust)):
            inside = groups == group
            trust[group] = max(_LEAST, float(np.mean(beta[inside] ** 2 + np.diag(cov)[inside])))
        if abs(noise - former) < SETTLED * former:
            break
    penalty = _penalty(groups, trust)
    beta, cov, shops = _solve(sums, noise, between, penalty)
    return Panel(beta, cov, tuple(design.varying), between, noise, penalty, shops)


def _by_shop(design: Design, log_units: F64) -> dict[int, _Sums]:
    return {int(shop): _sums(design, log_units, design.shop == shop) for shop in np.unique(design.shop)}


def _sums(design: Design, y: F64, rows: BOOL) -> _Sums:
    x, y = design.common[rows], y[rows]
    z = x[:, list(design.varying)]
    return _Sums(x.T @ x, x.T @ z, z.T @ z, x.T @ y, z.T @ y, float(y @ y), len(y))


def _penalty(groups: I64, trust: F64) -> F64:
    return np.array([_LEAST if group < 0 else 1 / trust[group] for group in groups])


def _solve(
    sums: dict[int, _Sums], noise: float, between: F64, penalty: F64
) -> tuple[F64, F64, dict[int, tuple[F64, F64]]]:
    """Line and shops given the variances: shops are integrated out of the line, then read off it."""
    prior = np.linalg.inv(between) * noise
    gains = {shop: np.linalg.inv(s.zz + prior) for shop, s in sums.items()}
    info, pull = np.diag(penalty), np.zeros(len(penalty))
    for shop, s in sums.items():
        info += (s.xx - s.xz @ gains[shop] @ s.xz.T) / noise
        pull += (s.xy - s.xz @ gains[shop] @ s.zy) / noise
    cov = np.asarray(np.linalg.inv(info), np.float64)
    beta = cov @ pull
    shops = {k: (gains[k] @ (s.zy - s.xz.T @ beta), noise * gains[k]) for k, s in sums.items()}
    return beta, cov, shops


def _noise(sums: dict[int, _Sums], beta: F64, cov: F64, shops: dict[int, tuple[F64, F64]], varying: list[int]) -> float:
    total, rows = 0.0, 0
    for key, s in sums.items():
        u, c = shops[key]
        whole = beta.copy()
        whole[varying] += u
        square = s.yy - 2 * whole @ s.xy + whole @ s.xx @ whole
        total += float(square + np.vdot(s.zz, c) + np.vdot(s.xx, cov))
        rows += s.rows
    return total / rows
