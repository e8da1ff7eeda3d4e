"""A catalogue and its year of recorded offer changes, made up: who is on each page, and how rivals moved their prices.

Rivals are those of the simulated market (its kinds, its constants). They answer to one another and to a seller of ours
who asked a fixed price; a recorded rival cannot answer to what we would have done instead, which a backtest has to
live with. The same seed gives the same catalogue and the same changes, however they are cut into chunks of days.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np

from native_pricer import demand
from native_pricer.ticks import GONE, I64, MICRO, NO_SLOT, SLOTS, Market, Rivals, Ticks
from platforms.simulated import constants as k
from platforms.simulated import fees

FROM: Final = datetime(2026, 1, 5, tzinfo=UTC)
FROM_US: Final = int(FROM.timestamp()) * MICRO
DAY_US: Final = 86_400 * MICRO
MINUTE_US: Final = 60 * MICRO
EVENTS_A_DAY: Final = 40
ELASTICITIES: Final = (1.2, 1.6, 2.0, 2.5, 3.2, 4.0)
KINDS: Final = tuple(kind for kind, _ in k.RIVAL_MIX)
FIXED, UNDERCUT_CENT, UNDERCUT_SHARE, MATCH, OSCILLATE, RAISE = range(6)
_BUSY: Final = np.asarray([0.1, 1.0, 0.8, 1.0, 1.0, 1.0])  # how often a kind of rival is the one that changes
_OUT_PER_TICK: Final = k.OUT_OF_STOCK_PER_DAY / EVENTS_A_DAY
_BACK_PER_TICK: Final = 0.5


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Our listings in rows. `category` and `band` and `crowd` are the segments; prices in US cents."""

    category: tuple[str, ...]
    reference: I64
    rivals: Rivals
    market: Market
    start_price: I64
    floor: I64
    ceiling: I64
    home: I64
    rival_floor: I64
    kind: I64
    present: I64

    def __len__(self) -> int:
        return len(self.reference)


