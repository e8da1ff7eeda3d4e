"""How well prices explain sales where nobody has looked: stores held out entirely, and weeks held back.

Data: Dominick's refrigerated orange juice, 11 brands, weekly by store (bayesm's `orangeJuice`), with store traits.

Unseen stores: five folds over stores; each store's rows are told by a model that never saw one of them, neither its
level nor its elasticity. R² of log units over all rows, around their common mean. Weeks' own effects are not used for
it: that other stores sold much in the very same week is knowledge nobody has beforehand.
The plain log-log that it stands beside, in the same folds: a level per brand, one elasticity, deal and feature flags;
by the draw of the folds it gives .609 to .618. A second one has its own coefficients for each brand.

Held-back weeks: five folds over blocks of four weeks; the same stores, the other weeks. `interval_coverage` counts the
store-weeks whose log units lie in the 90 % interval told without them. Elasticities are compared with the estimate
from the held-back weeks alone (spreads as learned before): the difference must lie within 1.645 of its own standard
deviation. The same with whole fifths of the time (24 weeks in a row) is harder, since elasticities drift, and printed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import product
from math import hypot
from pathlib import Path
from statistics import NormalDist
from typing import Final

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from ecom_agent.errors import BadInput
from ecom_agent.evaluate.base import Evaluation, Measured, Options
from pricing.elasticity import LEVEL, Day, Elasticity, Prior, TooThin, category_prior, estimate
from pricing.elasticity_design import ShopWeeks, design, own_price
from pricing.elasticity_panel import BOOL, F64, I64, fit

SALES, TRAITS = "orange_juice_weekly.csv.gz", "store_demographics.csv.gz"
BRANDS: Final = 11
FOLDS: Final = 5
BLOCK_WEEKS: Final = 4
OUNCES_A_UNIT: Final = 64
"""Half a gallon: `logmove` counts ounces; a listing counts packs."""
SKEWED: Final = ("SSTRDIST", "SSTRVOL", "CPDIST5", "CPWVOL5")
"""Distances and volumes of competitors: their logs are traits."""
WIDE: Final = Prior(-2.0, 3.0)
_REACH: Final = NormalDist().inv_cdf((1 + LEVEL) / 2)

FIGURES: Final = {
    "r2_unseen_stores": "R² of log units in stores held out entirely, from prices, promotion, season and traits alone",
    "r2_unseen_stores_same_week": "the same, knowing what the other stores sold in that week",
    "interval_coverage": "share of held-back store-weeks within the 90 % interval of their log units",
    "elasticity_coverage": "share of own-price elasticities (store × brand) whose 90 % interval holds the estimate "
    "from the held-back weeks",
    "listing_coverage": "the same by the estimator for a single listing, with mean and drift from the other stores",
    "interval_coverage_long": "as interval_coverage, held back by fifths of the time, 24 weeks in a row",
    "elasticity_coverage_long": "as elasticity_coverage, held back by fifths of the time",
    "interval_width": "mean width of the held-back weeks' 90 % intervals, log units",
    "elasticity_median": "median own-price elasticity over stores and brands",
}
BASELINES: Final = {
    "plain_loglog_r2": "R² in unseen stores of least squares: level by brand, one elasticity, deal, feature",
    "plain_loglog_by_brand_r2": "the same with every coefficient by brand",
    "plain_interval_coverage": "share of held-back store-weeks within 1.645 standard errors of the by-brand line",
    "plain_interval_width": "mean width of those intervals, log units",
}


@dataclass(frozen=True, slots=True)
class Juice:
    """All rows, brand by brand in `brand` (0–10). `price` are logs of every brand's price, columns by brand."""

    store: I64
    brand: I64
    week: I64
    log_units: F64
    price: F64
    promotion: F64
    traits: F64

    @property
    def weeks(self) -> tuple[int, int]:
        return int(self.week.min()), int(self.week.max())

    def of(self, brand: int) -> ShopWeeks:
        rows = self.brand == brand
        rivals = np.delete(self.price[rows], brand, axis=1)
        return ShopWeeks(
            self.store[rows], self.week[rows], self.price[rows, brand], rivals, self.promotion[rows], self.traits[rows]
        )


