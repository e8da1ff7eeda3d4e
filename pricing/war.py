"""Price wars: seen from public prices alone, and what holding, matching or leaving would cost a day. Pure.

A war is a falling spiral: our price and the lowest rival's go down by turns, each below the other, and the lower of
both is worth noticeably less than where it began. One seller clearing stock is none (nobody answers), nor are prices
that wander both ways.

The three answers, all above our floor:

- hold: stay where we are. The box is mostly lost; what few buyers we keep pay our price.
- match: go to the rival's price, and on down to the floor it seems to have; the box is shared.
- leave: go up to where we stood before the war and wait; sales nearly stop, and so does the bleeding of the price.

Costs are against the peace before: margin × sales then, minus the same now. Sales follow the elasticity, the share of
the Buy Box a logistic in the gap of prices. Both are uncertain, so each answer comes with an interval over plausible
values; the one with the least expected loss is advised, "hold" where the intervals say nothing.
Nothing here signals to a rival or waits for one to agree: it reckons with prices as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise, product
from math import exp, log
from statistics import mean
from typing import Final

WINDOW: Final = timedelta(days=3)
"""How far back a spiral is looked for."""
LEAST_TURNS: Final = 4
"""Moves down in a row, each by the other side than the one before."""
LEAST_FALL: Final = 0.02
"""The lower price at the end, as a share below the one at the start."""
QUIET: Final = timedelta(hours=24)
"""A war without a move for so long is over."""
BOX_SLOPE: Final = 60.0
"""How the odds of the box fall with the log of the price gap: 1 % dearer, odds × 0.55 (open Buy Box studies)."""
SLOPES: Final = (0.5, 1.0, 2.0)
"""The factors on it that are held possible."""
RESTS: Final = timedelta(hours=2)
"""A rival that answers nothing for so long while we are below it will not; repricers answer within minutes."""
REACHES: Final = (0.0, 0.5, 1.0)
"""How far down within the rival's inferred floor a match ends up; nobody knows beforehand."""


class Choice(StrEnum):
    HOLD = "hold"
    MATCH = "match"
    LEAVE = "leave"


@dataclass(frozen=True, slots=True)
class Moment:
    """What was asked at a moment, landed, in minor units of one currency; None = not known."""

    at: datetime
    ours: int | None
    rival: int | None


@dataclass(frozen=True, slots=True)
class War:
    """A spiral. `peace` and `now` are the lower of both prices before it and at its end; `turns` its moves."""

    began: datetime
    last_move: datetime
    turns: int
    peace: int
    now: int
    our_price: int
    rival_price: int
    rival_floor: tuple[int, int]
    """Between which prices the rival's floor seems to be: where it stopped answering, or as far down again."""

    @property
    def fall(self) -> float:
        """Share of the price that is gone."""
        return 1 - self.now / self.peace


@dataclass(frozen=True, slots=True)
class Economics:
    """Of a unit: what it costs without the platform's share (minor units), that share, and our lowest price.

    `units_a_day` were sold in peace. `elasticity` with its interval; all three below 0.
    """

    unit_cost: float
    fee_share: float
    floor: int
    units_a_day: float
    elasticity: float
    elasticity_low: float
    elasticity_high: float


@dataclass(frozen=True, slots=True)
class Cost:
    """Expected loss a day against peace in minor units, and the least and most over what is held possible."""

    choice: Choice
    price: int
    loss: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Advice:
    """`costs` from the smallest expected loss up."""

    choice: Choice
    reason: str
    costs: tuple[Cost, ...]


def detect(story: Sequence[Moment], now: datetime) -> War | None:
    """The war that is on at `now`, if one is. The story may come in any order; what is after `now` is not known yet.

    Raises ValueError for a price that is not above zero.
    """
    known = sorted((m for m in story if now - WINDOW <= m.at <= now), key=lambda m: m.at)
    if any(price is not None and price <= 0 for m in known for price in (m.ours, m.rival)):
        raise ValueError("story: wanted prices above 0")
    spiral = _last_spiral(list(_moves(known)))
    if len(spiral) < LEAST_TURNS or now - spiral[-1].at > QUIET:
        return None
    peace, end = min(spiral[0].before, spiral[0].other), spiral[-1].after
    if end > peace * (1 - LEAST_FALL):
        return None
    ours, rival = _last(m.ours for m in known), _last(m.rival for m in known)
    return War(
        began=spiral[0].at,
        last_move=spiral[-1].at,
        turns=len(spiral),
        peace=peace,
        now=min(end, ours, rival),
        our_price=ours,
        rival_price=rival,
        rival_floor=_rival_floor(known, ours, rival, 1 - min(end, ours, rival) / peace),
    )


