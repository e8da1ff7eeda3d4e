"""Goods that come back, money that is paid back. What we do not answer in time, the channel decides for the buyer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from platforms.simulated import constants as market
from platforms.simulated.channels import constants as k
from platforms.simulated.channels import feed, money
from platforms.simulated.channels.model import Channel, Refund, Return, Sale, SaleLine
from platforms.simulated.dice import between

if TYPE_CHECKING:
    from platforms.simulated.world import World

REASONS: Final = ("no_longer_wanted", "not_as_described", "damaged", "wrong_item", "too_late")


def later(world: World, channel: Channel, step: str, number: int, within_s: tuple[float, float]) -> None:
    """Put one step of this channel on the world's agenda."""
    due = world.now + timedelta(seconds=between(channel.dice["orders"], within_s))
    world.agenda.add(due, "channel", f"{channel.name}|{step}|{number}")


def stamp(world: World, channel: Channel, now: datetime) -> datetime:
    """The moment as the channel writes it down: its clock may be off (a fault)."""
    return now + world.faults.skew(channel.name, world.seed)


def touch(world: World, channel: Channel, sale: Sale, now: datetime) -> None:
    """The order changed: it is the newest now, though its stamp may lie a little back (a fault)."""
    at, dice = stamp(world, channel, now), channel.dice["faults"]
    if world.faults.strikes("late_updates", dice):
        at -= timedelta(seconds=between(dice, k.LATE_UPDATE_S))
    sale.updated_at = max(sale.updated_at, at)
    sale.version += 1
    del channel.touched[sale.number]
    channel.touched[sale.number] = None


def put_back(world: World, channel: Channel, line: SaleLine, units: int, *, on_sale: int, now: datetime) -> None:
    """`units` are on our shelf again; the quantity set on the channel rises by `on_sale`."""
    stock, item = world.stock[line.sku], channel.items[line.item]
    stock.own, stock.own_updated_at = stock.own + units, now
    if item.shown is not None:
        item.shown += on_sale
    item.updated_at = now


def wish_returns(world: World, channel: Channel, sale: Sale) -> None:
    """Draw which delivered lines their buyer will want to send back."""
    for line in sale.lines:
        if line.shipped and channel.dice["orders"].random() < k.RETURN_SHARE:
            later(world, channel, "return", line.number, k.RETURN_ASKED_AFTER_S)
            channel.sale_of_line[line.number] = sale.number


def answer(world: World, channel: Channel, found: Return, approve: bool) -> None:
    """Allow a requested return, or refuse it; later ones are not asked again."""
    if found.status != "requested":
        return
    if approve:
        later(world, channel, "return_arrives", found.number, k.RETURN_TRAVELS_S)
    _move(world, channel, found, "approved" if approve else "declined", world.now)


def receive(world: World, channel: Channel, found: Return) -> None:
    """The goods are here; most can be sold again."""
    if found.status != "approved":
        return
    sale = channel.sales[found.sale]
    line = sale.line(found.line)
    line.returned += found.quantity
    resellable = channel.dice["orders"].random() < market.RESELLABLE_SHARE
    put_back(world, channel, line, found.quantity if resellable else 0, on_sale=0, now=world.now)
    found.received_at = world.now
    later(world, channel, "refund_forced", found.number, (k.REFUND_FORCED_S, k.REFUND_FORCED_S))
    touch(world, channel, sale, world.now)
    _move(world, channel, found, "received", world.now)


def refund(
    world: World,
    channel: Channel,
    sale: Sale,
    amounts: Sequence[tuple[int, int]],
    reason: str,
    found: Return | None = None,
) -> Refund | None:
    """Pay back cents of lines, at most what each has left; None when that is nothing. A return of it is then done."""
    now, paid = world.now, []
    for number, amount in amounts:
        line = sale.line(number)
        amount = min(amount, (line.quantity - line.cancelled) * line.price_minor - line.refunded_minor)
        if amount > 0:
            line.refunded_minor += amount
            money.paid_back(channel, sale, line, amount, now)
            paid.append((number, amount))
    if not paid:
        return None
    made = Refund(channel.next("refund"), sale.number, now, paid, reason, found.number if found else None)
    channel.refunds[made.number] = made
    touch(world, channel, sale, now)
    if found is not None:
        found.refund = made.number
        _move(world, channel, found, "refunded", now)
    feed.tell(
        world, channel, "refund_made", now, sale=sale.number, refund=made.number, status=sale.status,
        version=sale.version,
    )  # fmt: skip
    return made


def _request(world: World, channel: Channel, line_number: int, now: datetime) -> None:
    sale = channel.sales[channel.sale_of_line.pop(line_number)]
    line = sale.line(line_number)
    left = line.shipped * line.price_minor - line.refunded_minor
    if left <= 0:
        return
    reason = channel.dice["orders"].choice(REASONS)
    number = channel.next("return")
    at = stamp(world, channel, now)
    made = Return(number, sale.number, line.number, line.sku, line.shipped, reason, "requested", at, at, left)
    channel.returns[number] = made
    later(world, channel, "return_unanswered", number, (k.RETURN_ANSWERED_S, k.RETURN_ANSWERED_S))
    feed.tell(
        world, channel, "return_requested", now, sale=sale.number, return_number=number, status=made.status,
        version=made.version,
    )  # fmt: skip


def _unanswered(world: World, channel: Channel, number: int, now: datetime) -> None:
    answer(world, channel, channel.returns[number], True)


def _arrives(world: World, channel: Channel, number: int, now: datetime) -> None:
    receive(world, channel, channel.returns[number])


def _forced(world: World, channel: Channel, number: int, now: datetime) -> None:
    found = channel.returns[number]
    if found.status == "received":
        sale = channel.sales[found.sale]
        if refund(world, channel, sale, [(found.line, found.amount_minor)], found.reason, found) is None:
            _move(world, channel, found, "refunded", now)  # it was paid back without the return being named


def _move(world: World, channel: Channel, found: Return, status: str, now: datetime) -> None:
    found.status, found.updated_at = status, max(found.updated_at, stamp(world, channel, now))
    found.version += 1
    feed.tell(
        world, channel, "return_updated", now, sale=found.sale, return_number=found.number, status=status,
        version=found.version,
    )  # fmt: skip


STEPS: Final[dict[str, Callable[[World, Channel, int, datetime], None]]] = {
    "return": _request,
    "return_unanswered": _unanswered,
    "return_arrives": _arrives,
    "refund_forced": _forced,
}