def read(folder: Path) -> Juice:
    """Raises BadInput when the two files are not there or lack a column."""
    prices = [f"price{i}" for i in range(1, BRANDS + 1)]
    try:
        sales, traits = pd.read_csv(folder / SALES), pd.read_csv(folder / TRAITS).set_index("STORE")
        traits = traits.assign(**{name: np.log(traits[name] + 0.01) for name in SKEWED})
        told = ((traits - traits.mean()) / traits.std()).loc[sales["store"]].to_numpy(float)
        features = sales.groupby(["store", "week"])["feat"].transform("sum") - sales["feat"]
        price = np.log(sales[prices].to_numpy(float))
        return Juice(
            store=sales["store"].to_numpy(np.int64),
            brand=sales["brand"].to_numpy(np.int64) - 1,
            week=sales["week"].to_numpy(np.int64),
            log_units=sales["logmove"].to_numpy(float),
            price=price - price.mean(axis=0),
            promotion=np.column_stack([sales["deal"], sales["feat"], features]).astype(float),
            traits=told,
        )
    except (OSError, KeyError) as e:
        raise BadInput(f"{SALES} and {TRAITS}", f"{folder}: {e}", "give their folder with --data") from e


def unseen_stores(juice: Juice, folds: I64, tell: Callable[[str], None]) -> tuple[F64, F64]:
    """Expected log units of every row by models that never saw its store: without and with the week's own effect."""
    alone, with_week = np.zeros_like(juice.log_units), np.zeros_like(juice.log_units)
    for fold, brand, rows, inside in _parts(juice, folds):
        tell(f"{fold * BRANDS + brand} of {FOLDS * BRANDS}: stores held out")
        seen, units = juice.of(brand), juice.log_units[rows]
        panel = fit(design(seen.rows(~inside), juice.weeks), units[~inside])
        asked, places = seen.rows(inside), np.flatnonzero(rows)[inside]
        alone[places] = panel.predict(design(asked, juice.weeks, same_week=False))[0]
        with_week[places] = panel.predict(design(asked, juice.weeks))[0]
    return alone, with_week


@dataclass(frozen=True, slots=True)
class HeldBack:
    """What the held-back weeks said. Slopes: (told before, its sd, from these weeks alone, its sd)."""

    covered: float
    width: float
    slopes: Sequence[tuple[float, float, float, float]]

    @property
    def slopes_covered(self) -> float:
        return float(np.mean([abs(a - b) <= _REACH * hypot(sa, sb) for a, sa, b, sb in self.slopes]))


def held_back_weeks(juice: Juice, folds: I64, tell: Callable[[str], None], what: str) -> HeldBack:
    """Every week once told by the others."""
    covered, width, slopes = [], [], []
    for fold, brand, rows, inside in _parts(juice, folds):
        tell(f"{fold * BRANDS + brand} of {FOLDS * BRANDS}: {what}")
        seen, units = juice.of(brand), juice.log_units[rows]
        panel = fit(design(seen.rows(~inside), juice.weeks), units[~inside])
        back = design(seen.rows(inside), juice.weeks)
        mean, sd = panel.predict(back)
        covered.append(np.abs(units[inside] - mean) <= _REACH * sd)
        width.append(2 * _REACH * sd)
        alone = panel.again(back, units[inside])
        for store in np.unique(back.shop):
            row = own_price(back, seen.traits[seen.shop == store][0])
            slopes.append((*panel.weight(int(store), row), *alone.weight(int(store), row)))
    return HeldBack(float(np.mean(np.concatenate(covered))), float(np.mean(np.concatenate(width))), slopes)


def single_listings(juice: Juice, folds: I64, tell: Callable[[str], None]) -> tuple[float, Mapping[str, int]]:
    """Coverage of the single-listing estimator, every week once held back, and how often it would not judge."""
    hits: list[bool] = []
    counts = {"listings × folds": 0, "too thin": 0}
    for fold, brand in product(range(FOLDS), range(BRANDS)):
        tell(f"{fold * BRANDS + brand} of {FOLDS * BRANDS}: single listings")
        inside = folds == fold
        before = {s: estimate(_days(juice, brand, s, ~inside), WIDE) for s in np.unique(juice.store).tolist()}
        for store in before:
            counts["listings × folds"] += 1
            others = [e for s, e in before.items() if s != store and isinstance(e, Elasticity)]
            prior = category_prior(others, WIDE)
            told = estimate(_days(juice, brand, store, ~inside), prior)
            found = estimate(_days(juice, brand, store, inside), replace(WIDE, drift=prior.drift))
            if isinstance(told, TooThin) or isinstance(found, TooThin):
                counts["too thin"] += 1
            else:
                hits.append(abs(told.value - found.value) <= _REACH * hypot(told.sd, found.sd))
    return float(np.mean(hits)), counts


