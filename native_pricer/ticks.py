"""What a replay runs over: recorded changes of rivals' offers, what is known of the market, and what it adds up.

Everything is an array with one row per listing, so that a year of a catalogue can be read without an object per event.
Units: minor units, epoch µs, and millionths of a unit sold (µunits), so that all sums are exact in any order.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

import numpy as np
from numpy.typing import NDArray

from native_pricer.words import MAX_MINOR

I64 = NDArray[np.int64]
F64 = NDArray[np.float64]
U32 = NDArray[np.uint32]
U8 = NDArray[np.uint8]

SLOTS: Final = 8
"""Rivals kept apart on one page; what comes to more is not recorded here."""
NO_SLOT: Final = 255
"""A tick at which no offer changed: a page that was looked at again."""
GONE: Final = -1
MICRO: Final = 1_000_000
HOUR_US: Final = 3_600 * MICRO


@dataclass(frozen=True, slots=True)
class Ticks:
    """Changes by listing: those of listing i are `start[i]:start[i + 1]`, in time order.

    `slot` says whose offer changed, `landed` its new landed price (GONE = it left); `dice` / 2³² is the recorded luck
    of the draw who is featured then. Once made the arrays cannot be written any more.

    Raises: ValueError naming what does not fit.
    """

    start: I64
    at: I64
    slot: U8
    landed: I64
    dice: U32

    def __post_init__(self) -> None:
        m = len(self.at)
        for name, kind in _TICK.items():
            array = getattr(self, name)
            if array.dtype != kind or array.ndim != 1 or not array.flags.c_contiguous:
                raise ValueError(f"ticks.{name}: wanted one contiguous row of {np.dtype(kind)}; found {array.dtype}")
        if len(self.start) < 2 or self.start[0] != 0 or self.start[-1] != m or np.any(np.diff(self.start) < 0):
            raise ValueError(f"ticks.start: wanted bounds from 0 to {m}, rising, one more than listings")
        if not len(self.slot) == len(self.landed) == len(self.dice) == m:
            raise ValueError("ticks: wanted as many slots, prices and dice as moments")
        if np.any((self.slot >= SLOTS) & (self.slot != NO_SLOT)):
            raise ValueError(f"ticks.slot: wanted one below {SLOTS}, or {NO_SLOT}")
        if np.any(((self.landed < 1) & (self.landed != GONE)) | (self.landed > MAX_MINOR)):
            raise ValueError(f"ticks.landed: wanted prices from 1 to {MAX_MINOR}, or {GONE} for an offer that left")
        in_order = np.diff(self.at, prepend=-1) >= 0
        in_order[self.start[:-1][self.start[:-1] < m]] = True
        if not in_order.all() or (m and self.at.min() < 0):
            raise ValueError("ticks.at: wanted each listing's ticks in time order")
        for name in _TICK:
            getattr(self, name).flags.writeable = False

    def __len__(self) -> int:
        return len(self.at)


_TICK: Final = {"start": np.int64, "at": np.int64, "slot": np.uint8, "landed": np.int64, "dice": np.uint32}


@dataclass(frozen=True, slots=True)
class Rivals:
    """Who is in which slot, per listing (n × SLOTS); −1 = not known. `quality` is the weight that the marketplace
    gives the offer at the reference price when it draws who is featured (see `demand.weight`)."""

    is_fba: I64
    percent: I64
    count: I64
    hours: I64
    quality: F64


@dataclass(frozen=True, slots=True)
class Market:
    """Per listing: what a sale leaves, and how buyers answer to prices.

    `reference` landed; `demand` units a day at the reference price; `elasticity` picks a row of `levels`;
    `own_quality` as in Rivals; `own_fba` 1 or 0. `weights` (odds of being featured) and `levels` (demand) are tables
    over landed ÷ reference, see `demand`. `season` is the running sum of days' worth of demand, by hour from
    `season_from`. `order_up_to` and `restock_days`: our stock is filled up so often (0 = it never runs out).
    `utc_offset` minutes make UTC the clauses' local time.
    """

    reference: I64
    unit_cost: I64
    referral_bp: I64
    referral_min: I64
    fulfilment: I64
    demand: F64
    elasticity: I64
    own_quality: F64
    own_fba: I64
    order_up_to: I64
    restock_days: I64
    weights: F64
    levels: F64
    season: F64
    season_from: int
    incumbent: float
    to_featured: float
    max_over_reference_bp: int
    utc_offset: I64


@dataclass(slots=True)
class State:
    """Where each listing stands between two chunks of ticks. −1 = not known; µunits for stock and velocity.

    `told`: the stock at the day's beginning, which is what the clauses know of it.
    """

    book: I64
    price: I64
    last_change: I64
    day: I64
    day_open: I64
    clock: I64
    stock: I64
    velocity: I64
    today: I64
    told: I64


@dataclass(slots=True)
class Totals:
    """Sums per listing. `time` µs on sale, `held` µs in which our offer was featured (expected), `potential` µunits
    that buyers would have taken from all sellers at the reference price, `units` µunits sold by us (expected),
    `revenue` and `profit` in millionths of a minor unit; `moves` prices written, `held_back` decisions that wished
    for a price and were kept from it by the cooldown or a cap, `clipped` moves that a limit bound."""

    events: I64
    moves: I64
    held_back: I64
    clipped: I64
    time: I64
    held: I64
    potential: I64
    units: I64
    revenue: I64
    profit: I64

    @classmethod
    def zero(cls, listings: int) -> Totals:
        return cls(*(np.zeros(listings, np.int64) for _ in fields(cls)))

    def minus(self, former: Totals) -> Totals:
        """What was added since `former`."""
        return Totals(*(getattr(self, f.name) - getattr(former, f.name) for f in fields(self)))

    def copy(self) -> Totals:
        return Totals(*(getattr(self, f.name).copy() for f in fields(self)))


def begin(price: I64, market: Market, at: int) -> State:
    """Every listing at `price`, alone on its page, fully stocked, at the moment `at`. No price was changed yet."""
    n = len(price)
    unknown = np.full(n, -1, np.int64)
    return State(
        book=np.full((n, SLOTS), GONE, np.int64),
        price=price.astype(np.int64),
        last_change=unknown.copy(),
        day=unknown.copy(),
        day_open=unknown.copy(),
        clock=np.full(n, at, np.int64),
        stock=market.order_up_to * MICRO,
        velocity=np.maximum(market.demand * MICRO / 4, 1).astype(np.int64),
        today=np.zeros(n, np.int64),
        told=market.order_up_to * MICRO,
    )
