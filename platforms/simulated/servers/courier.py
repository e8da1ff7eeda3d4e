"""Webhooks of the further channels on their way: printed and signed by the vendor's own printer, tried a few times."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Protocol

import httpx

from ecom_agent.telemetry import log
from platforms.simulated.channels.model import Channel, Delivery
from platforms.simulated.servers.base import Servers
from platforms.simulated.world import World

_log = log("simulated.webhooks")
TRIES = 8
TIMEOUT_S = 5.0  # the real shop waits as long
LOOK_EVERY_S = 0.25


@dataclass(frozen=True, slots=True)
class Printed:
    """One webhook as it goes out. `headers` carry the vendor's signature over `body`."""

    body: bytes
    headers: Mapping[str, str]
    method: str = "POST"


Printer = Callable[[World, Channel, Delivery], Printed | None]
"""A vendor's: prints and signs; None = this change has no webhook there, it is dropped."""


class Tries:
    """Which tries lie behind, and when the next is due. What is owed stands in the world and survives a crash."""

    def __init__(self) -> None:
        self._behind: dict[Hashable, tuple[int, float]] = {}  # what → tries done, not before

    async def one(self, what: Hashable, send: Callable[[], Awaitable[bool]]) -> bool:
        """Send if it is due; whether it is over: it arrived, or was tried too often."""
        tries, not_before = self._behind.get(what, (0, 0.0))
        if time.monotonic() < not_before:
            return False
        if await send() or tries + 1 >= TRIES:
            self._behind.pop(what, None)
            return True
        self._behind[what] = (tries + 1, time.monotonic() + 2.0**tries)
        return False


class ChannelCourier:
    """Brings what the further channels owe."""

    def __init__(self, servers: Servers, client: httpx.AsyncClient) -> None:
        self._servers, self._client, self._tries = servers, client, Tries()

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
        if await self._tries.one((channel.name, delivery.number), lambda: self._send(channel, delivery)):
            self._servers.sim.do("channel_delivered", channel=channel.name, number=delivery.number)

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


class Rounds(Protocol):
    async def round(self) -> int:
        """Try what is due once; returns how many deliveries are owed still."""
        ...


async def run(servers: Servers, make: Callable[[Servers, httpx.AsyncClient], Rounds] = ChannelCourier) -> None:
    """Round after round, until cancelled."""
    async with httpx.AsyncClient(timeout=TIMEOUT_S) as client:
        courier = make(servers, client)
        while True:
            try:
                await courier.round()
            except OSError as e:
                _log.error("webhook delivery cannot be noted", reason=str(e))
            await asyncio.sleep(LOOK_EVERY_S)
