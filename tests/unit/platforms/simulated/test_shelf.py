"""A warehouse apart: what is set is what a channel shows, and what it sells may not be there."""

from __future__ import annotations

import json
from pathlib import Path

from simulated_kit import START, Market

from platforms.simulated import shelf
from platforms.simulated.commands import COMMANDS
from platforms.simulated.simulation import Simulation
from platforms.simulated.state import AMAZON, EBAY, SHOPIFY
from platforms.simulated.world import World

SKU = "MUG-STONE-12"


def test_the_shop_is_the_warehouses_book_until_the_warehouse_is_apart() -> None:
    world = World(7, START)
    COMMANDS["shop_stock"](world, sets=[(SKU, 40)], key="k", fingerprint="f")
    assert (world.stock[SKU].own, world.apart) == (40, None)
    COMMANDS["warehouse_apart"](world)
    COMMANDS["shop_stock"](world, sets=[(SKU, 3)], key="l", fingerprint="f")
    assert (world.stock[SKU].own, shelf.shown(world, SHOPIFY, SKU)) == (40, 3)


def test_channels_sell_what_they_show_and_what_was_not_there_is_short() -> None:
    world = World(7, START)
    COMMANDS["channel_open"](world, channel=EBAY)
    item = next(iter(world.channels[EBAY].items.values()))
    world.stock[item.sku].own = 2
    COMMANDS["warehouse_apart"](world)
    assert item.shown == 2
    shelf.tell(world, AMAZON, item.sku, 5)
    shelf.take(world, AMAZON, item.sku, 3)
    assert (world.stock[item.sku].own, shelf.shown(world, AMAZON, item.sku)) == (0, 2)
    assert shelf.item_shown(world, item) == 2
    assert shelf.units_short(world) == {item.sku: {AMAZON: 1}}


def test_a_warehouse_apart_outlives_a_restart(tmp_path: Path) -> None:
    sim = Simulation(tmp_path, seed=7, start=START)
    market = Market(sim)
    assert market.http.post("/_sim/warehouse", json={}).status_code == 200
    sim.do("shop_stock", sets=[(SKU, 3)], key="k", fingerprint="f")
    sim.close()
    again = Simulation(tmp_path, seed=7, start=START)
    assert shelf.shown(again.world, SHOPIFY, SKU) == 3
    truth = json.loads(Market(again).http.get("/_sim/truth").content)
    assert truth["units_short"] == {}
    again.close()
