"""The laws of the market: each pure, each held to what its source says."""

from __future__ import annotations

import math
import random
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from platforms.simulated import catalogue, demand, featured, fees, rivals
from platforms.simulated import constants as k
from platforms.simulated.dice import Dice, poisson, weighted
from platforms.simulated.state import Offer

NOON = datetime(2026, 11, 2, 18, tzinfo=UTC)


def an_offer(seller: str = "A1", price: int = 2000, **changes: object) -> Offer:
    offer = Offer(seller, "fixed", price, 0, False, 0.95, 100, 1, 1500, 2000, 300, NOON)
    return replace(offer, **changes)  # type: ignore[arg-type]


def test_one_percent_more_costs_nearly_half_the_odds():
    cheap, dear = featured.score(an_offer(), 2000, None), featured.score(an_offer(price=2020), 2000, None)
    assert math.isclose(math.exp(dear - cheap), 0.55, abs_tol=0.01)


def test_being_fulfilled_by_the_marketplace_is_worth_four_percent():
    plain, fba = an_offer(price=2000), an_offer(price=2081, is_fba=True)
    assert abs(featured.score(plain, 2000, None) - featured.score(fba, 2000, None)) < 0.1


def test_the_winner_is_eligible_or_there_is_none():
    too_dear, bad = an_offer("dear", 2300), an_offer("bad", 1000, rating=0.5)
    assert featured.draw(random.Random(1), [too_dear, bad], 2000, None) is None
    assert featured.draw(random.Random(1), [too_dear, bad, an_offer("ok")], 2000, None) == "ok"


def test_the_cheapest_wins_most_often_but_not_always():
    offers = [an_offer("low", 2000), an_offer("mid", 2020), an_offer("high", 2060)]
    won = Counter(featured.draw(random.Random(n), offers, 2000, None) for n in range(400))
    assert won["low"] > won["mid"] > won["high"] > 0


def test_the_expected_price_is_a_coin_flip_against_the_best_rival():
    ours, rival = an_offer("us", is_fba=True), an_offer("them", 1900)
    price = featured.expected_price(ours, [rival], 2000)
    assert price is not None
    level = replace(ours, price_minor=price)
    lowest = min(price, 1900)
    assert abs(featured.score(level, lowest, None) - featured.score(rival, lowest, None)) < 0.1


def test_demand_falls_with_the_square_of_the_price():
    assert math.isclose(demand.per_tick(100, 1, 4000, 2000) * 4, demand.per_tick(100, 1, 2000, 2000))


def test_seasons_average_to_one():
    assert math.isclose(sum(k.HOUR_SEASON) / 24, 1, abs_tol=0.06)
    assert math.isclose(sum(k.WEEKDAY_SEASON) / 7, 1, abs_tol=0.01)


def test_most_buyers_take_the_featured_offer_and_the_rest_the_cheapest():
    dice, offers = random.Random(3), [an_offer("low", 1800), an_offer("box", 2000)]
    taken = Counter(chosen.seller for _ in range(1000) if (chosen := demand.choose(dice, offers, "box")))
    assert 760 < taken["box"] < 840
    assert taken["box"] + taken["low"] == 1000


def test_poisson_has_its_mean():
    dice = random.Random(5)
    assert abs(sum(poisson(dice, 0.3) for _ in range(5000)) / 5000 - 0.3) < 0.03


@settings(max_examples=60, deadline=None)
@given(
    policy=st.sampled_from(sorted(rivals.POLICIES)),
    price=st.integers(1500, 2500),
    lowest=st.none() | st.integers(100, 4000),
    box=st.none() | st.integers(100, 4000),
    is_featured=st.booleans(),
    hour=st.integers(0, 23),
    luck=st.integers(0, 9),
)
def test_no_rival_leaves_its_own_bounds(policy, price, lowest, box, is_featured, hour, luck):
    me = an_offer(policy=policy, price=price, home_minor=2500)
    view = rivals.View(lowest, box, is_featured, hour)
    asked = rivals.next_price(me, view, random.Random(luck))
    assert me.floor_minor <= asked <= round(me.home_minor * (1 + 5 * k.RAISE_STEP)) or asked == price


def test_an_undercutter_goes_just_below_and_never_under_its_floor():
    me = an_offer(policy="undercut_cent")
    assert rivals.next_price(me, rivals.View(1900, 1900, False, 12), random.Random(1)) == 1899
    assert rivals.next_price(me, rivals.View(1000, 1000, False, 12), random.Random(1)) == me.floor_minor


def test_a_rival_hears_after_its_own_delay():
    me = an_offer(policy="match", wakes_at=NOON + timedelta(hours=2))
    rivals.hear(me, NOON)
    assert me.wakes_at == NOON + timedelta(seconds=me.delay_s)


def test_every_price_from_the_hard_minimum_up_earns_something():
    for item in catalogue.ITEMS:
        for is_fba in (True, False):
            price = fees.break_even(item.category, item.weight_g, item.cost_minor, is_fba=is_fba)
            assert fees.unit_margin(item.category, item.weight_g, item.cost_minor, price, is_fba=is_fba) >= 0
            assert fees.unit_margin(item.category, item.weight_g, item.cost_minor, price - 2, is_fba=is_fba) < 0


def test_the_catalogue_is_as_promised():
    assert len(catalogue.ITEMS) == 40
    assert 22 <= sum(item.in_shop for item in catalogue.ITEMS) <= 28
    assert all(800 <= item.reference_minor <= 8000 for item in catalogue.ITEMS)
    assert len({item.sku for item in catalogue.ITEMS}) == 40


def test_streams_do_not_touch_one_another():
    one, other = Dice(7), Dice(7)
    one["faults"].random()
    assert one["rivals"].random() == other["rivals"].random()


def test_weights_are_kept():
    drawn = Counter(weighted(random.Random(n), (("a", 0.8), ("b", 0.2))) for n in range(500))
    assert 350 < drawn["a"] < 450
