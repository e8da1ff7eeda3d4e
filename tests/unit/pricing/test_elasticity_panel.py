"""Many shops, one product: shops lean on one another as far as they are alike, strangers get their traits' word."""

from __future__ import annotations

import numpy as np
import pytest

from pricing.elasticity_design import ShopWeeks, design, own_price
from pricing.elasticity_panel import Panel, fit

WEEKS = (1, 60)


def shops(count: int, seed: int, *, first: int = 0) -> tuple[ShopWeeks, np.ndarray, np.ndarray]:
    """Rows, their log units, and each shop's true elasticity: −2 + 0.5 × its trait ± 0.2; weeks share a shock."""
    dice = np.random.default_rng(seed)
    week = np.tile(np.arange(WEEKS[0], WEEKS[1] + 1), count)
    shop = np.repeat(np.arange(count), WEEKS[1]) + first
    trait = dice.normal(size=count)
    slope = -2.0 + 0.5 * trait + dice.normal(0, 0.2, count)
    own, rival = dice.normal(0, 0.15, len(week)), dice.normal(0, 0.15, len(week))
    promoted = (dice.random(len(week)) < 0.2).astype(float)
    shock = np.random.default_rng(99).normal(0, 0.2, WEEKS[1] + 1)[week]
    place = shop - first
    units = 4 + 0.3 * trait[place] + slope[place] * own + 0.6 * rival + 0.4 * promoted + shock
    seen = ShopWeeks(shop, week, own, rival[:, None], promoted[:, None], trait[place][:, None])
    return seen, units + dice.normal(0, 0.2, len(week)), slope


@pytest.fixture(scope="module")
def fitted() -> tuple[Panel, ShopWeeks, np.ndarray]:
    seen, units, slope = shops(30, 1)
    return fit(design(seen, WEEKS), units), seen, slope


def test_known_elasticities_lie_in_their_intervals(fitted: tuple[Panel, ShopWeeks, np.ndarray]) -> None:
    panel, seen, slope = fitted
    like = design(seen, WEEKS)
    told = [panel.weight(s, own_price(like, seen.traits[seen.shop == s][0])) for s in range(30)]
    inside = [abs(value - true) < 1.645 * sd for (value, sd), true in zip(told, slope, strict=True)]
    assert np.mean(inside) >= 0.8
    assert np.corrcoef([value for value, _ in told], slope)[0, 1] > 0.9


def test_a_strangers_interval_is_wider_and_its_weeks_are_told(fitted: tuple[Panel, ShopWeeks, np.ndarray]) -> None:
    panel, _, _ = fitted
    other, units, _ = shops(10, 2, first=100)
    for same_week in (False, True):
        mean, sd = panel.predict(design(other, WEEKS, same_week=same_week))
        assert 0.82 <= np.mean(np.abs(units - mean) < 1.645 * sd) <= 0.98
    alone, knowing = (panel.predict(design(other, WEEKS, same_week=s))[0] for s in (False, True))
    assert ((units - knowing) ** 2).sum() < ((units - alone) ** 2).sum()
    row = own_price(design(other, WEEKS), other.traits[0])
    assert panel.weight(100, row)[1] > panel.weight(0, row)[1]


def test_weeks_that_nobody_saw_have_the_spread_of_a_week() -> None:
    seen, units, _ = shops(20, 3)
    before = seen.week <= 45
    panel = fit(design(seen.rows(before), WEEKS), units[before])
    mean, sd = panel.predict(design(seen.rows(~before), WEEKS))
    assert 0.8 <= np.mean(np.abs(units[~before] - mean) < 1.645 * sd) <= 0.99
    assert sd.min() > np.sqrt(panel.noise)


def test_the_scale_of_units_is_nothing() -> None:
    seen, units, _ = shops(8, 4)
    first = fit(design(seen, WEEKS), units).predict(design(seen, WEEKS))
    again = fit(design(seen, WEEKS), units + np.log(64)).predict(design(seen, WEEKS))
    assert again[0] - np.log(64) == pytest.approx(first[0], abs=1e-3)
    assert again[1] == pytest.approx(first[1], abs=1e-3)


def test_other_rows_with_the_same_beliefs(fitted: tuple[Panel, ShopWeeks, np.ndarray]) -> None:
    panel, seen, _ = fitted
    _, units, _ = shops(30, 1)
    same = panel.again(design(seen, WEEKS), units)
    assert same.beta == pytest.approx(panel.beta)
    half = seen.week % 2 == 0
    fewer = panel.again(design(seen.rows(half), WEEKS), units[half])
    row = own_price(design(seen, WEEKS), seen.traits[0])
    assert fewer.weight(0, row)[1] > panel.weight(0, row)[1]


def test_nothing_cannot_be_fitted() -> None:
    seen, units, _ = shops(2, 5)
    with pytest.raises(ValueError, match="wanted rows"):
        fit(design(seen.rows(seen.week < 0), WEEKS), units[:0])
    units[0] = np.nan
    with pytest.raises(ValueError, match="finite"):
        fit(design(seen, WEEKS), units)