def plain(juice: Juice, folds: I64, *, by_brand: bool) -> tuple[F64, F64]:
    """Least squares on level by brand, own log price, deal and feature; expected log units and standard errors."""
    own = juice.price[np.arange(len(juice.brand)), juice.brand]
    flags = np.eye(BRANDS)[juice.brand]
    plain_columns = np.column_stack([own, juice.promotion[:, :2]])
    by = np.column_stack([flags * column[:, None] for column in plain_columns.T])
    x = np.column_stack([flags, by if by_brand else plain_columns])
    mean, sd = np.zeros(len(x)), np.zeros(len(x))
    for fold in range(FOLDS):
        inside = folds == fold
        weights = np.linalg.lstsq(x[~inside], juice.log_units[~inside], rcond=None)[0]
        left = juice.log_units[~inside] - x[~inside] @ weights
        mean[inside] = x[inside] @ weights
        sd[inside] = np.sqrt(left @ left / (len(left) - x.shape[1]))
    return mean, sd


def r_squared(found: F64, told: F64) -> float:
    return float(1 - ((found - told) ** 2).sum() / ((found - found.mean()) ** 2).sum())


def _parts(juice: Juice, folds: I64) -> Iterator[tuple[int, int, BOOL, BOOL]]:
    """(fold, brand, the brand's rows, which of those are held back)"""
    for fold in range(FOLDS):
        for brand in range(BRANDS):
            rows = juice.brand == brand
            yield fold, brand, rows, (folds == fold)[rows]


def _days(juice: Juice, brand: int, store: int, chosen: BOOL) -> list[Day]:
    rows = np.flatnonzero((juice.brand == brand) & (juice.store == store) & chosen)
    first = date(1989, 9, 14)
    return [
        Day(
            on=first + timedelta(weeks=int(juice.week[i])),
            units=round(float(np.exp(juice.log_units[i])) / OUNCES_A_UNIT),
            price_minor=round(100_000 * float(np.exp(juice.price[i, brand]))),
            promoted=bool(juice.promotion[i, :2].max() > 0),
            in_stock=True,
            buy_box_share=1.0,
            rival_minor=round(100_000 * float(np.exp(np.delete(juice.price[i], brand).min()))),
        )
        for i in rows
    ]


def _run(options: Options) -> Measured:
    if options.data is None:
        raise BadInput("--data with the orange juice folder", "none", f"give the folder that has {SALES}")
    with threadpool_limits(1):  # matrices this small are slower on several threads, which wait for one another
        return _measure(options.data, options)


def _measure(folder: Path, options: Options) -> Measured:
    juice = read(folder)
    stores = np.unique(juice.store)
    np.random.default_rng(options.seed).shuffle(stores)
    by_store = np.zeros_like(juice.store)
    for place, store in enumerate(stores):
        by_store[juice.store == store] = place % FOLDS
    first, last = juice.weeks
    by_block = (juice.week - first) // BLOCK_WEEKS % FOLDS
    by_fifth = (juice.week - first) * FOLDS // (last - first + 1)

    alone, with_week = unseen_stores(juice, by_store, options.progress)
    short = held_back_weeks(juice, by_block, options.progress, "blocks of four weeks held back")
    long = held_back_weeks(juice, by_fifth, options.progress, "fifths of the time held back")
    listing, counts = single_listings(juice, by_block, options.progress)
    y = juice.log_units
    mean, sd = plain(juice, by_block, by_brand=True)
    figures = {
        "r2_unseen_stores": r_squared(y, alone),
        "r2_unseen_stores_same_week": r_squared(y, with_week),
        "interval_coverage": short.covered,
        "elasticity_coverage": short.slopes_covered,
        "listing_coverage": listing,
        "interval_coverage_long": long.covered,
        "elasticity_coverage_long": long.slopes_covered,
        "interval_width": short.width,
        "elasticity_median": float(np.median([slope[0] for slope in short.slopes])),
    }
    baselines = {
        "plain_loglog_r2": r_squared(y, plain(juice, by_store, by_brand=False)[0]),
        "plain_loglog_by_brand_r2": r_squared(y, plain(juice, by_store, by_brand=True)[0]),
        "plain_interval_coverage": float(np.mean(np.abs(y - mean) <= _REACH * sd)),
        "plain_interval_width": float(np.mean(2 * _REACH * sd)),
    }
    return Measured(
        {name: round(value, 4) for name, value in figures.items()},
        {name: round(value, 4) for name, value in baselines.items()},
        f"{folder.name}: {len(y)} store-weeks, {len(stores)} stores, {BRANDS} brands, weeks {first} to {last}",
        {"single listings": [f"{name}: {count}" for name, count in counts.items()]},
    )


EVALUATION = Evaluation(
    name="elasticity",
    title="How sales answer to prices, in stores never seen and weeks held back",
    figures=FIGURES,
    baselines=BASELINES,
    run=_run,
)
