"""What changes on a channel, and who is owed the news. Vendors' servers print and sign it, `servers.courier` sends."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from platforms.simulated.channels.model import Change, Channel, Delivery

if TYPE_CHECKING:
    from platforms.simulated.world import World

KINDS: Final = {
    "order_created": "a buyer ordered; not yet paid",
    "order_paid": "the payment is sure: it may be shipped",
    "order_acknowledged": "we took note of it",
    "order_shipped": "a parcel left; `status` says whether it was the last",
    "order_delivered": "all parcels are there",
    "order_cancelled": "all or some units will not be sent",
    "return_requested": "a buyer wants to send a line back",
    "return_updated": "approved, declined or received: see `status`",
    "refund_made": "money was paid back",
    "letter_received": "a buyer wrote",
    "price_changed": "our price on an item is live",
    "item_changed": "quantity or status of an item was set",
    "stock_out": "nothing of ours is for sale on an item any more",
    "stock_back": "something is again",
    "box_changed": "another seller, or nobody, is featured",
}


def tell(world: World, channel: Channel, kind: str, now: datetime, **about: Any) -> None:
    """Note the change, and owe it to everybody who listens for its kind. Faults lose, delay, reorder or double it."""
    change = Change(channel.next("change"), kind, now, **about)
    channel.changes.append(change)
    for listener in channel.listeners.values():
        if kind not in listener.kinds:
            continue
        copies = world.faults.deliveries(now, channel.dice["faults"])
        channel.counts["news_lost"] += not copies
        for due in copies:
            owed = Delivery(channel.next("delivery"), listener, change, due)
            channel.owed[owed.number] = owed
