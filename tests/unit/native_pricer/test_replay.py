"""The compiled replay against its readable twin, and both against what a replay promises."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from replay_worlds import DAY, EPSILONS, FROM, INCUMBENT, KAPPA, OVER_BP, PROGRAMS, TO_FEATURED, play, same, world

from native_pricer import demand
from native_pricer._twin.view import passes
from native_pricer.clauses import Clause, Target
from native_pricer.replay import Replay, backends, masks
from native_pricer.rivals import Channel, RivalFilter
from native_pricer.ticks import MICRO, SLOTS, Ticks, Totals, begin
from native_pricer.words import ParsedOffer

SEEDS = st.integers(0, 10**6)
STILL = PROGRAMS[-1]


def test_the_compiled_one_is_built() -> None:
    assert list(backends()) == ["cython", "reference"]


@settings(max_examples=25, deadline=None)
@given(SEEDS)
def test_both_backends_give_the_same_sums_and_end_in_the_same_state(seed: int) -> None:
    fast, twin = play(seed, "cython"), play(seed, "reference")
    assert same(fast[0], twin[0])
    assert same(fast[1], twin[1])


@settings(max_examples=20, deadline=None)
@given(SEEDS, st.integers(2, 9))
def test_however_the_days_are_cut_the_sums_are_the_same(seed: int, pieces: int) -> None:
    whole, cut = play(seed, "cython"), play(seed, "cython", pieces)
    assert same(whole[0], cut[0])
    assert same(whole[1], cut[1])


@settings(max_examples=20, deadline=None)
@given(SEEDS)
def test_no_price_leaves_its_band_and_nothing_sells_that_is_not_there(seed: int) -> None:
    state, totals, configs, market = play(seed, "cython", pieces=4)
    for i, cfg in enumerate(configs):
        assert cfg.floor_minor is not None
        assert cfg.floor_minor <= state.price[i] <= (cfg.ceiling_minor or 10**13)
    assert (state.stock >= 0).all()
    assert (totals.held <= totals.time).all()
    assert (totals.time == 2 * DAY).all()
    endless = market.restock_days == 0
    deliveries = np.where(endless, 0, 2)
    most = (market.order_up_to * (1 + deliveries)) * MICRO
    assert (endless | (totals.units <= most)).all()


def test_a_listing_that_holds_writes_nothing() -> None:
    configs, rivals, market, ticks = world(11)
    for clauses, writes in ((STILL, False), (PROGRAMS[0], True)):
        state, totals = begin(market.reference, market, FROM), Totals.zero(len(configs))
        Replay([replace(cfg, clauses=clauses) for cfg in configs], rivals, market).run(ticks, state, totals)
        assert (totals.moves.sum() > 0) == writes
        assert (totals.events > 0).all()


@settings(max_examples=60, deadline=None)
@given(
    st.integers(500, 5_000),
    st.floats(0.75, 1.35),
    st.lists(st.tuples(st.floats(0.75, 1.35), st.floats(0.1, 12.0)), max_size=SLOTS),
    st.sampled_from(range(len(EPSILONS))),
)
def test_the_tables_sell_what_the_formulas_sell(
    reference: int, own: float, others: list[tuple[float, float]], epsilon: int
) -> None:
    """One day between two ticks, without season: units per unit of demand to three places."""
    _, rivals, market, _ = world(1, listings=1, days=2)
    price, book = round(reference * own), [(round(reference * x), q) for x, q in others]
    row = {"reference": reference, "elasticity": epsilon, "restock_days": 0}
    changed = {name: np.full(1, value, np.int64) for name, value in row.items()}
    flat = {"season": demand.season([1.0] * 72), "demand": np.full(1, 50.0), "own_quality": np.full(1, 2.5)}
    kept = {name: getattr(market, name) for name in market.__slots__}
    one = type(market)(**{**kept, **changed, **flat})
    there = type(rivals)(rivals.is_fba, rivals.percent, rivals.count, rivals.hours, np.ones((1, SLOTS)))
    for s, (_, q) in enumerate(book):
        there.quality[0, s] = q
    configs, *_ = world(11, listings=1)
    still = replace(configs[0], clauses=STILL, shipping_minor=0)
    state, totals = begin(np.full(1, price, np.int64), one, FROM), Totals.zero(1)
    for s, (landed, _) in enumerate(book):
        state.book[0, s] = landed
    Replay([still], there, one).run(_nothing(), state, totals, FROM + DAY)
    exact = demand.expected_units(
        price, book, reference, own_quality=2.5, kappa=KAPPA, epsilon=EPSILONS[epsilon], incumbent=INCUMBENT,
        to_featured=TO_FEATURED, limit_bp=OVER_BP,
    )  # fmt: skip
    assert totals.units[0] / totals.potential[0] == pytest.approx(exact, rel=2e-3, abs=1e-6)


def test_shares_are_those_of_the_draw_with_an_incumbent() -> None:
    """π of the chain P(i → j) ∝ w_j, an incumbent's weight b-fold: what stays the same after a draw."""
    weights, bonus = [3.0, 1.0, 0.5], 1.01
    share = demand.shares(weights, bonus)
    after = [0.0] * 3
    for i, p in enumerate(share):
        odds = [w * (1 + bonus * (i == j)) for j, w in enumerate(weights)]
        for j in range(3):
            after[j] += p * odds[j] / sum(odds)
    assert after == pytest.approx(share)


