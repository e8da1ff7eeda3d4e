"""One call of an Amazon Ads operation, and the ways to refuse it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from platforms.simulated.ads.model import Ads
from platforms.simulated.servers.base import Servers


class AdsRefused(Exception):
    """An answer in the vendor's error shapes: {code, message}, of reports {code, detail}."""

    def __init__(self, status: int, code: str, message: str, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.retry_after_s = status, code, message, retry_after_s

    def body(self, *, reporting: bool) -> dict[str, Any]:
        if reporting:
            return {"code": str(self.status), "detail": self.message}
        return {"code": self.code, "message": self.message}


def invalid(message: str) -> AdsRefused:
    return AdsRefused(400, "INVALID_ARGUMENT", message)


@dataclass(frozen=True, slots=True)
class Call:
    """`path` holds the path's variables, `body` the decoded JSON."""

    servers: Servers
    path: Mapping[str, str]
    body: Any

    @property
    def now(self) -> datetime:
        return self.servers.sim.now()

    @property
    def ads(self) -> Ads:
        """Our account; it begins to exist, durably, with the first request."""
        return self.servers.ads()

    def do(self, command: str, **args: Any) -> Any:
        return self.servers.sim.do(command, **args)


Handler = Callable[[Call], Any]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation with its throttle (calls per second, burst), its media types, and with which status it answers."""

    name: str
    method: str
    path: str
    per_s: float
    burst: float
    handler: Handler
    media: str | None = None
    answer: str | None = None
    writes: bool = False
    status: int = 200
    scoped: bool = True
