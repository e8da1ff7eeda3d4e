"""Small catalogues with ticks, for tests of the replay."""

from __future__ import annotations

from dataclasses import fields

import numpy as np

from native_pricer.clauses import Clause, Condition, Feature, Target, Without
from native_pricer.config import ListingConfig
from native_pricer.demand import power, quality, season
from native_pricer.replay import Replay
from native_pricer.rivals import Channel, RivalFilter
from native_pricer.ticks import GONE, NO_SLOT, SLOTS, Market, Rivals, State, Ticks, Totals, begin

FROM = 1_767_571_200_000_000  # 2026-01-05, a Monday
DAY = 86_400_000_000
KAPPA, EPSILONS, INCUMBENT, TO_FEATURED, OVER_BP = 60.0, (1.2, 2.0, 3.5), 1.01, 0.8, 1_200
GOOD = RivalFilter(min_feedback_percent=90)
World = tuple[list[ListingConfig], Rivals, Market, Ticks]
MINUS_ONE = {"offset_bp": None, "offset_minor": -1}
PROGRAMS = (
    (
        Clause("night", (Condition(Feature.MINUTE, 1_320, 1_439),), Target.HOLD),
        Clause("thin", (Condition(Feature.COVER, None, 500),), Target.OWN, offset_bp=100, may_lower=False),
        Clause("alone", (Condition(Feature.RIVALS, 0, 0),), Target.OWN, offset_bp=50),
        Clause("held", (Condition(Feature.BOX_HELD, 1, 1), Condition(Feature.OFFERS, 2)), Target.BUY_BOX, **MINUS_ONE),
        Clause("second", (Condition(Feature.RIVALS, 3),), Target.NTH, nth=2, rivals=GOOD),
        Clause("follow", target=Target.BUY_BOX, without=Without.RAISE, step_bp=30, **MINUS_ONE),
    ),
    (
        Clause("day", (Condition(Feature.MINUTE, 480, 1_200, negated=True),), Target.AVERAGE, offset_bp=-100),
        Clause("one", (Condition(Feature.WEEKDAY, 0, 3),), Target.SELLER, seller="R1", min_move_minor=5, **MINUS_ONE),
        Clause("fbm", (Condition(Feature.RIVAL_FBA, 0, 0),), rivals=RivalFilter(channel=Channel.FBM)),
        Clause("rest", (Condition(Feature.GAP_BP, -500, 500, negated=True),), offset_bp=25, may_raise=False),
    ),
    (Clause("plain"),),
    (Clause("still", target=Target.HOLD),),
)


def world(
    seed: int, listings: int = 4, days: int = 2, per_day: int = 30
) -> tuple[list[ListingConfig], Rivals, Market, Ticks]:
    """Drawn from one seed; some pages are empty, some stock runs out."""
    dice = np.random.default_rng(seed)
    shape = (listings, SLOTS)
    reference = dice.integers(500, 9_000, listings)
    fba, rating = dice.integers(-1, 2, shape), dice.integers(70, 101, shape)
    weights = [[quality(fba=f == 1, rating=r / 100, handling_days=3, beta=(2.4, 2.0, 0.3), tau=1.0) for f, r in
                zip(*row, strict=True)] for row in zip(fba, rating, strict=True)]  # fmt: skip
    rivals = Rivals(
        fba, rating, dice.integers(-1, 5_000, shape), dice.integers(-1, 120, shape),
        np.where(dice.random(shape) < 0.2, 0.0, np.asarray(weights)),
    )  # fmt: skip
    hours = [1.0 + 0.5 * (h % 24 > 12) for h in range(24 * (days + 1))]
    market = Market(
        reference=reference, unit_cost=reference // 3, referral_bp=dice.choice((800, 1_500), listings),
        referral_min=np.full(listings, 30), fulfilment=reference // 8, demand=dice.uniform(0.5, 60, listings),
        elasticity=dice.integers(0, 3, listings), own_quality=dice.uniform(0.5, 8, listings),
        own_fba=dice.integers(0, 2, listings), order_up_to=dice.integers(1, 60, listings),
        restock_days=dice.choice((0, 1, 2), listings), weights=np.minimum(power(KAPPA), 1e30),
        levels=np.stack([power(e) for e in EPSILONS]), season=season(hours),
        season_from=FROM, incumbent=INCUMBENT, to_featured=TO_FEATURED, max_over_reference_bp=OVER_BP,
        utc_offset=dice.integers(-720, 721, listings),
    )  # fmt: skip
    return (
        [_config(i, reference[i], dice) for i in range(listings)],
        rivals,
        market,
        _ticks(dice, reference, days, per_day),
    )


