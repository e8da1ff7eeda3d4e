"""Who keeps the count of our own warehouse, and what channels do about it.

As the world opens, the shop is our warehouse's book: a quantity set there or at the marketplace is the stock itself,
and no channel sells what is not there. With a warehouse apart, as with most sellers on many channels, a quantity that
is set is only what that channel shows: it sells so many, whether they are there or not. Units sold and not there are
`short`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from platforms.simulated.state import AMAZON, SHOPIFY

if TYPE_CHECKING:
    from platforms.simulated.channels.model import Item
    from platforms.simulated.world import World


@dataclass(slots=True)
class Apart:
    """Units shown by (channel, SKU) at the marketplace and in the shop; other channels keep theirs themselves."""

    shown: dict[tuple[str, str], int]
    short: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Units sold and not there, by (channel, SKU); also those that were cancelled later."""


def part(world: World) -> None:
    """From now on the warehouse is apart: every channel open now goes on with what it shows."""
    if world.apart is None:
        stock = {sku: max(0, one.own) for sku, one in world.stock.items()}
        world.apart = Apart({(channel, sku): n for channel in (AMAZON, SHOPIFY) for sku, n in stock.items()})
        for channel in world.channels.values():
            for item in channel.items.values():
                item.shown = stock[item.sku] if item.shown is None else item.shown


def shown(world: World, channel: str, sku: str) -> int:
    """Units of our own that the marketplace or the shop shows."""
    return world.stock[sku].own if world.apart is None else world.apart.shown[channel, sku]


def item_shown(world: World, item: Item) -> int:
    """Units that another channel shows, whether the item is on sale or not."""
    if world.apart is not None and item.shown is not None:
        return max(0, item.shown)
    own = max(0, world.stock[item.sku].own)
    return own if item.shown is None else min(own, item.shown)


def tell(world: World, channel: str, sku: str, quantity: int) -> None:
    """The marketplace or the shop is told a quantity."""
    stock = world.stock[sku]
    stock.own_updated_at = world.now
    if world.apart is None:
        stock.own = quantity
    else:
        world.apart.shown[channel, sku] = quantity


def take(world: World, channel: str, sku: str, quantity: int) -> None:
    """An order at the marketplace or in the shop takes units of our own."""
    stock = world.stock[sku]
    if world.apart is None:
        stock.own -= quantity
        return
    there = min(quantity, max(0, stock.own))
    stock.own, stock.own_updated_at = stock.own - there, world.now
    world.apart.shown[channel, sku] -= quantity
    sold_short(world, channel, sku, quantity - there)


def sold_short(world: World, channel: str, sku: str, units: int) -> None:
    """Note units that were sold and are not there."""
    if world.apart is not None and units:
        world.apart.short[channel, sku] += units


def units_short(world: World) -> dict[str, dict[str, int]]:
    """Units sold and not there since the warehouse is apart: SKU → channel → units."""
    found: dict[str, dict[str, int]] = {}
    for (channel, sku), units in sorted(world.apart.short.items() if world.apart else ()):
        found.setdefault(sku, {})[channel] = units
    return found
