"""The shop's webhooks on their way: POSTed, signed, tried again a few times, then given up."""

from __future__ import annotations

import asyncio
import time

import httpx

from ecom_agent.telemetry import log
from platforms.simulated import credentials as demo
from platforms.simulated.hooks import signature
from platforms.simulated.servers.base import Servers
from platforms.simulated.servers.shop import VERSION, shop_of
from platforms.simulated.state import Hook
from platforms.simulated.wire.text import moment

_log = log("simulated.webhooks")
TRIES = 8
TIMEOUT_S = 5.0  # the real shop waits as long
LOOK_EVERY_S = 0.25


class Courier:
    """Knows only which tries lie behind; what is owed stands in the world and survives a crash."""

    def __init__(self, servers: Servers, client: httpx.AsyncClient) -> None:
        self._servers, self._client = servers, client
        self._tries: dict[str, tuple[int, float]] = {}  # webhook id → tries done, not before

    async def round(self) -> int:
        """Try what is due once; returns how many are owed still."""
        owed = self._servers.sim.world.hooks.owed
        for hook in list(owed.values()):
            tries, not_before = self._tries.get(hook.webhook_id, (0, 0.0))
            if time.monotonic() < not_before:
                continue
            if await self._send(hook) or tries + 1 >= TRIES:
                self._tries.pop(hook.webhook_id, None)
                self._servers.sim.do("hook_done", webhook_id=hook.webhook_id)
            else:
                self._tries[hook.webhook_id] = (tries + 1, time.monotonic() + 2.0**tries)
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
    async with httpx.AsyncClient(timeout=TIMEOUT_S) as client:
        courier = Courier(servers, client)
        while True:
            try:
                await courier.round()
            except OSError as e:
                _log.error("webhook delivery cannot be noted", reason=str(e))
            await asyncio.sleep(LOOK_EVERY_S)
