"""Webhooks of the further channels on their way: printed and signed by the vendor's own printer, tried a few times."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import httpx

from ecom_agent.telemetry import log
from platforms.simulated.channels.model import Channel, Delivery
from platforms.simulated.servers.base import Servers
from platforms.simulated.world import World

_log = log("simulated.webhooks")
TRIES = 8
TIMEOUT_S = 5.0
LOOK_EVERY_S = 0.25


@dataclass(frozen=True, slots=True)
class Printed:
    """One webhook as it goes out. `headers` carry the vendor's signature over `body`."""

    body: bytes
    headers: Mapping[str, str]
    method: str = "POST"


Printer = Callable[[World, Channel, Delivery], Printed | None]
"""A vendor's: prints and signs; None = this change has no webhook there, it is dropped."""


class ChannelCourier:
    """Knows only which tries lie behind; what is owed stands in the world and survives a crash."""

    def __init__(self, servers: Servers, client: httpx.AsyncClient) -> None:
        self._servers, self._client = servers, client
        self._tries: dict[tuple[str, int], tuple[int, float]] = {}  # delivery → tries done, not before

    async def round(self) -> int:
        """Try what is due once; returns how many deliveries are owed still."""
        sim, owed = self._servers.sim, 0
        for channel in list(sim.world.channels.values()):
            for delivery in list(channel.owed.values()):
                if delivery.due <= sim.now():
                    await self._one(channel, delivery)
            owed += len(channel.owed)
        return owed

    async def _one(self, channel: Channel, delivery: Delivery) -> None:
        key = (channel.name, delivery.number)
        tries, not_before = self._tries.get(key, (0, 0.0))
        if time.monotonic() < not_before:
            return
        if await self._send(channel, delivery) or tries + 1 >= TRIES:
            self._tries.pop(key, None)
            self._servers.sim.do("channel_delivered", channel=channel.name, number=delivery.number)
        else:
            self._tries[key] = (tries + 1, time.monotonic() + 2.0**tries)

    async def _send(self, channel: Channel, delivery: Delivery) -> bool:
        printer = self._servers.printers.get(channel.name)
        printed = printer(self._servers.sim.world, channel, delivery) if printer else None
        if printed is None:
            return True
        try:
            answer = await self._client.request(
                printed.method, delivery.listener.url, content=printed.body, headers=dict(printed.headers)
            )
            if self._servers.faults.strikes("forged_webhooks"):
                await self._client.request(
                    printed.method, delivery.listener.url, content=forged(printed.body), headers=dict(printed.headers)
                )
        except httpx.HTTPError:
            return False
        return answer.is_success


def forged(body: bytes) -> bytes:
    """The body with something added, so that no signature over it fits any more."""
    return body.rstrip()[:-1] + b',"forged":true}' if body.rstrip().endswith(b"}") else body + b" "


async def run(servers: Servers) -> None:
    """Until cancelled."""
    async with httpx.AsyncClient(timeout=TIMEOUT_S) as client:
        courier = ChannelCourier(servers, client)
        while True:
            try:
                await courier.round()
            except OSError as e:
                _log.error("webhook delivery cannot be noted", reason=str(e))
            await asyncio.sleep(LOOK_EVERY_S)
