"""Webhook subscriptions, and webhooks as they go out: signed as the subscription says, else as performance ones are."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import orjson

from platforms.simulated.channels.ids import print_id, read_id
from platforms.simulated.channels.model import Channel, Delivery, Listener
from platforms.simulated.sellers import credential
from platforms.simulated.servers.courier import Printed
from platforms.simulated.servers.walmart.call import Call, Operation, invalid, missing
from platforms.simulated.servers.walmart.credentials import HOOK_SECRET, SHIP_NODE
from platforms.simulated.state import WALMART
from platforms.simulated.wire import walmart_news
from platforms.simulated.world import World

API: Final = "NOTIFICATION"
KINDS: Final[Mapping[str, tuple[str, str, tuple[str, ...]]]] = {
    "PO_CREATED": ("ORDER", "A new purchase order was created", ("order_paid",)),
    "PO_LINE_AUTOCANCELLED": ("ORDER", "Lines of a purchase order were cancelled", ("order_cancelled",)),
    "BUY_BOX_CHANGED": ("PRICE", "The Buy Box changed hands", ("box_changed",)),
    "INVENTORY_OOS": ("INVENTORY", "Nothing is left to sell", ("stock_out",)),
    "RETURN_CREATED": ("ReturnsAndRefunds", "A return was opened", ("return_requested",)),
    "RETURN_DELIVERED": ("ReturnsAndRefunds", "Returned goods arrived", ("return_updated",)),
    "RETURN_INVOICED": ("ReturnsAndRefunds", "A refund was issued", ("refund_made",)),
}
"""By event type: its resource, what it says, and the world's kinds of change that it stands for."""
HMAC: Final = "HMAC"


def subscribe(call: Call) -> Any:
    """All or none. Of the ways to sign, HMAC is played; without authDetails WM_SEC.SIGNATURE is sent."""
    wanted = call.body.get("events", [])
    for one in wanted:
        if one["eventType"] not in KINDS or one["resourceName"] != KINDS[one["eventType"]][0]:
            raise invalid(API, f"No event {one['eventType']} of resource {one['resourceName']}", "eventType")
        auth = one.get("authDetails")
        if auth and not (auth.get("authMethod") == HMAC and auth.get("authHeaderName") and auth.get("clientSecret")):
            raise invalid(
                API, "authDetails: only HMAC is known here, with a header's name and a secret", "authDetails.authMethod"
            )
    made = []
    for one in wanted:
        about = {"authDetails": one.get("authDetails") or {}, "status": one["status"]}
        kinds = list(KINDS[one["eventType"]][2]) if one["status"] == "ACTIVE" else []
        number = call.do("channel_listen", topic=one["eventType"], kinds=kinds, url=one["eventUrl"], about=about)
        made.append(_told(call.channel.listeners[number], call.channel.seller_id))
    return {"event": made}


def every(call: Call) -> Any:
    wanted = call.query.get("eventType")
    found = [x for x in call.channel.listeners.values() if wanted in (None, x.topic)]
    return {"events": [{"event": [_told(x, call.channel.seller_id) for x in found]}]}


def remove(call: Call) -> Any:
    number = read_id(WALMART, "listener", call.path["subscriptionId"])
    if number not in call.channel.listeners:
        raise missing(API, f"No subscription {call.path['subscriptionId']}", "subscriptionId")
    call.do("channel_unlisten", number=number)
    return {"subscriptionId": call.path["subscriptionId"], "message": "Successfully deleted subscription"}


def types(call: Call) -> Any:
    return {
        "eventTypes": [
            {"resourceName": resource, "eventType": name, "eventVersion": "V1", "description": text}
            for name, (resource, text, _) in KINDS.items()
        ]
    }


def _told(listener: Listener, partner: str) -> dict[str, Any]:
    """Secrets are not told again."""
    return {
        "eventType": listener.topic,
        "subscriptionId": print_id(WALMART, "listener", listener.number),
        "partnerId": partner,
        "eventVersion": "V1",
        "resourceName": KINDS[listener.topic][0],
        "status": listener.about["status"],
        "eventUrl": listener.url,
    }


def print_webhook(world: World, channel: Channel, delivery: Delivery) -> Printed | None:
    listener = delivery.listener
    told = walmart_news.body(world, channel, delivery.change, listener.topic, partner=channel.seller_id, node=SHIP_NODE)
    if told is None:
        return None
    body = orjson.dumps(told)
    auth = listener.about["authDetails"]
    headers = {"Content-Type": "application/json"}
    if auth:
        headers[auth["authHeaderName"]] = _base64(auth["clientSecret"], body)
    else:
        stamp = str(int(world.now.timestamp()))
        target = urlsplit(listener.url)
        path = (target.path or "/") + (f"?{target.query}" if target.query else "")
        signed = f"POST\n{path}\n{stamp}\n{hashlib.sha256(body).hexdigest()}"
        headers |= {
            "WM_SEC.TIMESTAMP": stamp,
            "WM_SEC.SIGNATURE": _base64(credential(HOOK_SECRET, channel.seller), signed.encode()),
        }
    return Printed(body, headers)


def _base64(secret: str, signed: bytes) -> str:
    return base64.b64encode(hmac.new(secret.encode(), signed, hashlib.sha256).digest()).decode()


OPERATIONS: Final = (
    Operation("createSubscription", "POST", "/v3/webhooks/subscriptions", API, 1, 20, subscribe, writes=True),
    Operation("getAllSubscriptions", "GET", "/v3/webhooks/subscriptions", API, 1, 20, every),
    Operation("deleteSubscription", "DELETE", "/v3/webhooks/subscriptions/{subscriptionId}", API, 1, 20, remove, True),
    Operation("getEventTypes", "GET", "/v3/webhooks/eventTypes", API, 1, 20, types),
)
