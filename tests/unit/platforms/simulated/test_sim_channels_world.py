"""Further channels live over the same shelf, with dice of their own; closed they cost and change nothing."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from simulated_kit import START, Market

from platforms.simulated import constants, lives, truth
from platforms.simulated.channels import reads
from platforms.simulated.channels.box import OUR_SELLER
from platforms.simulated.commands import COMMANDS
from platforms.simulated.credentials import SHOP
from platforms.simulated.state import CHANNELS, EBAY, TIKTOK, WALMART
from platforms.simulated.world import World

SKU = "KNIFE-CHEF-8"


def opened(*names: str, seed: int = 7) -> World:
    world = World(seed, START)
    for name in names:
        COMMANDS["channel_open"](world, channel=name)
    return world


@pytest.fixture(scope="module")
def two_weeks() -> World:
    world = opened(*CHANNELS)
    world.pages.clear()  # only the further channels live: days pass quickly
    world.shop.clear()
    world.advance(START + timedelta(days=14))
    return world


def test_closed_channels_leave_the_old_market_as_it_was():
    world = World(7, START)
    world.advance(START + timedelta(hours=6))
    assert (len(world.ledger.orders), world.ledger.profit_minor) == (132, 231_143)


def test_one_channels_dice_are_not_anothers():
    alone, together = opened(WALMART), opened(EBAY, WALMART, TIKTOK)
    assert alone.channels[WALMART].items == together.channels[WALMART].items
    assert alone.channels[WALMART].items != together.channels[EBAY].items


def test_the_size_of_the_steps_does_not_matter():
    at_once, in_steps = opened(*CHANNELS), opened(*CHANNELS)
    at_once.advance(START + timedelta(hours=9))
    while in_steps.now < START + timedelta(hours=9):
        in_steps.advance(in_steps.now + timedelta(seconds=97))
    at_once.advance(in_steps.now)
    assert truth.tell(at_once, SHOP) == truth.tell(in_steps, SHOP)


@pytest.mark.parametrize("name", CHANNELS)
def test_two_weeks_look_like_a_channel(two_weeks: World, name: str):
    channel = two_weeks.channels[name]
    assert 20 <= len(channel.items) <= 40
    assert 300 <= len(channel.sales) <= 1500
    assert set(Counter(sale.status for sale in channel.sales.values())) >= {"paid", "shipped", "delivered", "cancelled"}
    assert {one.status for one in channel.returns.values()} >= {"approved", "received", "refunded"}
    assert {letter.language for letter in channel.letters.values()} >= {"en", "es", "zh"}
    assert {charge.kind for charge in channel.charges} >= {"sale", "fee", "refund", "fee_refund"}
    rivals = [rival for item in channel.items.values() for rival in item.rivals]
    assert any(rival.back_at for rival in rivals)
    assert any(item.featured == OUR_SELLER[name] for item in channel.items.values())


@pytest.mark.parametrize("name", CHANNELS)
def test_moments_of_an_order_follow_one_another(two_weeks: World, name: str):
    for sale in two_weeks.channels[name].sales.values():
        moments = [sale.created_at, sale.paid_at, *(parcel.at for parcel in sale.shipments), sale.delivered_at]
        known = [moment for moment in moments if moment is not None]
        assert known == sorted(known)
        assert known[-1] <= sale.updated_at
        assert sale.version >= len(known)


def test_units_are_neither_made_nor_lost(monkeypatch: pytest.MonkeyPatch):
    arrived: Counter[str] = Counter()
    real = lives.STEPS["arrive_own"]

    def arrive(world: World, sku: str, units: int, now: object) -> None:
        arrived[sku] += units
        real(world, sku, units, now)  # type: ignore[arg-type]

    monkeypatch.setitem(lives.STEPS, "arrive_own", arrive)
    monkeypatch.setattr(constants, "RESELLABLE_SHARE", 0.0)  # what comes back is thrown away
    world = opened(*CHANNELS)
    before = {sku: stock.own for sku, stock in world.stock.items()}
    world.advance(START + timedelta(days=1, hours=12))
    gone: Counter[str] = Counter()
    for order in world.ledger.orders.values():
        if not order.is_fba and order.status != "cancelled":
            gone.update({line.sku: line.quantity for line in order.lines})
    for channel in world.channels.values():
        for sale in channel.sales.values():
            for line in sale.lines:
                gone[line.sku] += line.quantity - line.cancelled - line.short
    assert {sku: stock.own for sku, stock in world.stock.items()} == {
        sku: units + arrived[sku] - gone[sku] for sku, units in before.items()
    }
    assert sum(gone.values()) > 100
    assert arrived


def test_nothing_is_sold_that_is_not_there(two_weeks: World):
    assert min(stock.own for stock in two_weeks.stock.values()) >= 0
    assert all(channel.counts["units_short"] == 0 for channel in two_weeks.channels.values())


def test_what_one_channel_sells_the_others_do_not_show(market: Market):
    market.sim.do("channel_open", channel=EBAY)
    market.sim.do("channel_open", channel=WALMART)
    market.sim.do("shop_stock", sets=[[SKU, 9]], key="k", fingerprint="f")
    walmart = market.world.channels[WALMART].by_sku[SKU]
    assert reads.available(market.world, walmart) == 9
    before = reads.stock_changed_at(market.world, walmart)
    ebay = market.world.channels[EBAY]
    while not any(line.sku == SKU for sale in ebay.sales.values() for line in sale.lines):
        market.pass_time(minutes=10)
    left = market.world.stock[SKU].own
    assert left < 9
    assert reads.available(market.world, walmart) == left
    assert reads.stock_changed_at(market.world, walmart) > before
    assert shop_shows(market) == left


def shop_shows(market: Market) -> int:
    found = market.shop("{ productVariants(first: 100) { nodes { sku inventoryQuantity } } }").json()
    return next(int(one["inventoryQuantity"]) for one in found["data"]["productVariants"]["nodes"] if one["sku"] == SKU)


def test_a_quantity_set_on_a_channel_caps_what_it_sells(market: Market):
    market.sim.do("channel_open", channel=TIKTOK)
    market.world.pages.clear()
    channel = market.world.channels[TIKTOK]
    for item in channel.items.values():
        market.sim.do("channel_quantity", channel=TIKTOK, sku=item.sku, quantity=1)
    market.pass_time(days=2)
    sold: Counter[str] = Counter()
    for sale in channel.sales.values():
        sold.update({line.sku: line.quantity - line.cancelled for line in sale.lines})
    assert max(sold.values()) == 1
    assert {change.kind for change in channel.changes} >= {"stock_out", "item_changed"}


def test_an_ended_item_sells_nothing(market: Market):
    market.sim.do("channel_open", channel=TIKTOK)
    channel = market.world.channels[TIKTOK]
    for item in channel.items.values():
        market.sim.do("channel_status", channel=TIKTOK, sku=item.sku, status="ended")
    market.pass_time(days=1)
    assert not channel.sales
    assert not reads.items(channel, lambda item: reads.available(market.world, item) > 0)


def test_a_lower_price_sells_more():
    def units(factor: float) -> int:
        world = opened(EBAY)
        world.pages.clear()
        for item in world.channels[EBAY].items.values():
            price = round(item.reference_minor * factor)
            COMMANDS["channel_price"](world, channel=EBAY, sku=item.sku, price_minor=price)
        world.advance(START + timedelta(days=1))
        return sum(line.quantity for sale in world.channels[EBAY].sales.values() for line in sale.lines)

    assert units(0.85) > units(1.0) > units(1.25)


@pytest.mark.parametrize(("name", "waits"), [(EBAY, False), (WALMART, True), (TIKTOK, False)])
def test_a_price_is_live_at_once_or_after_the_channels_while(market: Market, name: str, waits: bool):
    market.sim.do("channel_open", channel=name)
    item = market.world.channels[name].by_sku[SKU]
    market.sim.do("channel_price", channel=name, sku=SKU, price_minor=3333)
    assert (item.price_minor == 3333) is not waits
    market.pass_time(minutes=4)
    assert item.price_minor == 3333
    market.sim.do("channel_price", channel=name, sku=SKU, price_minor=4444, preview=True)
    market.sim.do("faults", chances={"not_applied": 1.0})
    market.sim.do("channel_price", channel=name, sku=SKU, price_minor=5555)
    market.pass_time(minutes=4)
    assert item.price_minor == 3333
    assert [write.applied_at is not None for write in market.world.ledger.writes] == [True, False, False]


def test_a_jump_over_a_night_lives_through_nothing():
    world = opened(*CHANNELS)
    world.advance(START + timedelta(hours=2))
    COMMANDS["channel_price"](world, channel=WALMART, sku=SKU, price_minor=3000)
    before = [len(channel.sales) for channel in world.channels.values()]
    world.skip(START + timedelta(hours=30))
    assert [len(channel.sales) for channel in world.channels.values()] == before
    world.advance(world.now + timedelta(minutes=5))
    assert world.channels[WALMART].by_sku[SKU].price_minor == 3000
