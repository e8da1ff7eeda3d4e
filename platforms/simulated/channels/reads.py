"""What a vendor's server asks of a channel: windows over orders, items, pages of things. Nothing changes here."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from platforms.simulated import constants as market
from platforms.simulated.channels import box
from platforms.simulated.channels import constants as k
from platforms.simulated.channels.model import Channel, Charge, Item, Sale
from platforms.simulated.faults import MOST_SKEW_S
from platforms.simulated.state import Offer

if TYPE_CHECKING:
    from platforms.simulated.world import World

T = TypeVar("T")
SLACK = timedelta(seconds=market.TICK_S + k.LATE_UPDATE_S[1] + 2 * MOST_SKEW_S)
"""Stamps are at most so much out of the order in which things happened: a tick's seconds, late ones, a wrong clock."""
available, offers, winner = box.available, box.offers, box.winner
"""Units for sale now; everybody's offers, ours first; who would be featured now (`Item.featured`: who is)."""


def changed(channel: Channel, after: datetime, before: datetime | None = None) -> list[Sale]:
    """Orders with after ≤ updated_at < before, oldest change first. Cheap: it looks at no older ones."""
    found: list[Sale] = []
    for number in reversed(channel.touched):
        sale = channel.sales[number]
        if sale.updated_at < after - SLACK:
            break
        if sale.updated_at >= after and (before is None or sale.updated_at < before):
            found.append(sale)
    return sorted(found, key=lambda sale: (sale.updated_at, sale.number))


def created(channel: Channel, after: datetime, before: datetime | None = None) -> list[Sale]:
    """Orders with after ≤ created_at < before, oldest first. Cheap: it looks at no older ones."""
    found: list[Sale] = []
    for number in reversed(channel.sales):
        sale = channel.sales[number]
        if sale.created_at < after - SLACK:
            break
        if sale.created_at >= after and (before is None or sale.created_at < before):
            found.append(sale)
    return sorted(found, key=lambda sale: (sale.created_at, sale.number))


def items(channel: Channel, keep: Callable[[Item], bool] = lambda item: True) -> list[Item]:
    """Items by number."""
    return [item for item in channel.items.values() if keep(item)]


def stock_changed_at(world: World, item: Item) -> datetime:
    """When the units for sale may have changed last: here, or on another channel that sells from the same shelf."""
    return max(item.updated_at, world.stock[item.sku].own_updated_at)


def charges(channel: Channel, after: datetime, before: datetime | None = None) -> list[Charge]:
    """The statement's lines with after ≤ at < before, oldest first."""
    first = bisect_left(channel.charges, after, key=lambda one: one.at)
    last = len(channel.charges) if before is None else bisect_left(channel.charges, before, key=lambda one: one.at)
    return channel.charges[first:last]


def best_rival(item: Item) -> Offer | None:
    """The lowest landed price of those who sell beside us now; None when we are alone."""
    here = [offer for offer in item.rivals if offer.back_at is None]
    return min(here, key=lambda offer: offer.landed_minor, default=None)


def page(rows: Iterable[T], start: int, size: int) -> tuple[list[T], int]:
    """`size` rows from `start`, and how many there are in all."""
    every = list(rows)
    return every[start : start + size], len(every)
