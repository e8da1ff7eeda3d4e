"""One call of a Marketplace operation, the ways to refuse it, and positions in lists that page by place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from platforms.simulated.channels.model import Channel
from platforms.simulated.servers.base import Servers
from platforms.simulated.state import WALMART
from platforms.simulated.wire.text import read_moment
from platforms.simulated.world import World


class WalmartRefused(Exception):
    """An answer in the vendor's error shape: {"errors": [{code, field, description, info, severity, category}]}."""

    def __init__(self, status: int, code: str, description: str, field: str = "", category: str = "DATA") -> None:
        super().__init__(description)
        self.status, self.code, self.description = status, code, description
        self.field, self.category = field, category

    def body(self) -> dict[str, Any]:
        error = {
            "code": self.code,
            "field": self.field,
            "description": self.description,
            "info": self.description,
            "severity": "ERROR",
            "category": self.category,
            "causes": [],
            "errorIdentifiers": {},
        }
        return {"errors": [error]}


def invalid(api: str, description: str, field: str = "") -> WalmartRefused:
    return WalmartRefused(400, f"INVALID_REQUEST_PARAM.GMP_{api}_API", description, field)


def missing(api: str, description: str, field: str = "") -> WalmartRefused:
    return WalmartRefused(404, f"CONTENT_NOT_FOUND.GMP_{api}_API", description, field)


@dataclass(frozen=True, slots=True)
class Call:
    """`path` holds the path's variables, `query` the parameters as sent, `body` the decoded JSON."""

    servers: Servers
    api: str
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Any

    @property
    def world(self) -> World:
        return self.servers.sim.world

    @property
    def now(self) -> datetime:
        return self.servers.sim.now()

    @property
    def channel(self) -> Channel:
        return self.servers.channel(WALMART)

    def do(self, command: str, **args: Any) -> Any:
        return self.servers.sim.do(command, channel=WALMART, **args)

    def forget(self, prefix: str, after: timedelta) -> int:
        """Drop what was kept under `prefix` longer ago than `after`; gives how much is left."""
        kept = {key: read_moment(v["at"]) for key, v in self.channel.kept.items() if key.startswith(prefix)}
        for key in [key for key, at in kept.items() if self.now - at > after]:
            self.do("channel_keep", key=key, value=None)
            del kept[key]
        return len(kept)

    def moment(self, name: str, default: datetime | None = None) -> datetime | None:
        text = self.query.get(name)
        if not text:
            return default
        try:
            return read_moment(text)
        except ValueError:
            raise invalid(self.api, f"{name} is not an ISO 8601 date", name) from None

    def whole(self, name: str, default: int, low: int, high: int) -> int:
        text = self.query.get(name, str(default))
        if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
            raise invalid(self.api, f"{name} must be a whole number from {low} to {high}", name)
        return int(text)


Handler = Callable[[Call], Any]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation with its rate (tokens per second, burst) and what answers.

    `api` is the word in its error codes. `cursor` names the parameters of its own positions: no contract declares them.
    """

    name: str
    method: str
    path: str
    api: str
    per_s: float
    burst: float
    handler: Handler
    writes: bool = False
    cursor: frozenset[str] = frozenset()
    feed_type: str | None = None
    """Feeds share a path: the query says which one it is."""


POSITION: Final = frozenset({"hasMoreElements", "soIndex", "poIndex", "partnerId", "sellerId", "offset"})


def cursor_of(query: Mapping[str, str], **place: str) -> str:
    """A `nextCursor`: the whole query again, with the place in it."""
    return "?" + urlencode({**query, **place})
