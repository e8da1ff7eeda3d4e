"""A channel's first moment: which of our products are listed, at which price, beside whom. From the seed alone."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from platforms.simulated import constants as market
from platforms.simulated import fees, opening
from platforms.simulated.channels import box, money
from platforms.simulated.channels import constants as k
from platforms.simulated.channels.model import Channel, Item
from platforms.simulated.dice import Dice, between
from platforms.simulated.state import Offer, Product

if TYPE_CHECKING:
    from platforms.simulated.world import World

LISTED_BEFORE = timedelta(days=150)


def channel(world: World, name: str) -> Channel:
    """Open our account on channel `name` now. Its dice are its own: no other channel's luck depends on it."""
    made = Channel(name, world.now, Dice(f"{world.seed}/{name}"), seller=world.seller)
    dice = made.dice["demand"]
    for product in world.products.values():
        ours = opening.units_per_day(product)[1] > 0
        if ours and dice.random() < k.LISTED_SHARE:
            item = _item(made, product, world.now)
            made.items[item.number] = made.by_sku[item.sku] = item
    for item in made.items.values():
        item.featured = box.winner(world, made, item)
        item.was_out = world.stock[item.sku].own == 0
    money.first_payout(world, made)
    return made


def _item(made: Channel, product: Product, now: datetime) -> Item:
    demand, rivals = made.dice["demand"], made.dice["rivals"]
    hard_min = _hard_min(made.name, product)
    reference = max(round(product.reference_minor * between(demand, k.REFERENCE[made.name])), hard_min)
    return Item(
        number=made.next("item"),
        sku=product.sku,
        price_minor=max(round(reference * between(demand, k.OUR_START)), hard_min),
        shown=None,
        status="active",
        reference_minor=reference,
        hard_min_minor=hard_min,
        demand=between(demand, k.PAGE_DEMAND_PER_DAY[made.name]) * (2500 / reference) ** 0.4,
        rivals=[_rival(product, made, now) for _ in range(rivals.randint(*k.RIVALS[made.name]))],
        created_at=now - LISTED_BEFORE,
        updated_at=now,
        priced_at=now - LISTED_BEFORE,
        looked_at=now,
    )


def _rival(product: Product, made: Channel, now: datetime) -> Offer:
    offer = opening.rival(product, made.dice["rivals"], now)
    offer.is_fba = False
    return offer


def _hard_min(name: str, product: Product) -> int:
    """The lowest price that the demo's seller may ask there: a little above break-even."""
    cost = fees.own_shipping(product.weight_g) + product.cost_minor + k.FEE_FIX_MINOR[name]
    return math.ceil(cost * 10000 / (10000 - k.FEE_BP[name]) * (1 + market.MIN_MARGIN_SHARE))
