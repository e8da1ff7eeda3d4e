"""Seed and commands decide everything; six hours look like a market."""

from __future__ import annotations

import pickle
from datetime import timedelta

import pytest
from simulated_kit import START

from platforms.simulated import constants, truth
from platforms.simulated.commands import COMMANDS
from platforms.simulated.credentials import SHOP
from platforms.simulated.lives import profit
from platforms.simulated.state import Subscription
from platforms.simulated.world import World


def lived(seed: int, hours: float = 6, price_cut: bool = False) -> World:
    world = World(seed, START)
    world.subscriptions["s"] = Subscription("s", "ANY_OFFER_CHANGED", "1.0", "d")
    if price_cut:
        world.advance(START + timedelta(minutes=30))
        COMMANDS["amazon_price"](world, sku="MUG-STONE-12", price_minor=3200, preview=False)
    world.advance(START + timedelta(hours=hours))
    return world


@pytest.fixture(scope="module")
def six_hours() -> World:
    return lived(7)


def test_the_same_seed_and_commands_give_the_same_world(six_hours):
    assert truth.tell(lived(7), SHOP) == truth.tell(six_hours, SHOP)
    assert truth.tell(lived(7, 2, price_cut=True), SHOP) == truth.tell(lived(7, 2, price_cut=True), SHOP)


def test_another_seed_gives_another_world(six_hours):
    assert truth.tell(lived(8, 1), SHOP)["listings"] != truth.tell(six_hours, SHOP)["listings"]


def test_the_size_of_the_steps_does_not_matter(six_hours):
    world = World(7, START)
    world.subscriptions["s"] = Subscription("s", "ANY_OFFER_CHANGED", "1.0", "d")
    while world.now < START + timedelta(hours=6):
        world.advance(world.now + timedelta(seconds=47))
    world.advance(START + timedelta(hours=6))
    assert truth.tell(world, SHOP)["orders"] == truth.tell(six_hours, SHOP)["orders"]


def test_six_hours_are_lively_but_finite(six_hours):
    ledger = six_hours.ledger
    assert 100 <= len(ledger.orders) <= 700
    assert 300 <= ledger.events_made <= 3000
    assert {order.channel for order in ledger.orders.values()} == {"amazon", "shopify"}
    assert {order.status for order in ledger.orders.values()} == {"pending", "unshipped", "shipped", "cancelled"}
    assert max(len(order.lines) for order in ledger.orders.values()) > 1


def test_every_page_has_three_to_eight_sellers(six_hours):
    assert all(3 <= len(page.offers) <= 8 for page in six_hours.pages.values())


def test_stock_is_never_negative_and_adds_up(six_hours):
    for sku, stock in six_hours.stock.items():
        assert min(stock.fba, stock.fba_reserved, stock.fba_inbound, stock.own, stock.own_inbound) >= 0, sku


def test_silent_pages_and_empty_shelves_tell_nothing(six_hours):
    silent = {six_hours.products[sku].asin for sku, page in six_hours.pages.items() if page.silent}
    assert len(silent) == 3
    assert not any(asin in message.body for message in six_hours.queue.messages.values() for asin in silent)


def test_a_price_goes_live_only_after_a_while():
    world = World(7, START)
    COMMANDS["amazon_price"](world, sku="MUG-STONE-12", price_minor=3200, preview=False)
    world.advance(START + timedelta(seconds=60))
    assert world.pages["MUG-STONE-12"].ours.price_minor != 3200
    world.advance(START + timedelta(seconds=120))
    assert world.pages["MUG-STONE-12"].ours.price_minor == 3200
    assert world.ledger.writes[0].applied_at == START + timedelta(seconds=90)


def test_a_preview_changes_nothing():
    world = World(7, START)
    COMMANDS["amazon_price"](world, sku="MUG-STONE-12", price_minor=3200, preview=True)
    world.advance(START + timedelta(minutes=5))
    assert world.pages["MUG-STONE-12"].ours.price_minor != 3200
    assert world.ledger.writes[0].preview


def test_returns_and_cancellations_cost_profit(monkeypatch):
    monkeypatch.setattr(constants, "SHIP_FBA_S", (300, 600))
    monkeypatch.setattr(constants, "RETURN_S", (600, 1200))
    monkeypatch.setattr(constants, "RETURN_SHARE", 0.5)
    world = lived(7, 4)
    orders = world.ledger.orders.values()
    returned = [order for order in orders if order.refunded_minor]
    assert returned
    assert all(order.refunded_at and order.updated_at >= order.refunded_at for order in returned)
    assert world.ledger.profit_minor < sum(profit(world, order) for order in orders if order.status != "cancelled")


def test_a_cheaper_offer_holds_the_box_longer():
    def share(factor: float) -> float:
        world = World(7, START)
        for sku, page in world.pages.items():
            price = max(world.products[sku].hard_min_minor, round(world.products[sku].reference_minor * factor))
            page.ours.price_minor = price
        world.advance(START + timedelta(hours=3))
        return truth.box_share(world) or 0.0

    assert share(0.90) > share(1.0) > share(1.08)


def test_a_jump_over_a_night_lives_through_nothing():
    world = lived(7, 1)
    orders = len(world.ledger.orders)
    world.skip(START + timedelta(hours=30))
    assert len(world.ledger.orders) == orders
    world.advance(START + timedelta(hours=31))
    assert orders < len(world.ledger.orders) < orders + 120


def test_a_world_survives_pickling():
    world = lived(7, 1)
    copy = pickle.loads(pickle.dumps(world))
    for one in (world, copy):
        one.advance(START + timedelta(hours=2))
    assert truth.tell(copy, SHOP) == truth.tell(world, SHOP)
