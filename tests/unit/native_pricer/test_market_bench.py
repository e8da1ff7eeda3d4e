"""The market bench: its laws, its paired dice, and its readable twin."""

from __future__ import annotations

import math
import random
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from native_pricer import market_laws as k
from native_pricer._twin.market import Market, Seller, dice, next_price, stream
from native_pricer.market_laws import MIXES, Laws
from native_pricer.strategies import SPECIES, Strategy, strategy
from platforms.simulated import constants as demo
from platforms.simulated import featured as demo_featured
from platforms.simulated import rivals as demo_rivals
from platforms.simulated.state import Offer

market = pytest.importorskip("native_pricer.market", reason="the compiled backend was not built")
STILL = strategy("fixed")


def page(seed: int, policy: Strategy = STILL, mix: str = "mixed", laws: Laws | None = None) -> Market:
    return Market(seed, MIXES[mix], [policy], laws or Laws(), alone=False)


def test_its_numbers_are_those_of_the_demo_market() -> None:
    laws = Laws()
    assert (laws.kappa, laws.fba, laws.incumbent) == (demo.FEATURED_KAPPA, demo.FEATURED_FBA, demo.FEATURED_INCUMBENT)
    assert (laws.quality, laws.handling) == (demo.FEATURED_QUALITY, demo.FEATURED_HANDLING)
    assert laws.min_rating == round(100 * demo.FEATURED_MIN_RATING)
    assert laws.over_reference == demo.FEATURED_MAX_OVER_REFERENCE
    assert (laws.elasticity, laws.to_featured) == (demo.ELASTICITY, demo.SHARE_TO_FEATURED)
    assert k.REDRAW_TICKS * k.TICK_S == demo.FEATURED_EVERY_S
    assert (k.HOUR_SEASON, k.WEEKDAY_SEASON) == (demo.HOUR_SEASON, demo.WEEKDAY_SEASON)
    assert (k.DEMAND_PER_DAY, k.OUR_START) == (demo.PAGE_DEMAND_PER_DAY, demo.OUR_START)
    assert (k.OUR_FBA_CHANCE, k.RIVAL_FBA_CHANCE) == (demo.OUR_FBA_CHANCE, demo.RIVAL_FBA_CHANCE)
    assert (k.RIVALS, k.RIVAL_DELAY_S, k.RIVAL_IDLE_S) == (demo.RIVALS_PER_PAGE, demo.RIVAL_DELAY_S, demo.RIVAL_IDLE_S)
    assert (k.RIVAL_START, k.RIVAL_FLOOR, k.WRONG_FLOOR) == (demo.RIVAL_START, demo.RIVAL_FLOOR, demo.WRONG_FLOOR)
    assert (k.WRONG_FLOOR_CHANCE, k.RESET_AT_FLOOR) == (demo.WRONG_FLOOR_CHANCE, demo.RESET_AT_FLOOR)
    assert (k.OUT_OF_STOCK_PER_DAY, k.OUT_OF_STOCK_S) == (demo.OUT_OF_STOCK_PER_DAY, demo.OUT_OF_STOCK_S)
    assert (demo.MIN_MARGIN_SHARE, demo.REFERRAL_BP["HOME"]) == (k.MIN_MARGIN_SHARE, k.FEE_BP)
    assert k.APPLY_S[0] == demo.APPLY_AFTER_S
    assert k.NIGHT_RESET_HOURS == demo.NIGHT_RESET_HOURS


def offer(seller: Seller) -> Offer:
    return Offer(
        str(seller.who), seller.kind, seller.price, seller.shipping, seller.fba, seller.rating / 100, 9,
        seller.handling, seller.floor, seller.home, 0, datetime(2026, 1, 5),  # noqa: DTZ001 - the demo's own clock
    )  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_rivals_obey_the_demo_laws(data: st.DataObject) -> None:
    draw = data.draw
    kind = draw(st.sampled_from(k.KINDS))
    floor = draw(st.integers(1_600, 2_400))
    home = draw(st.integers(floor, 2_800))
    me = Seller(3, kind, True, 95, 1, draw(st.sampled_from((0, 399))), draw(st.integers(floor, home)), floor, home)
    seen = demo_rivals.View(
        draw(st.none() | st.integers(1_500, 3_000)), draw(st.none() | st.integers(1_500, 3_000)), draw(st.booleans()),
        draw(st.integers(0, 23)),
    )  # fmt: skip
    reset = draw(st.booleans())
    luck = random.Random(next(n for n in range(99) if (random.Random(n).random() < k.RESET_AT_FLOOR) == reset))
    ours = next_price(me, seen.lowest_minor, seen.featured_minor, seen.is_featured, seen.local_hour, reset)
    theirs = demo_rivals.next_price(offer(me), seen, luck)
    assert abs(ours - theirs) <= 1  # the demo rounds a product of floats, the bench whole numbers


