"""What Walmart's webhooks say. The payloads are not published: these follow the records of the same things."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from platforms.simulated.channels.ids import event_id, print_id
from platforms.simulated.channels.model import Change, Channel
from platforms.simulated.state import WALMART
from platforms.simulated.wire import walmart, walmart_goods
from platforms.simulated.wire.text import moment
from platforms.simulated.world import World

Payload = Callable[[World, Channel, Change, str], dict[str, Any] | None]


def body(world: World, channel: Channel, change: Change, topic: str, *, partner: str, node: str) -> Any:
    """The whole webhook; None where this change is nothing for the topic."""
    told = PAYLOADS[topic](world, channel, change, node)
    if told is None:
        return None
    source = {
        "eventType": topic,
        "eventTime": moment(change.at),
        "eventId": event_id(WALMART, world.seed, change.number),
    }
    return {"source": source, "payload": {"partnerId": partner, **told}}


def _order(world: World, channel: Channel, change: Change, node: str) -> dict[str, Any] | None:
    if change.sale is None:
        return None
    return walmart.as_created(world, channel.sales[change.sale], change.at, node=node)


def _order_id(world: World, channel: Channel, change: Change, node: str) -> dict[str, Any] | None:
    return None if change.sale is None else {"purchaseOrderId": print_id(WALMART, "sale", change.sale)}


def _return_id(world: World, channel: Channel, change: Change, node: str) -> dict[str, Any] | None:
    return (
        None if change.return_number is None else {"returnOrderId": print_id(WALMART, "return", change.return_number)}
    )


def _received(world: World, channel: Channel, change: Change, node: str) -> dict[str, Any] | None:
    return _return_id(world, channel, change, node) if change.status == "received" else None


def _sku(world: World, channel: Channel, change: Change, node: str) -> dict[str, Any] | None:
    if change.item is None:
        return None
    return {"sku": channel.items[change.item].sku, "itemId": print_id(WALMART, "item", change.item)}


def _box(world: World, channel: Channel, change: Change, node: str) -> dict[str, Any] | None:
    """Prices are those of the moment it is printed: a late copy tells the newest."""
    if change.item is None:
        return None
    item = channel.items[change.item]
    told = walmart_goods.box(world, channel, item)
    return {
        "sku": item.sku,
        "itemId": print_id(WALMART, "item", item.number),
        "sellerItemPrice": item.price_minor / 100,
        "sellerShipPrice": 0,
        "isSellerBuyBoxWinner": told["ours"],
        "buyBoxItemPrice": None if told["price"] is None else told["price"] / 100,
        "buyBoxShipPrice": None if told["shipping"] is None else told["shipping"] / 100,
    }


PAYLOADS: Final[Mapping[str, Payload]] = {
    "PO_CREATED": _order,
    "PO_LINE_AUTOCANCELLED": _order_id,
    "BUY_BOX_CHANGED": _box,
    "INVENTORY_OOS": _sku,
    "RETURN_CREATED": _return_id,
    "RETURN_DELIVERED": _received,
    "RETURN_INVOICED": _return_id,
}
