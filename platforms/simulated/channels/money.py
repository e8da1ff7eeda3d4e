"""A channel's statement: sales and their fees, what was paid back, and the payouts that settle them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from platforms.simulated.channels import constants as k
from platforms.simulated.channels.model import Channel, Charge, Sale, SaleLine

if TYPE_CHECKING:
    from platforms.simulated.world import World


def first_payout(world: World, channel: Channel) -> None:
    due = world.now + timedelta(seconds=k.PAYOUT_EVERY_S[channel.name])
    world.agenda.add(due, "channel", f"{channel.name}|payout|0")


def fee(channel: Channel, amount_minor: int) -> int:
    """The channel's share of what a buyer paid, rounded half up."""
    return (amount_minor * k.FEE_BP[channel.name] + 5000) // 10000


def reached(channel: Channel, sale: Sale, moment: str, now: datetime) -> None:
    """Put what has come to `moment` (paid, shipped, delivered) on the statement, where the channel charges then."""
    if k.CHARGED_WHEN[channel.name] != moment:
        return
    for line in sale.lines:
        units = line.quantity - line.cancelled if moment == "paid" else line.shipped
        amount = units * line.price_minor - line.charged_minor
        if amount > 0:
            line.charged_minor += amount
            _post(channel, now, "sale", amount, sale, line)
            _post(channel, now, "fee", -fee(channel, amount), sale, line)
    if not sale.shipping_charged and any(line.charged_minor for line in sale.lines):
        sale.shipping_charged = True
        if sale.shipping_minor:
            _post(channel, now, "shipping", sale.shipping_minor, sale, None)
        extra = fee(channel, sale.shipping_minor) + k.FEE_FIX_MINOR[channel.name]
        if extra:
            _post(channel, now, "fee", -extra, sale, None)


def paid_back(channel: Channel, sale: Sale, line: SaleLine, amount_minor: int, now: datetime) -> None:
    """A refund, and the channel's share of it."""
    _post(channel, now, "refund", -amount_minor, sale, line)
    _post(channel, now, "fee_refund", fee(channel, amount_minor), sale, line)


def taken_back(channel: Channel, sale: Sale, line: SaleLine, now: datetime) -> None:
    """Units were cancelled that are on the statement already. What was refunded of them before is not paid twice."""
    left = (line.quantity - line.cancelled) * line.price_minor
    over = line.charged_minor - left
    if over > 0:
        line.charged_minor -= over
        owed = over - min(over, max(0, line.refunded_minor - left))
        if owed:
            paid_back(channel, sale, line, owed, now)


def payout(world: World, channel: Channel, now: datetime) -> None:
    """Send all that is open, when it is ours to have; a negative sum waits for the next time."""
    open_charges = [charge for charge in channel.charges[channel.counts["settled"] :] if charge.payout is None]
    total = sum(charge.amount_minor for charge in open_charges)
    if total > 0:
        made = Charge(channel.next("charge"), now, "payout", -total, None, None, None)
        for charge in [*open_charges, made]:
            charge.payout = made.number
        channel.charges.append(made)
        channel.counts["settled"] = len(channel.charges)
    due = now + timedelta(seconds=k.PAYOUT_EVERY_S[channel.name])
    world.agenda.add(due, "channel", f"{channel.name}|payout|0")


def _post(channel: Channel, now: datetime, kind: str, amount_minor: int, sale: Sale, line: SaleLine | None) -> None:
    sku, number = (line.sku, line.number) if line else (None, None)
    channel.charges.append(Charge(channel.next("charge"), now, kind, amount_minor, sale.number, number, sku))
