"""All that may change a channel from outside. Called through `Simulation.do(name, channel=…, …)`, which journals them.

Arguments are plain (JSON). Who calls has checked them: numbers exist, the channel is open, prices are above zero.
What is over the top is cut down (units that are not open any more, more money than is left), never an error.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from platforms.simulated.channels import box, care, feed, letters, lives, opening
from platforms.simulated.channels import constants as k
from platforms.simulated.channels.model import Channel, Item, Listener
from platforms.simulated.state import Pending, PriceWrite

if TYPE_CHECKING:
    from platforms.simulated.world import World


def _open(world: World, channel: str) -> None:
    """Our account there begins to exist; nothing happens when it does already."""
    if channel not in world.channels:
        world.channels[channel] = opening.channel(world, channel)


def _price(world: World, channel: str, sku: str, price_minor: int, preview: bool = False) -> str:
    """Taken now, live at once or later, or never (a fault). Returns a submission id. A preview is only noted."""
    account = world.channels[channel]
    submission = f"{account.dice['ids'].getrandbits(128):032X}"
    applies = not preview and not world.faults.strikes("not_applied", account.dice["faults"])
    write = PriceWrite(world.now, channel, sku, price_minor, submission, preview, applies)
    world.ledger.writes.append(write)
    if applies and (wait := k.PRICE_APPLIES_AFTER_S[channel]):
        due = world.now + timedelta(seconds=wait)
        account.pending.append(Pending(due, sku, price_minor, write))
        world.agenda.add(due, "channel", f"{channel}|price|0")
    elif applies:
        lives.price_live(world, account, Pending(world.now, sku, price_minor, write))
    return submission


def _quantity(world: World, channel: str, sku: str, quantity: int | None) -> None:
    """How many the channel may show; None = all of our own stock."""
    item = world.channels[channel].by_sku[sku]
    item.shown = quantity
    _item_changed(world, world.channels[channel], item)


def _status(world: World, channel: str, sku: str, status: str) -> None:
    """active or ended."""
    item = world.channels[channel].by_sku[sku]
    item.status = status
    _item_changed(world, world.channels[channel], item)


def _item_changed(world: World, account: Channel, item: Item) -> None:
    item.updated_at = world.now
    feed.tell(world, account, "item_changed", world.now, item=item.number, status=item.status)
    box.settle(world, account, item, world.now)


def _acknowledge(world: World, channel: str, sale: int) -> None:
    account = world.channels[channel]
    found = account.sales[sale]
    if found.acknowledged_at is None:
        found.acknowledged_at = world.now
        lives.changed(world, account, found, "order_acknowledged", world.now)


def _ship(
    world: World,
    channel: str,
    sale: int,
    carrier: str,
    tracking: str,
    lines: Sequence[Sequence[int]] | None = None,
) -> int | None:
    """One parcel with [line number, units] of `lines`, None = all that is open; only of a paid order.

    Returns the parcel's number, None when there was nothing to send.
    """
    account = world.channels[channel]
    found = account.sales[sale]
    if found.status not in ("paid", "part_shipped"):
        return None
    units = [(line.number, line.open) for line in found.lines] if lines is None else [(no, n) for no, n in lines]
    parcel = lives.ship(world, account, found, units, carrier, tracking)
    return parcel.number if parcel else None


def _cancel(world: World, channel: str, sale: int, reason: str, lines: Sequence[Sequence[int]] | None = None) -> None:
    """By us: [line number, units] of `lines`, None = all that is open."""
    account = world.channels[channel]
    found = account.sales[sale]
    units = [(line.number, line.open) for line in found.lines] if lines is None else [(no, n) for no, n in lines]
    lives.cancel(world, account, found, units, "seller", reason)


def _return_answer(world: World, channel: str, number: int, approve: bool) -> None:
    account = world.channels[channel]
    care.answer(world, account, account.returns[number], approve)


def _return_received(world: World, channel: str, number: int) -> None:
    account = world.channels[channel]
    care.receive(world, account, account.returns[number])


def _refund(
    world: World,
    channel: str,
    sale: int,
    amounts: Sequence[Sequence[int]],
    reason: str,
    return_number: int | None = None,
) -> int | None:
    """Pay back [line number, cents], with the return that it settles. The refund's number, None = nothing left."""
    account = world.channels[channel]
    found = account.returns[return_number] if return_number is not None else None
    made = care.refund(world, account, account.sales[sale], [(no, n) for no, n in amounts], reason, found)
    return made.number if made else None


def _message(world: World, channel: str, text: str, thread: int | None = None, sale: int | None = None) -> int:
    """Write into a thread, or to the buyer of an order; returns the letter's number."""
    account = world.channels[channel]
    if thread is not None:
        found = account.threads[thread]
    else:
        assert sale is not None
        found = letters.open_thread(account, account.sales[sale].customer, sale, None, world.now)
    return letters.send(world, account, found, text).number


def _read(world: World, channel: str, thread: int, read: bool = True) -> None:
    """Mark a thread's letters from the buyer as read, or as unread."""
    account = world.channels[channel]
    for number in account.threads[thread].letters:
        if account.letters[number].inbound:
            account.letters[number].read = read


def _listen(
    world: World, channel: str, topic: str, kinds: Sequence[str], url: str, about: dict[str, Any] | None = None
) -> int:
    """Subscribe `url` to changes of `kinds` under the vendor's word `topic`; `about` is the server's to keep."""
    account = world.channels[channel]
    number = account.next("listener")
    account.listeners[number] = Listener(number, topic, tuple(kinds), url, world.now, about or {})
    return number


def _unlisten(world: World, channel: str, number: int) -> None:
    account = world.channels[channel]
    if account.listeners.pop(number, None):
        account.owed = {no: owed for no, owed in account.owed.items() if owed.listener.number != number}


def _delivered(world: World, channel: str, number: int) -> None:
    """The courier is done with a delivery: it arrived, or was given up."""
    world.channels[channel].owed.pop(number, None)


def _keep(world: World, channel: str, key: str, value: Any) -> None:
    """Remember what the vendor's server must not forget (a feed, a report, a campaign); None forgets it."""
    account = world.channels[channel]
    if value is None:
        account.kept.pop(key, None)
    else:
        account.kept[key] = value


COMMANDS: Final[dict[str, Callable[..., Any]]] = {
    "channel_open": _open,
    "channel_price": _price,
    "channel_quantity": _quantity,
    "channel_status": _status,
    "channel_acknowledge": _acknowledge,
    "channel_ship": _ship,
    "channel_cancel": _cancel,
    "channel_return_answer": _return_answer,
    "channel_return_received": _return_received,
    "channel_refund": _refund,
    "channel_message": _message,
    "channel_read": _read,
    "channel_listen": _listen,
    "channel_unlisten": _unlisten,
    "channel_delivered": _delivered,
    "channel_keep": _keep,
}