def catalogue(listings: int, days: int, seed: int) -> Catalogue:
    """Products, costs, fees, demand and rivals drawn once."""
    dice = np.random.default_rng((seed, 1))
    names = sorted(k.REFERRAL_BP)
    category = tuple(names[c] for c in dice.integers(0, len(names), listings))
    reference = np.round(np.exp(dice.normal(3.3, 0.65, listings)).clip(8, 250) * 100).astype(np.int64)
    weight_g = dice.integers(120, 4_000, listings)
    own_fba = (dice.random(listings) < k.OUR_FBA_CHANCE).astype(np.int64)
    fulfilment = np.asarray(
        [fees.fba(int(w)) if fba else fees.own_shipping(int(w)) for w, fba in zip(weight_g, own_fba, strict=True)],
        np.int64,
    )
    referral_bp = np.asarray([k.REFERRAL_BP[c] for c in category], np.int64)
    fulfilment = np.minimum(fulfilment, reference // 4)
    cost = (reference * dice.uniform(0.30, 0.50, listings)).astype(np.int64)
    break_even = -(-(cost + fulfilment) * 10_000 // (10_000 - referral_bp))
    demand_a_day = np.exp(dice.normal(1.0, 1.0, listings)).clip(0.2, 75.0)
    present = dice.choice(SLOTS, listings, p=(0.06, 0.12, 0.17, 0.18, 0.17, 0.13, 0.10, 0.07))
    rivals, kind = _rivals(listings, dice)
    shape = (listings, SLOTS)
    wrong = dice.random(shape) < k.WRONG_FLOOR_CHANCE
    floors = np.where(wrong, dice.uniform(*k.WRONG_FLOOR, shape), dice.uniform(*k.RIVAL_FLOOR, shape))
    market = Market(
        reference=reference,
        unit_cost=cost,
        referral_bp=referral_bp,
        referral_min=np.full(listings, k.REFERRAL_MIN_MINOR, np.int64),
        fulfilment=fulfilment,
        demand=demand_a_day,
        elasticity=dice.integers(0, len(ELASTICITIES), listings),
        own_quality=np.asarray([_quality(bool(f), k.OUR_RATING) for f in own_fba]),
        own_fba=own_fba,
        order_up_to=np.maximum(demand_a_day * 14, 10).astype(np.int64),
        restock_days=dice.choice((0, 7, 14, 21), listings, p=(0.25, 0.35, 0.25, 0.15)).astype(np.int64),
        weights=np.minimum(demand.power(k.FEATURED_KAPPA / k.FEATURED_TEMPERATURE), 1e30),
        levels=np.stack([demand.power(e) for e in ELASTICITIES]),
        season=demand.season(_hours(days)),
        season_from=FROM_US,
        incumbent=float(np.exp(k.FEATURED_INCUMBENT / k.FEATURED_TEMPERATURE)) - 1.0,
        to_featured=k.SHARE_TO_FEATURED,
        max_over_reference_bp=round(k.FEATURED_MAX_OVER_REFERENCE * 10_000),
        utc_offset=np.full(listings, k.SHOP_TIME_OFFSET_H * 60, np.int64),
    )
    floor = np.maximum(break_even + np.maximum(break_even * 3 // 100, 1), reference // 2)
    return Catalogue(
        category, reference, rivals, market,
        start_price=np.maximum(reference * 103 // 100, floor),
        floor=floor,
        ceiling=np.maximum(reference * 13 // 10, floor),
        home=(reference[:, None] * dice.uniform(*k.RIVAL_START, shape)).astype(np.int64),
        rival_floor=(reference[:, None] * floors).astype(np.int64),
        kind=kind,
        present=present.astype(np.int64),
    )  # fmt: skip


def _rivals(listings: int, dice: np.random.Generator) -> tuple[Rivals, I64]:
    shape = (listings, SLOTS)
    fba = dice.random(shape) < k.RIVAL_FBA_CHANCE
    percent = dice.choice((72, 84, 88, 92, 95, 97, 99), shape, p=(0.04, 0.06, 0.1, 0.2, 0.25, 0.2, 0.15))
    hours = np.where(fba, 0, dice.choice((24, 48, 72, 120), shape))
    quality = [
        [_quality(bool(fba[i, s]), percent[i, s] / 100, int(hours[i, s]) // 24) for s in range(SLOTS)]
        for i in range(listings)
    ]
    count = np.exp(dice.normal(6, 2, shape)).clip(1, 1e6).astype(np.int64)
    shares = [share for _, share in k.RIVAL_MIX]
    kind = dice.choice(len(KINDS), shape, p=shares).astype(np.int64)
    return Rivals(
        fba.astype(np.int64), percent.astype(np.int64), count, hours.astype(np.int64), np.asarray(quality)
    ), kind


def _quality(fba: bool, rating: float, handling_days: int = 0) -> float:
    """Weight in the draw; 0 for a seller that is not good enough to be featured."""
    if rating < k.FEATURED_MIN_RATING:
        return 0.0
    beta = (k.FEATURED_FBA, k.FEATURED_QUALITY, k.FEATURED_HANDLING)
    return demand.quality(fba=fba, rating=rating, handling_days=handling_days, beta=beta, tau=k.FEATURED_TEMPERATURE)


def _hours(days: int) -> list[float]:
    """Demand by hour: hour of the day, weekday, and a busy fourth quarter; mean about 1."""
    found = []
    for hour in range((days + 1) * 24):
        local = FROM + timedelta(hours=hour + k.SHOP_TIME_OFFSET_H)
        yearly = 1.0 + (0.55 if local.month == 12 else 0.35 if local.month == 11 else -0.08)
        found.append(k.HOUR_SEASON[local.hour] * k.WEEKDAY_SEASON[local.weekday()] * yearly)
    return found


class Recording:
    """Hands out the changes of the catalogue's pages, some days at a time, in order."""

    def __init__(self, of: Catalogue, seed: int) -> None:
        n = len(of)
        self._of, self._seed, self._day = of, seed, 0
        slots = np.arange(SLOTS)
        self._here = slots[None, :] < of.present[:, None]
        self._book = np.where(self._here, of.home, GONE)
        busy = np.where(self._here, _BUSY[of.kind], 0.0)
        whole = busy.sum(axis=1, keepdims=True)
        self._pick = np.cumsum(busy, axis=1) / np.where(whole > 0, whole, 1.0)
        self._rows = np.arange(n)

    def opening(self) -> I64:
        """The rivals' offers before the first change."""
        return np.where(self._here, self._of.home, GONE)

    def next_days(self, days: int) -> Ticks:
        """The next `days` days of all listings: EVENTS_A_DAY changes of each a day."""
        n, per_day = len(self._of), EVENTS_A_DAY
        at = np.empty((n, days * per_day), np.int64)
        slot = np.empty((n, days * per_day), np.uint8)
        landed = np.empty((n, days * per_day), np.int64)
        luck = np.empty((n, days * per_day), np.uint32)
        for d in range(days):
            dice = np.random.default_rng((self._seed, 2, self._day))
            gaps = dice.standard_exponential((n, per_day + 1), np.float32)
            moments = np.cumsum(gaps, axis=1)
            part = moments[:, :-1] / moments[:, -1:]
            span = slice(d * per_day, (d + 1) * per_day)
            at[:, span] = (
                FROM_US + self._day * DAY_US + (part * (DAY_US - per_day)).astype(np.int64) + np.arange(per_day)
            )
            luck[:, span] = dice.integers(0, 2**32, (n, per_day), np.uint32)
            who, what = dice.random((per_day, n)), dice.random((per_day, n))
            for e in range(per_day):
                hour = (at[:, d * per_day + e] // (3_600 * MICRO) + k.SHOP_TIME_OFFSET_H) % 24
                slot[:, d * per_day + e], landed[:, d * per_day + e] = self._change(who[e], what[e], hour)
            self._day += 1
        start = np.arange(n + 1, dtype=np.int64) * (days * per_day)
        return Ticks(start, at.ravel(), slot.ravel(), landed.ravel(), luck.ravel())

    def _change(self, who: np.ndarray, what: np.ndarray, hour: I64) -> tuple[np.ndarray, np.ndarray]:
        """One rival on each page acts: by its kind, now and then it runs out of stock or comes back."""
        of, rows, book = self._of, self._rows, self._book
        picked = np.minimum((self._pick <= who[:, None]).sum(axis=1), SLOTS - 1)
        kind, home, floor = of.kind[rows, picked], of.home[rows, picked], of.rival_floor[rows, picked]
        own = book[rows, picked]
        shown = np.where(book < 0, np.iinfo(np.int64).max, book)
        shown[rows, picked] = np.iinfo(np.int64).max
        lowest = np.minimum(shown.min(axis=1), of.start_price)
        cut = np.where(kind == UNDERCUT_SHARE, np.maximum(lowest // 100, 1), 1)
        below = np.minimum(np.maximum(lowest - cut, floor), home)
        to = below
        to = np.where(kind == MATCH, np.minimum(np.maximum(lowest, floor), home), to)
        first, last = k.NIGHT_RESET_HOURS
        resets = (hour >= first) & (hour <= last) | (own <= floor) & (what < k.RESET_AT_FLOOR)
        to = np.where((kind == OSCILLATE) & resets, home, to)
        raised = np.where(own < lowest, np.minimum(own * 101 // 100 + 1, home * 105 // 100), np.maximum(lowest, floor))
        to = np.where(kind == RAISE, raised, to)
        wandered = (home * (0.97 + 0.06 * what)).astype(np.int64)
        to = np.where(kind == FIXED, wandered, to)
        probing = np.minimum((own * (1.005 + 0.03 * what)).astype(np.int64) + 1, home)
        to = np.where((to == own) & (own >= 0), np.where(own < home, probing, wandered), to)  # no change is no event
        to = np.where(own < 0, np.where(what < _BACK_PER_TICK, home, GONE), to)  # looked at, still gone
        to = np.where((own >= 0) & (what > 1.0 - _OUT_PER_TICK), GONE, to)
        alone = of.present == 0
        book[rows, picked] = np.where(alone, GONE, to)
        return np.where(alone, NO_SLOT, picked).astype(np.uint8), book[rows, picked]
