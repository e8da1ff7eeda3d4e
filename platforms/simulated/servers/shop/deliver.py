"""The shop's webhooks on their way: POSTed, signed, tried again a few times, then given up."""

from __future__ import annotations

from functools import partial

import httpx

from platforms.simulated import credentials as demo
from platforms.simulated.hooks import signature
from platforms.simulated.servers import courier
from platforms.simulated.servers.base import Servers
from platforms.simulated.servers.courier import Tries
from platforms.simulated.servers.shop import VERSION, shop_of
from platforms.simulated.state import Hook
from platforms.simulated.wire.text import moment


class Courier:
    """Brings what the shop owes."""

    def __init__(self, servers: Servers, client: httpx.AsyncClient) -> None:
        self._servers, self._client, self._tries = servers, client, Tries()

    async def round(self) -> int:
        """Try what is due once; returns how many are owed still."""
        owed = self._servers.sim.world.hooks.owed
        for hook in list(owed.values()):
            if await self._tries.one(hook.webhook_id, partial(self._send, hook)):
                self._servers.sim.do("hook_done", webhook_id=hook.webhook_id)
        return len(owed)

    async def _send(self, hook: Hook) -> bool:
        headers = {
            "Content-Type": "application/json",
            "X-Shopify-Topic": hook.topic,
            "X-Shopify-Hmac-SHA256": signature(self._servers.mine(demo.SHOP_SECRET), hook.body),
            "X-Shopify-Shop-Domain": shop_of(self._servers),
            "X-Shopify-API-Version": VERSION,
            "X-Shopify-Webhook-Id": hook.webhook_id,
            "X-Shopify-Event-Id": hook.webhook_id,
            "X-Shopify-Triggered-At": moment(hook.at),
        }
        copies = 2 if self._servers.faults.strikes("duplicate_events") else 1
        try:
            answers = [await self._client.post(hook.url, content=hook.body, headers=headers) for _ in range(copies)]
        except httpx.HTTPError:
            return False
        return all(answer.is_success for answer in answers)


async def run(servers: Servers) -> None:
    """Until cancelled."""
    await courier.run(servers, Courier)
