"""Who is told of what happens: one address of a seller's for all that a vendor sends webhooks about."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from platforms.simulated.servers.base import Servers
from platforms.simulated.servers.tiktok import events as tiktok
from platforms.simulated.servers.walmart import hooks as walmart
from platforms.simulated.state import EBAY, SHOPIFY, TIKTOK, WALMART
from platforms.simulated.wire import ebay_news

_SHOP_TOPICS: Final = ("ORDERS_CREATE", "ORDERS_UPDATED", "ORDERS_CANCELLED", "ORDERS_PAID", "ORDERS_FULFILLED")
_Topics = Mapping[str, tuple[str, ...]]
_CHANNELS: Final[Mapping[str, tuple[Callable[[], _Topics], dict[str, Any]]]] = {
    EBAY: (lambda: ebay_news.KINDS, {"destinationId": "dest-1"}),
    WALMART: (lambda: {name: told[2] for name, told in walmart.KINDS.items()}, {"authDetails": {}, "status": "ACTIVE"}),
    TIKTOK: (lambda: {name: told[1] for name, told in tiktok.EVENTS.items()}, {}),
}
"""The world's kinds of change by the vendor's topic, and what the vendor's server keeps of a subscription."""
NAMES: Final = (SHOPIFY, *_CHANNELS)


def listen(servers: Servers, channel: str, url: str) -> None:
    """All that this channel has webhooks for goes to `url` from now on, and nowhere else. Its account must be open."""
    if channel == SHOPIFY:
        for hook_id in list(servers.sim.world.hooks.subscriptions):
            servers.sim.do("hook_unsubscribe", hook_id=hook_id)
        for topic in _SHOP_TOPICS:
            servers.sim.do("hook_subscribe", topic=topic, url=url)
        return
    topics, about = _CHANNELS[channel]
    for number in list(servers.channel(channel).listeners):
        servers.sim.do("channel_unlisten", channel=channel, number=number)
    for topic, kinds in topics().items():
        servers.sim.do("channel_listen", channel=channel, topic=topic, kinds=list(kinds), url=url, about=about)


def due(servers: Servers) -> int:
    """Webhooks that are on their way now; those of a later moment are not among them."""
    world, now = servers.sim.world, servers.sim.now()
    owed = (delivery for channel in world.channels.values() for delivery in channel.owed.values())
    return len(world.hooks.owed) + sum(delivery.due <= now for delivery in owed)
