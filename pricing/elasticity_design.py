"""From weekly sales of one product in many shops to the columns of `elasticity_panel`. Pure, NumPy only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from pricing.elasticity_panel import BOOL, F64, I64, Design

YEAR_WEEKS: Final = 52.18
QUARTER_WEEKS: Final = 13
"""How long an elasticity is taken to stand still; from one such span to the next it may drift."""
OWN: Final = 1
"""The column of the own log price."""


@dataclass(frozen=True, slots=True)
class ShopWeeks:
    """One product's rows. Prices are logs, of any unit; `rivals` (n, k), `promotion` (n, m), `traits` (n, t).

    `traits` are of the shop, standardised, the same in all its rows. Promotion shares are of 1.
    """

    shop: I64
    week: I64
    own: F64
    rivals: F64
    promotion: F64
    traits: F64

    def rows(self, chosen: BOOL) -> ShopWeeks:
        return ShopWeeks(
            self.shop[chosen], self.week[chosen], self.own[chosen],
            self.rivals[chosen], self.promotion[chosen], self.traits[chosen],
        )  # fmt: skip


def design(seen: ShopWeeks, weeks: tuple[int, int], *, same_week: bool = True) -> Design:
    """Columns: level, own price, promotion, rivals' prices | season | traits | traits × own price | weeks | quarters.

    Level, own price and promotion may differ by shop. `weeks` is the first and last week of all rows that will ever
    be compared: a week or quarter without rows gets no weight and the full spread of one, which is what is known of
    a week to come. `same_week` False leaves out what other shops sold in the very same week, for rows that must be
    told from prices alone.
    """
    first, last = weeks
    angle = 2 * np.pi * seen.week / YEAR_WEEKS
    season = np.column_stack([np.sin(angle), np.cos(angle), np.sin(2 * angle), np.cos(2 * angle)])
    week = (seen.week[:, None] == np.arange(first, last + 1)).astype(float)
    quarters = (last - first) // QUARTER_WEEKS + 1
    quarter = ((seen.week[:, None] - first) // QUARTER_WEEKS == np.arange(quarters)).astype(float)
    own = seen.own[:, None]
    blocks = (
        (-1, np.column_stack([np.ones(len(own)), own, seen.promotion, seen.rivals])),
        (0, season),
        (1, seen.traits),
        (2, seen.traits * own),
        (3, week if same_week else np.zeros_like(week)),
        (4, quarter * own),
        (5, quarter),
    )
    groups = [group for group, block in blocks for _ in range(block.shape[1])]
    varying = range(OWN + 1 + seen.promotion.shape[1])
    return Design(seen.shop, np.column_stack([block for _, block in blocks]), groups, tuple(varying))


def own_price(like: Design, traits: F64) -> F64:
    """The direction of `Panel.weight` that is the elasticity in a shop with these traits, quarters left open."""
    row = np.zeros(like.common.shape[1])
    row[OWN] = 1.0
    row[[i for i, group in enumerate(like.groups) if group == 2]] = traits
    return row
