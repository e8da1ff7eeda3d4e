"""What happens to an order of a channel after it was placed: paid, shipped, delivered, or cancelled.

Our warehouse ships on its own after some hours, as for the other channels, unless a command shipped before.
Every step is one entry of the world's agenda, "channel|step|number".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

from platforms.simulated.channels import box, care, feed, letters, money
from platforms.simulated.channels import constants as k
from platforms.simulated.channels.care import later, put_back, touch
from platforms.simulated.channels.model import Channel, Sale, Shipment
from platforms.simulated.state import Pending

if TYPE_CHECKING:
    from platforms.simulated.world import World

CARRIERS: Final = ("UPS", "USPS", "FedEx")


def step(world: World, what: str, units: int, now: datetime) -> None:
    """Do one due step of the agenda."""
    name, kind, number = what.split("|")
    STEPS[kind](world, world.channels[name], int(number), now)


def begin(world: World, channel: Channel, sale: Sale, now: datetime) -> None:
    """Draw the order's further life."""
    dice = channel.dice["orders"]
    later(world, channel, "pay", sale.number, k.PAID_AFTER_S[channel.name])
    if dice.random() < k.CANCEL_SHARE:
        later(world, channel, "cancel", sale.number, k.CANCEL_AFTER_S)
    later(world, channel, "ship", sale.number, k.SHIP_AFTER_S)
    if dice.random() < k.LETTER_SHARE:
        later(world, channel, "letter", sale.number, k.LETTER_AFTER_S)


def ship(
    world: World, channel: Channel, sale: Sale, lines: Sequence[tuple[int, int]], carrier: str, tracking: str
) -> Shipment | None:
    """Send units of lines, at most what is open of each and in our hands; None when that is nothing."""
    now, sent = world.now, []
    for number, units in lines:
        line = sale.line(number)
        units = min(units, line.open - line.short)
        if units > 0:
            line.shipped += units
            sent.append((number, units))
    if not sent:
        return None
    parcel = Shipment(channel.next("shipment"), now, carrier, tracking, sent)
    sale.shipments.append(parcel)
    sale.status = "part_shipped" if any(line.open for line in sale.lines) else "shipped"
    money.reached(channel, sale, "shipped", now)
    if sale.status == "shipped":
        later(world, channel, "deliver", sale.number, k.DELIVERED_AFTER_S)
    changed(world, channel, sale, "order_shipped", now)
    return parcel


def cancel(world: World, channel: Channel, sale: Sale, lines: Sequence[tuple[int, int]], by: str, reason: str) -> None:
    """Take units of lines out of the order, at most what is open of each; their goods are free again."""
    now, moved = world.now, False
    for number, units in lines:
        line = sale.line(number)
        units = min(units, line.open)
        if units > 0:
            moved = True
            line.cancelled += units
            missing = min(line.short, units)
            line.short -= missing
            put_back(world, channel, line, units - missing, on_sale=units, now=now)
            money.taken_back(channel, sale, line, now)
    if not moved:
        return
    sale.cancelled_at, sale.cancelled_by, sale.cancel_reason = now, by, reason
    if all(line.cancelled == line.quantity for line in sale.lines):
        sale.status = "cancelled"
    elif not any(line.open for line in sale.lines) and sale.status in ("paid", "part_shipped"):
        sale.status = "shipped"
        later(world, channel, "deliver", sale.number, k.DELIVERED_AFTER_S)
    changed(world, channel, sale, "order_cancelled", now)


def changed(world: World, channel: Channel, sale: Sale, kind: str, now: datetime) -> None:
    """Stamp the order and tell."""
    touch(world, channel, sale, now)
    feed.tell(world, channel, kind, now, sale=sale.number, status=sale.status, version=sale.version)


def price_live(world: World, channel: Channel, taken: Pending) -> None:
    """Our price on an item is live from its due time on."""
    item = channel.by_sku[taken.sku]
    taken.write.applied_at = item.priced_at = taken.due
    item.updated_at = world.now
    if item.price_minor != taken.price_minor:
        item.price_minor = taken.price_minor
        feed.tell(world, channel, "price_changed", world.now, item=item.number)
        box.settle(world, channel, item, world.now)


def _prices(world: World, channel: Channel, number: int, now: datetime) -> None:
    due = [taken for taken in channel.pending if taken.due <= now]
    channel.pending = [taken for taken in channel.pending if taken.due > now]
    for taken in due:
        price_live(world, channel, taken)


def _pay(world: World, channel: Channel, number: int, now: datetime) -> None:
    sale = channel.sales[number]
    if sale.status == "pending":
        sale.status, sale.paid_at = "paid", now
        money.reached(channel, sale, "paid", now)
        changed(world, channel, sale, "order_paid", now)


def _cancel(world: World, channel: Channel, number: int, now: datetime) -> None:
    """The buyer's wish; too late when a parcel has left."""
    sale = channel.sales[number]
    if sale.status in ("pending", "paid"):
        every = [(line.number, line.open) for line in sale.lines]
        cancel(world, channel, sale, every, "buyer", "buyer_changed_mind")


def _ship(world: World, channel: Channel, number: int, now: datetime) -> None:
    """Our warehouse: it sends what it has, and cancels what was sold and is not there."""
    sale = channel.sales[number]
    if sale.status == "pending":
        later(world, channel, "ship", number, (3600, 7200))
        return
    if sale.status not in ("paid", "part_shipped"):
        return
    dice = channel.dice["ids"]
    every = [(line.number, line.open) for line in sale.lines]
    missing = [(line.number, line.short) for line in sale.lines if line.short]
    ship(world, channel, sale, every, dice.choice(CARRIERS), f"1Z{dice.randrange(10**13, 10**14)}")
    if missing:
        cancel(world, channel, sale, missing, "seller", "out_of_stock")


def _deliver(world: World, channel: Channel, number: int, now: datetime) -> None:
    sale = channel.sales[number]
    sale.status, sale.delivered_at = "delivered", now
    money.reached(channel, sale, "delivered", now)
    changed(world, channel, sale, "order_delivered", now)
    care.wish_returns(world, channel, sale)


def _payout(world: World, channel: Channel, number: int, now: datetime) -> None:
    money.payout(world, channel, now)


STEPS: Final[dict[str, Callable[[World, Channel, int, datetime], None]]] = {
    "pay": _pay,
    "cancel": _cancel,
    "ship": _ship,
    "deliver": _deliver,
    "payout": _payout,
    "price": _prices,
    **care.STEPS,
    **letters.STEPS,
}