def _config(i: int, reference: int, dice: np.random.Generator) -> ListingConfig:
    floor, clauses = int(reference * 6 // 10), PROGRAMS[int(dice.integers(len(PROGRAMS)))]
    least, most = int(dice.choice((0, 85))), int(dice.choice((2_000, 10_000)))
    return ListingConfig(
        "M", f"A{i}", "new", f"S{i}", "OURS", "USD", None, int(dice.choice((0, 199))), floor,
        int(reference * 14 // 10) if dice.random() < 0.8 else None, clauses=clauses,
        rivals=RivalFilter(min_feedback_percent=least, max_feedback_count=most),
        max_step_bp=int(dice.choice((300, 1_000))), max_day_bp=int(dice.choice((800, 2_000))),
        cooldown_s=int(dice.choice((0, 300, 3_600))),
    )  # fmt: skip


def _ticks(dice: np.random.Generator, reference: np.ndarray, days: int, per_day: int) -> Ticks:
    n, m = len(reference), days * per_day
    at = np.sort(dice.integers(FROM, FROM + days * DAY, (n, m)), axis=1)
    width = dice.integers(0, SLOTS + 1, n)
    slot = np.where(width[:, None] > 0, dice.integers(0, SLOTS, (n, m)) % np.maximum(width, 1)[:, None], NO_SLOT)
    near = (reference[:, None] * dice.choice((0.7, 0.95, 0.97, 1.0, 1.01, 1.3, 5.0), (n, m))).astype(np.int64)
    landed = np.where(dice.random((n, m)) < 0.15, GONE, near)
    start = np.arange(n + 1, dtype=np.int64) * m
    return Ticks(
        start, at.ravel(), slot.astype(np.uint8).ravel(), landed.ravel(), dice.integers(0, 2**32, n * m, np.uint32)
    )


def cut(ticks: Ticks, moments: list[int]) -> list[Ticks]:
    """The same ticks in pieces that end before each of these moments, and the rest."""
    parts, n = [], len(ticks.start) - 1
    for low, high in zip([0, *moments], [*moments, 2**62], strict=True):
        inside = (ticks.at >= low) & (ticks.at < high)
        counts = [int(inside[ticks.start[i] : ticks.start[i + 1]].sum()) for i in range(n)]
        start = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        parts.append(Ticks(start, *(x[inside] for x in (ticks.at, ticks.slot, ticks.landed, ticks.dice))))
    return parts


def play(seed: int, backend: str, pieces: int = 1, days: int = 2) -> tuple[State, Totals, list[ListingConfig], Market]:
    """The world of a seed, replayed in that many pieces."""
    configs, rivals, market, ticks = world(seed, days=days)
    state, totals = begin(market.reference, market, FROM), Totals.zero(len(configs))
    replay = Replay(configs, rivals, market, backend)
    parts = cut(ticks, [FROM + days * DAY * k // pieces for k in range(1, pieces)])
    for k, part in enumerate(parts):
        replay.run(part, state, totals, FROM + days * DAY if k == len(parts) - 1 else None)
    return state, totals, configs, market


def same(a: State | Totals, b: State | Totals) -> bool:
    return all(np.array_equal(getattr(a, f.name), getattr(b, f.name)) for f in fields(a))
