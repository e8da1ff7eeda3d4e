"""One call of a Selling Partner API operation, and the ways to refuse it."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson

from platforms.simulated.servers.base import Servers
from platforms.simulated.simulation import Simulation
from platforms.simulated.wire.offers import MARKETPLACE
from platforms.simulated.wire.text import read_moment
from platforms.simulated.world import World


class SpRefused(Exception):
    """An answer in the vendor's error shape: {"errors": [{code, message, details}]}."""

    def __init__(self, status: int, code: str, message: str, details: str = "") -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.details = status, code, message, details

    def body(self) -> dict[str, Any]:
        return {"errors": [{"code": self.code, "message": self.message, "details": self.details}]}


def invalid(message: str, details: str = "") -> SpRefused:
    return SpRefused(400, "InvalidInput", message, details)


@dataclass(frozen=True, slots=True)
class Call:
    """`path` holds the path's variables, `query` the parameters as sent, `body` the decoded JSON."""

    servers: Servers
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Any

    @property
    def sim(self) -> Simulation:
        return self.servers.sim

    @property
    def world(self) -> World:
        return self.servers.sim.world

    def many(self, name: str) -> list[str]:
        """A comma-separated parameter as a list; empty when it was not sent."""
        return [part for part in self.query.get(name, "").split(",") if part]

    def moment(self, name: str) -> datetime | None:
        text = self.query.get(name)
        if not text:
            return None
        try:
            return read_moment(text)
        except ValueError:
            raise invalid(f"{name} is not an ISO 8601 date: {text}") from None

    def whole(self, name: str, default: int, low: int, high: int) -> int:
        text = self.query.get(name, str(default))
        if not text.isdigit() or not low <= int(text) <= high:
            raise invalid(f"{name} must be a whole number from {low} to {high}: {text}")
        return int(text)

    def here(self, name: str = "marketplaceIds") -> None:
        """Refuse a list of marketplaces none of which this seller sells in."""
        named = self.many(name)
        if named and MARKETPLACE not in named:
            raise invalid(f"{name}: marketplace {named[0]} is unknown or not of this seller")


Handler = Callable[[Call], Any]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation with its usage plan (tokens per second, burst), what answers, and with which status."""

    name: str
    method: str
    path: str
    per_s: float
    burst: float
    handler: Handler
    writes: bool = False
    status: int = 200


def to_token(content: Mapping[str, Any], now: datetime, lives: timedelta) -> str:
    """A pagination token: opaque to the client, all we need to go on."""
    raw = orjson.dumps({**content, "until": (now + lives).isoformat()})
    return base64.urlsafe_b64encode(raw).decode()


def from_token(token: str, now: datetime, name: str) -> dict[str, Any]:
    try:
        content: dict[str, Any] = orjson.loads(base64.urlsafe_b64decode(token))
        until = datetime.fromisoformat(content["until"])
    except (binascii.Error, ValueError, KeyError, TypeError):
        raise invalid(f"{name} is not valid.") from None
    if until < now:
        raise invalid(f"{name} has expired. Start again without it.")
    return content
