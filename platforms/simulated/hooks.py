"""The shop's webhooks: who asked for them, and what is owed to whom."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime
from typing import TYPE_CHECKING

import orjson

from platforms.simulated.state import Hook, HookSubscription, Order
from platforms.simulated.wire import shop_rest

if TYPE_CHECKING:
    from platforms.simulated.world import World


class HookBook:
    """Subscriptions by id, and the deliveries not yet done or given up."""

    def __init__(self) -> None:
        self.subscriptions: dict[str, HookSubscription] = {}
        self.owed: dict[str, Hook] = {}
        self.count = 0

    def subscribe(self, topic: str, url: str, at: datetime) -> HookSubscription:
        self.count += 1
        number = 1_400_000_000_000 + self.count
        made = HookSubscription(f"gid://shopify/WebhookSubscription/{number}", number, topic, url, at)
        self.subscriptions[made.hook_id] = made
        return made


def owe(world: World, order: Order, topic: str, now: datetime) -> None:
    """Note one delivery for everybody who asked for `topic`."""
    wanted = topic.upper().replace("/", "_")
    for subscription in world.hooks.subscriptions.values():
        if subscription.topic == wanted:
            body = orjson.dumps(shop_rest.order(world, order))
            hook = Hook(world.dice.uuid(), topic, subscription.url, body, now)
            world.hooks.owed[hook.webhook_id] = hook


def signature(secret: str, body: bytes) -> str:
    """base64 HMAC-SHA256 of the raw body, as X-Shopify-Hmac-SHA256 carries it."""
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()