def test_the_box_is_drawn_by_the_demo_score() -> None:
    here = page(4)
    here.featured = 1
    weights = here.weights()
    able = [i for i, weight in enumerate(weights) if weight > 0]
    low = min(here.sellers[i].landed for i in able)
    scores = [demo_featured.score(offer(here.sellers[i]), low, "2") for i in able]
    for i, score in zip(able, scores, strict=True):
        assert weights[i] == pytest.approx(math.exp(score - max(scores)))


def test_draws_are_uniform_and_each_belongs_to_its_place() -> None:
    key = stream(7, 2)
    drawn = [dice(key, at) for at in range(20_000)]
    assert all(0 <= u < 1 for u in drawn)
    assert sum(drawn) / len(drawn) == pytest.approx(0.5, abs=0.01)
    assert sum(u < 0.1 for u in drawn) / len(drawn) == pytest.approx(0.1, abs=0.01)
    assert dice(key, 5) == drawn[5]
    assert dice(stream(8, 2), 5) != drawn[5]


def test_buyers_come_as_often_as_the_law_says() -> None:
    """With nobody at all on the page but us, at a price of ours that never moves, every buyer counts."""
    runs = [market.duel(STILL, STILL, None, seed, 28) for seed in range(30)]
    wanted = 0.0
    for seed in range(30):
        here = Market(seed, MIXES["mixed"], [STILL, STILL], Laws(), alone=True)
        price = sum(s.landed for s in here.sellers) / 2  # both hold the box at times; near enough for 5 %
        wanted += here.demand * k.TICKS_PER_DAY * 28 * (price / here.reference) ** -2
    assert sum(pair[0].market_units for pair in runs) == pytest.approx(wanted, rel=0.05)


@pytest.mark.parametrize("mix", MIXES)
@pytest.mark.parametrize("name", SPECIES)
def test_twin_and_compiled_bench_agree(mix: str, name: str) -> None:
    policy = strategy(name, study=True)
    compiled = market.play([policy], mix, [5], 1_500, Laws())[0][0]
    assert tuple(compiled) == Market(5, MIXES[mix], [policy], Laws(), alone=False).play(1_500)[0]


def test_twin_and_compiled_bench_agree_on_two_of_ours() -> None:
    policies = [strategy("adaptive"), strategy("share_first")]
    compiled = market.play(policies, None, [3], 3_000, Laws())[0]
    twin = Market(3, MIXES["mixed"], policies, Laws(), alone=True).play(3_000)
    assert [tuple(one) for one in compiled] == twin


def test_a_seed_is_a_market_and_a_policy_moves_nobodys_dice() -> None:
    once, again = (market.run(strategy("adaptive"), "repricers", 11, 3) for _ in range(2))
    assert once == again
    assert market.run(strategy("adaptive"), "repricers", 12, 3) != once
    assert market.run_many(strategy("adaptive"), "repricers", [12, 11], 3)[1] == once
    still, beat = page(3), page(3, strategy("beat"))
    assert [s.home for s in still.sellers] == [s.home for s in beat.sellers]


@pytest.mark.parametrize("name", SPECIES)
def test_no_price_ever_leaves_the_band(name: str) -> None:
    for mix in MIXES:
        for one in market.run_many(strategy(name, study=True), mix, range(6), 3):
            assert one.floor_minor <= one.lowest_minor <= one.highest_minor <= one.ceiling_minor
            assert 0 <= one.held_ticks <= one.eligible_ticks <= 3 * k.TICKS_PER_DAY


@pytest.mark.parametrize("name", ["rival_model", "adaptive"])
def test_two_of_our_own_engines_settle(name: str) -> None:
    ours = strategy(name)
    for seed in range(25):
        for one in market.duel(ours, ours, None, seed, 7):
            assert one.writes <= 3
            assert one.floor_minor <= one.lowest_minor
            assert one.last_write_tick < 2 * k.TICKS_PER_DAY


def test_wrong_questions_are_refused() -> None:
    with pytest.raises(ValueError, match="mix"):
        market.run(STILL, "calm", 1, 1)
    with pytest.raises(ValueError, match="days"):
        market.run(STILL, "mixed", 1, 0)
    with pytest.raises(ValueError, match="seeds"):
        market.run(STILL, "mixed", -1, 1)