FILTERS = st.builds(
    RivalFilter,
    channel=st.sampled_from(Channel),
    min_feedback_count=st.integers(0, 3_000),
    min_feedback_percent=st.integers(0, 100),
    max_handling_hours=st.none() | st.integers(0, 100),
    exclude=st.frozensets(st.sampled_from(["R0", "R3"])),
    only=st.frozensets(st.sampled_from(["R0", "R1", "R2"])),
    prime_only=st.booleans(),
    max_feedback_count=st.none() | st.integers(0, 4_000),
)


@settings(max_examples=40, deadline=None)
@given(SEEDS, FILTERS)
def test_masks_say_who_passes_a_filter(seed: int, rule: RivalFilter) -> None:
    configs, rivals, *_ = world(seed)
    found = masks([replace(cfg, rivals=rule) for cfg in configs], rivals)
    for i in range(len(configs)):
        for s in range(SLOTS):
            fba, percent, count, hours = (
                None if x[i, s] < 0 else int(x[i, s])
                for x in (rivals.is_fba, rivals.percent, rivals.count, rivals.hours)
            )
            channel = None if fba is None else fba == 1
            offer = ParsedOffer(f"R{s}", 100, 0, None, channel, None, None, count, percent, hours)
            assert bool(found[i, 0] >> s & 1) == passes(offer, rule)


def test_ticks_that_fit_nothing_are_refused() -> None:
    good = world(3)[3]
    parts = {name: getattr(good, name).copy() for name in ("start", "at", "slot", "landed", "dice")}
    for name, change, said in (
        ("slot", lambda x: x + 9, "slot"),
        ("landed", lambda x: x * 0, "landed"),
        ("at", lambda x: x[::-1].copy(), "time order"),
        ("at", lambda x: x.astype(np.int32), "int64"),
        ("start", lambda x: x[:-1], "start"),
        ("dice", lambda x: x[:-1], "as many"),
    ):
        with pytest.raises(ValueError, match=said):
            Ticks(**{**parts, name: change(parts[name])})
    with pytest.raises(ValueError, match="read-only"):
        good.at[0] = 0


def test_a_replay_that_fits_nothing_is_refused() -> None:
    configs, rivals, market, ticks = world(3)
    replay = Replay(configs, rivals, market)
    state, totals = begin(market.reference, market, FROM), Totals.zero(len(configs))
    with pytest.raises(ValueError, match="season"):
        replay.run(ticks, begin(market.reference, market, FROM - DAY), totals)
    with pytest.raises(ValueError, match="until"):
        replay.run(ticks, state, totals, FROM)
    with pytest.raises(ValueError, match="after those before"):
        replay.run(ticks, begin(market.reference, market, FROM + 2 * DAY), totals)
    with pytest.raises(ValueError, match="rows"):
        replay.run(ticks, state, Totals.zero(1))
    with pytest.raises(ValueError, match="listings"):
        replay.run(_nothing(), state, totals)
    with pytest.raises(ValueError, match="rivals"):
        Replay(configs[:2], rivals, market)
    with pytest.raises(ValueError, match="market bench"):
        Replay([replace(cfg, clauses=(Clause(target=Target.STRATEGY),)) for cfg in configs], rivals, market)
    with pytest.raises(ValueError, match="NATIVE_PRICER"):
        Replay(configs, rivals, market, "fortran")


def _nothing() -> Ticks:
    return Ticks(
        np.zeros(2, np.int64),
        np.zeros(0, np.int64),
        np.zeros(0, np.uint8),
        np.zeros(0, np.int64),
        np.zeros(0, np.uint32),
    )
