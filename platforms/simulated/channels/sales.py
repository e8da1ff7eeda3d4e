"""Buyers on a channel: how many come, what they order, and what it takes from the stock that all channels share."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import accumulate
from typing import TYPE_CHECKING

from platforms.simulated import constants as market
from platforms.simulated import demand, shelf
from platforms.simulated.channels import box, care, feed, letters, lives
from platforms.simulated.channels import constants as k
from platforms.simulated.channels.model import Channel, Customer, Item, Sale, SaleLine
from platforms.simulated.dice import poisson, weighted
from platforms.simulated.sales import FIRST, LAST, PLACES
from platforms.simulated.state import Offer

if TYPE_CHECKING:
    from platforms.simulated.world import World


def tick(world: World, channel: Channel, busy: float, now: datetime) -> None:
    """One minute of buyers. The rates of all items are summed once and kept until a price changes."""
    items, summed = channel.draw or _rates(world, channel)
    if not items:
        return
    dice = channel.dice["demand"]
    for _ in range(poisson(dice, summed[-1] * busy)):
        item = dice.choices(items, cum_weights=summed)[0]
        stale = world.faults.strikes("stale_stock", channel.dice["faults"])
        able = box.offers(world, channel, item, ours_too=orderable(world, item, stale) > 0)
        if able and choose(dice, able, item.featured).policy == "ours":
            place(world, channel, item, now, stale=stale)
    if dice.random() < k.QUESTIONS_PER_DAY * market.TICK_S / 86400:
        letters.ask(world, channel, _customer(channel), dice.choice(items).number, now)


def choose(dice: random.Random, offers: Sequence[Offer], featured: str | None) -> Offer:
    """Whom a buyer buys from: the odds fall with the landed price and rise with the buy button."""
    lowest = min(offer.landed_minor for offer in offers)
    weights = [
        (offer.landed_minor / lowest) ** -k.CHOICE_KAPPA
        * (math.exp(k.CHOICE_FEATURED) if offer.seller == featured else 1)
        for offer in offers
    ]
    return dice.choices(offers, weights)[0]


def _rates(world: World, channel: Channel) -> tuple[list[Item], list[float]]:
    items = [item for item in channel.items.values() if item.status == "active"]
    rates = []
    for item in items:
        held = next((rival for rival in item.rivals if rival.seller == item.featured), None)
        price = held.landed_minor if held else item.price_minor
        rates.append(demand.per_tick(item.demand, 1.0, price, item.reference_minor))
    channel.draw = items, list(accumulate(rates))
    return channel.draw


def units_per_day(world: World, sku: str) -> float:
    """What the open channels may expect to sell of our own stock in a day."""
    found = (channel.by_sku.get(sku) for channel in world.channels.values())
    return sum(item.demand * k.OUR_SHARE for item in found if item is not None and item.status == "active")


def orderable(world: World, item: Item, stale: bool) -> int:
    """Units that the channel lets a buyer order. A stale one trusts the quantity set there, whatever we have."""
    if stale and item.shown is not None and item.status == "active":
        return item.shown
    return box.available(world, item)


def place(world: World, channel: Channel, item: Item, now: datetime, *, stale: bool) -> None:
    """One order of one to three lines; nothing happens when our last unit is gone."""
    dice = channel.dice["orders"]
    lines: list[SaleLine] = []
    for one in _wanted(channel, item, dice):
        quantity = min(weighted(dice, market.UNITS_PER_LINE), orderable(world, one, stale))
        if quantity > 0:
            lines.append(_take(world, channel, one, quantity, len(lines) + 1, now))
    if not lines:
        return
    fee, free_from = k.SHIPPING[channel.name]
    at = care.stamp(world, channel, now)
    items_minor = sum(line.total_minor for line in lines)
    sale = Sale(
        number=channel.next("sale"),
        customer=_customer(channel),
        created_at=at - timedelta(seconds=dice.randrange(0, market.TICK_S)),
        updated_at=at,
        status="pending",
        lines=lines,
        shipping_minor=0 if items_minor >= free_from else fee,
        ship_by=now + timedelta(seconds=k.SHIP_WITHIN_S),
    )
    channel.sales[sale.number] = sale
    channel.touched[sale.number] = None
    lives.begin(world, channel, sale, now)
    for line in lines:
        box.look(world, channel, channel.items[line.item], now)
    feed.tell(world, channel, "order_created", now, sale=sale.number, status=sale.status, version=sale.version)


def _wanted(channel: Channel, item: Item, dice: random.Random) -> list[Item]:
    wanted = [item]
    while len(wanted) < 3 and dice.random() < market.SECOND_LINE:
        other = channel.items[dice.randrange(1, len(channel.items) + 1)]
        if other not in wanted and other.status == "active":
            wanted.append(other)
    return wanted


def _take(world: World, channel: Channel, item: Item, quantity: int, place: int, now: datetime) -> SaleLine:
    stock = world.stock[item.sku]
    short = max(0, quantity - stock.own)
    stock.own, stock.own_updated_at = stock.own - (quantity - short), now
    if item.shown is not None:
        item.shown -= quantity
    item.updated_at = now
    channel.counts["units_short"] += short
    shelf.sold_short(world, channel.name, item.sku, short)
    return SaleLine(channel.next("line"), place, item.number, item.sku, quantity, item.price_minor, short)


def _customer(channel: Channel) -> Customer:
    dice = channel.dice["ids"]
    if channel.customers and dice.random() < k.KNOWN_BUYER_SHARE:
        return dice.choice(channel.customers)
    city, region, postal_code = dice.choice(PLACES)
    made = Customer(
        number=channel.next("customer"),
        name=f"{dice.choice(FIRST)} {dice.choice(LAST)}",
        street=f"{dice.randrange(1, 990)} Invented Street",
        city=city,
        region=region,
        postal_code=postal_code,
        language=weighted(dice, k.LANGUAGES),
    )
    channel.customers.append(made)
    return made
