"""Webhooks: one address for each event, and what goes there, signed."""

from __future__ import annotations

from typing import Any, Final

import orjson

from platforms.simulated.channels.ids import print_id
from platforms.simulated.channels.model import Channel, Delivery
from platforms.simulated.sellers import credential
from platforms.simulated.servers.courier import Printed
from platforms.simulated.servers.tiktok import identity
from platforms.simulated.servers.tiktok.call import Call, Operation, invalid
from platforms.simulated.state import TIKTOK
from platforms.simulated.wire import tiktok
from platforms.simulated.world import World

EVENTS: Final[dict[str, tuple[int, tuple[str, ...]]]] = {
    "ORDER_STATUS_CHANGE": (
        1, ("order_created", "order_paid", "order_shipped", "order_delivered", "order_cancelled"),
    ),
    "CANCELLATION_STATUS_CHANGE": (11, ("order_cancelled",)),
    "RETURN_STATUS_CHANGE": (12, ("return_requested", "return_updated")),
    "NEW_MESSAGE": (14, ("letter_received",)),
    "PRODUCT_INFORMATION_CHANGE": (15, ("item_changed", "price_changed")),
}  # fmt: skip
"""TikTok's number and our kinds; its other events can be asked for and never come."""
_NOTICES_FROM: Final = 7_327_112_393_057_000_000


def _list(call: Call) -> dict[str, Any]:
    rows = [
        {
            "event_type": one.topic,
            "address": one.url,
            "create_time": tiktok.unix(one.created_at),
            "update_time": tiktok.unix(one.created_at),
        }
        for one in call.channel.listeners.values()
    ]
    return {"webhooks": rows, "total_count": len(rows)}


def _update(call: Call) -> dict[str, Any]:
    """A second address for an event takes the place of the first."""
    topic, url = _topic(call), str(call.body.get("address", ""))
    if not url.startswith(("http://", "https://")) or len(url) > 255:
        raise invalid("address must be an HTTP or HTTPS URL of at most 255 characters")
    _forget(call, topic)
    kinds = list(EVENTS[topic][1]) if topic in EVENTS else []
    call.servers.sim.do("channel_listen", channel=TIKTOK, topic=topic, kinds=kinds, url=url)
    return {}


def _delete(call: Call) -> dict[str, Any]:
    _forget(call, _topic(call))
    return {}


def _topic(call: Call) -> str:
    topic = call.body.get("event_type")
    if not isinstance(topic, str) or not topic:
        raise invalid("event_type")
    return topic


def _forget(call: Call, topic: str) -> None:
    for number in [one.number for one in call.channel.listeners.values() if one.topic == topic]:
        call.servers.sim.do("channel_unlisten", channel=TIKTOK, number=number)


def print_webhook(world: World, channel: Channel, delivery: Delivery) -> Printed | None:
    """Every copy of one change is the same, byte for byte."""
    if delivery.listener.topic not in EVENTS:
        return None
    change, kind = delivery.change, EVENTS[delivery.listener.topic][0]
    body = orjson.dumps(
        {
            "type": kind,
            "tts_notification_id": str(_NOTICES_FROM + 100 * change.number + kind),
            "shop_id": channel.seller_id,
            "timestamp": tiktok.unix(change.at),
            "data": _data(channel, delivery),
        }
    )
    return Printed(
        body,
        {
            "Content-Type": "application/json",
            "Authorization": identity.sign_webhook(
                body, credential(identity.APP_KEY, channel.seller), credential(identity.APP_SECRET, channel.seller)
            ),
        },
    )


def _data(channel: Channel, delivery: Delivery) -> dict[str, Any]:
    change, topic, at = delivery.change, delivery.listener.topic, tiktok.unix(delivery.change.at)
    order = {"order_id": print_id(TIKTOK, "sale", change.sale)} if change.sale else {}
    if topic == "ORDER_STATUS_CHANGE":
        status = tiktok.STATUS[change.status or "pending"]
        return {**order, "order_status": status, "is_on_hold_order": False, "update_time": at}
    if topic == "CANCELLATION_STATUS_CHANGE":
        return {**order, "cancel_status": "CANCELLATION_REQUEST_COMPLETE", "create_time": at}
    if topic == "RETURN_STATUS_CHANGE" and change.return_number is not None:
        return {
            **order,
            "return_id": print_id(TIKTOK, "return", change.return_number),
            "return_role": "BUYER",
            "return_type": "RETURN_AND_REFUND",
            "return_status": tiktok.RETURN_STATUS[change.status or "requested"],
            "update_time": at,
        }
    if topic == "NEW_MESSAGE" and change.letter is not None and change.thread is not None:
        told = tiktok.letter(channel, channel.letters[change.letter])
        shown = {name: told[name] for name in ("type", "content", "create_time", "is_visible", "index", "sender")}
        shown["sender"] = {name: told["sender"][name] for name in ("im_user_id", "role")}
        return {"message_id": told["id"], "conversation_id": print_id(TIKTOK, "thread", change.thread), **shown}
    product = print_id(TIKTOK, "item", change.item) if change.item else ""
    return {"product_id": product, "changed_fields": [change.kind], "update_time": at}


OPERATIONS: tuple[Operation, ...] = (
    Operation("getShopWebhooks", "GET", "/event/202309/webhooks", _list),
    Operation("updateShopWebhook", "PUT", "/event/202309/webhooks", _update, writes=True),
    Operation("deleteWebhookForAnEvent", "DELETE", "/event/202309/webhooks", _delete, writes=True),
)
