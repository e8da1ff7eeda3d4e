"""What a vendor's server asks of a channel: windows over orders, items, pages of things. Nothing changes here."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from platforms.simulated import constants as market
from platforms.simulated.channels import box
from platforms.simulated.channels.model import Channel, Charge, Item, Sale
from platforms.simulated.state import Offer

if TYPE_CHECKING:
    from platforms.simulated.world import World

T = TypeVar("T")
available, offers, winner = box.available, box.offers, box.winner
"""Units for sale now; everybody's offers, ours first; who would be featured now (`Item.featured`: who is)."""


def changed(channel: Channel, after: datetime, before: datetime | None = None) -> list[Sale]:
    """Orders with after ≤ updated_at < before, oldest change first. Cheap: it looks at no older ones."""
    found: list[Sale] = []
    for number in reversed(channel.touched):
        sale = channel.sales[number]
        if sale.updated_at < after:
            break
        if before is None or sale.updated_at < before:
            found.append(sale)
    return found[::-1]


def created(channel: Channel, after: datetime, before: datetime | None = None) -> list[Sale]:
    """Orders with after ≤ created_at < before, oldest first. Cheap: it looks at no older ones."""
    found: list[Sale] = []
    slack = timedelta(seconds=market.TICK_S)  # within one tick orders are numbered before their seconds are drawn
    for number in reversed(channel.sales):
        sale = channel.sales[number]
        if sale.created_at < after - slack:
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
    return [one for one in channel.charges if one.at >= after and (before is None or one.at < before)]


def best_rival(item: Item) -> Offer | None:
    """The lowest landed price of those who sell beside us now; None when we are alone."""
    here = [offer for offer in item.rivals if offer.back_at is None]
    return min(here, key=lambda offer: offer.landed_minor, default=None)


def page(rows: Iterable[T], start: int, size: int) -> tuple[list[T], int]:
    """`size` rows from `start`, and how many there are in all."""
    every = list(rows)
    return every[start : start + size], len(every)
