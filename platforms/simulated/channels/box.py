"""A page with rivals: what of ours is for sale, who is featured, and what rivals do about it. Simple laws."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from platforms.simulated import constants as market
from platforms.simulated import rivals, shelf
from platforms.simulated.channels import constants as k
from platforms.simulated.channels import feed
from platforms.simulated.channels.model import Channel, Item
from platforms.simulated.dice import between
from platforms.simulated.sellers import channel_id
from platforms.simulated.state import CHANNELS, Offer

if TYPE_CHECKING:
    from platforms.simulated.world import World

OUR_SELLER = {name: channel_id(name) for name in CHANNELS}
"""The first seller's name on each channel."""
_BUYERS_CLOCK = timedelta(hours=market.SHOP_TIME_OFFSET_H)


def available(world: World, item: Item) -> int:
    """Units that a buyer sees and may order: never more than was set there; see `shelf` for what we have."""
    if item.status != "active":
        return 0
    return shelf.item_shown(world, item)


def offers(world: World, channel: Channel, item: Item, *, ours_too: bool | None = None) -> list[Offer]:
    """Everybody who sells the item now, us first: when we have some, unless `ours_too` says otherwise."""
    here = [offer for offer in item.rivals if offer.back_at is None]
    with_us = available(world, item) > 0 if ours_too is None else ours_too
    return [ours(world, channel, item), *here] if with_us else here


def ours(world: World, channel: Channel, item: Item) -> Offer:
    fee, free_from = k.SHIPPING[channel.name]
    return Offer(
        seller=channel.seller_id,
        policy="ours",
        price_minor=item.price_minor,
        shipping_minor=0 if item.price_minor >= free_from else fee,
        is_fba=False,
        rating=market.OUR_RATING,
        feedback=market.OUR_FEEDBACK,
        handling_days=1,
        floor_minor=0,
        home_minor=item.price_minor,
        delay_s=0,
        wakes_at=world.now,
    )


def winner(world: World, channel: Channel, item: Item) -> str | None:
    """The seller behind the buy button: the lowest landed price of a good seller, the holder when equal."""
    able = [offer for offer in offers(world, channel, item) if offer.rating >= k.BOX_MIN_RATING]
    best = min(able, key=lambda offer: (offer.landed_minor, offer.seller != item.featured), default=None)
    return best.seller if best else None


def settle(world: World, channel: Channel, item: Item, now: datetime) -> None:
    """After a price or stock moved: rivals hear of it, the box may change hands, the buyers' rates are summed anew."""
    channel.draw = None
    for offer in item.rivals:
        rivals.hear(offer, now)
    look(world, channel, item, now)


def tick(world: World, channel: Channel, now: datetime) -> None:
    """Rivals that are awake act, now and then one runs out of goods; what changed on any page since is told."""
    _run_out(world, channel, now)
    for item in channel.items.values():
        awake = [offer for offer in item.rivals if (offer.back_at or offer.wakes_at) <= now]
        moved = [_act(world, channel, item, offer, now) for offer in awake]
        if any(moved):
            settle(world, channel, item, now)
        elif world.stock[item.sku].own_updated_at >= item.looked_at:
            look(world, channel, item, now)


def _run_out(world: World, channel: Channel, now: datetime) -> None:
    dice = channel.dice["rivals"]
    here = sum(len(item.rivals) for item in channel.items.values())
    if dice.random() < here * market.OUT_OF_STOCK_PER_DAY * k.RIVALS_EVERY_TICKS * market.TICK_S / 86400:
        item = dice.choice([item for item in channel.items.values() if item.rivals])
        offer = dice.choice(item.rivals)
        if offer.back_at is None:
            offer.back_at = now + timedelta(seconds=between(dice, market.OUT_OF_STOCK_S))
            settle(world, channel, item, now)


def look(world: World, channel: Channel, item: Item, now: datetime) -> None:
    """Tell when the item went out of stock or came back, or when the box changed hands."""
    item.looked_at = now
    out = available(world, item) == 0
    if out != item.was_out and item.status == "active":
        item.was_out = out
        feed.tell(world, channel, "stock_out" if out else "stock_back", now, item=item.number)
    holder = winner(world, channel, item)
    if holder != item.featured:
        item.featured = holder
        channel.draw = None
        feed.tell(world, channel, "box_changed", now, item=item.number)


def _act(world: World, channel: Channel, item: Item, offer: Offer, now: datetime) -> bool:
    """An awake rival comes back with goods, or asks another price; whether anything moved."""
    dice = channel.dice["rivals"]
    if offer.back_at is not None:
        offer.back_at = None
        return True
    if offer.policy == "fixed":
        return False
    others = [other for other in offers(world, channel, item) if other is not offer]
    holder = next((other for other in [*others, offer] if other.seller == item.featured), None)
    view = rivals.View(
        lowest_minor=min((other.landed_minor for other in others), default=None),
        featured_minor=holder.landed_minor if holder else None,
        is_featured=holder is offer,
        local_hour=(now + _BUYERS_CLOCK).hour,
    )
    price = rivals.next_price(offer, view, dice)
    rivals.rest(offer, now, dice)
    moved, offer.price_minor = price != offer.price_minor, price
    return moved