def advise(war: War, told: Economics) -> Advice:
    """What each answer loses a day, and which loses least. Never a price below our floor."""
    if told.unit_cost < 0 or not 0 <= told.fee_share < 1 or told.floor <= 0 or told.units_a_day < 0:
        raise ValueError(f"told: wanted costs, a share below 1, a floor above 0 and sales; found {told}")
    if not told.elasticity_low <= told.elasticity <= told.elasticity_high < 0:
        raise ValueError(f"told: wanted an elasticity below 0 within its interval; found {told}")
    costs = sorted((_cost(choice, war, told) for choice in Choice), key=lambda c: (c.loss, c.choice))
    best, hold = costs[0], next(c for c in costs if c.choice is Choice.HOLD)
    if best.choice is not Choice.HOLD and best.loss >= hold.low and hold.loss <= best.high:
        why = f"{best.choice} looks cheaper, but within what is uncertain holding costs no more"
        return Advice(Choice.HOLD, why, tuple(costs))
    return Advice(best.choice, "least expected loss a day", tuple(costs))


@dataclass(frozen=True, slots=True)
class _Move:
    at: datetime
    by_us: bool
    before: int
    after: int
    other: int


def _moves(known: Sequence[Moment]) -> Iterator[_Move]:
    """Each change of one side while the other's price was known; both at once count as the one that went lower."""
    ours: int | None = None
    rival: int | None = None
    for m in known:
        if ours is not None and rival is not None:
            changed = [
                _Move(m.at, by_us, before, after, other)
                for by_us, before, after, other in ((True, ours, m.ours, rival), (False, rival, m.rival, ours))
                if after is not None and after != before
            ]
            if changed:
                yield min(changed, key=lambda move: move.after)
        ours = ours if m.ours is None else m.ours
        rival = rival if m.rival is None else m.rival


def _last_spiral(moves: Sequence[_Move]) -> list[_Move]:
    """The longest tail of downward moves by turns, each to or below the other's price."""
    spiral: list[_Move] = []
    for move in moves:
        undercut = move.after < move.before and move.after <= move.other
        if undercut and spiral and spiral[-1].by_us == move.by_us:
            continue  # the same side goes on: no turn, and no end either
        if undercut:
            spiral.append(move)
        elif move.after > move.before:
            spiral = []
    return spiral


def _rival_floor(known: Sequence[Moment], ours: int, rival: int, fall: float) -> tuple[int, int]:
    """A rival that left us below it for `RESTS` has reached its floor; else it may go as far again as it came."""
    lowest = min(m.rival for m in known if m.rival is not None)
    moved = [m.at for before, m in pairwise(known) if m.rival is not None and m.rival != before.rival]
    since = max(moved, default=known[0].at)
    below = next((m.at for m in known if m.at >= since and m.ours == ours), known[-1].at)
    rests = ours < rival and known[-1].at - max(since, below) >= RESTS
    return (lowest, lowest) if rests else (max(1, round(lowest * (1 - fall))), lowest)


def _last(prices: Iterator[int | None]) -> int:
    return [price for price in prices if price is not None][-1]


def _cost(choice: Choice, war: War, told: Economics) -> Cost:
    """Over every plausible elasticity, slope of the box and end of the spiral: mean, least and most."""
    prices = {
        Choice.HOLD: [max(war.our_price, told.floor)],
        Choice.MATCH: [max(_matched(war, reach), told.floor) for reach in REACHES],
        Choice.LEAVE: [max(war.peace, told.floor)],
    }[choice]
    losses, middle = [], []
    for price, steep, elasticity in product(
        prices, SLOPES, (told.elasticity_low, told.elasticity, told.elasticity_high)
    ):
        rival = min(war.rival_price, price) if choice is Choice.MATCH else war.rival_price
        loss = _profit(war.peace, war.peace, war, told, elasticity, steep) - _profit(
            price, rival, war, told, elasticity, steep
        )
        losses.append(loss)
        if elasticity == told.elasticity:
            middle.append(loss)
    return Cost(choice, round(mean(prices)), mean(middle), min(losses), max(losses))


def _matched(war: War, reach: float) -> int:
    """Where matching ends: between the highest and the lowest that the rival's floor may be."""
    low, high = war.rival_floor
    return round(high - reach * (high - low))


def _profit(price: int, rival: int, war: War, told: Economics, elasticity: float, steep: float) -> float:
    """A day's, in minor units: margin × sales at the page's lowest price × our share of the box over peace's half."""
    page = min(price, rival)
    sales = told.units_a_day * exp(elasticity * log(page / war.peace))
    share = 1 / (1 + exp(min(50.0, BOX_SLOPE * steep * log(price / rival))))
    return (price * (1 - told.fee_share) - told.unit_cost) * sales * share / 0.5
