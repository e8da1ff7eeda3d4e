"""The simulated market as a process: start it, move its time, ask for its truth."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx

from ecom_agent.errors import TransientError

# The market writes its journal and steps its world minute by minute before it answers.
TIMEOUT_S = 120.0
_BLINK_S = 0.05


@dataclass(frozen=True, slots=True)
class MarketControl:
    """The simulator's own door (/_sim), which no real marketplace has: only demos and tests use it."""

    url: str
    _client: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=TIMEOUT_S, trust_env=False), repr=False)

    def now(self) -> datetime:
        return datetime.fromisoformat(self._call("GET", "state")["now"])

    def advance(self, to: datetime) -> None:
        """Let the world live on until `to`."""
        self._call("POST", "advance", {"to": to.isoformat()})

    def skip(self, to: datetime) -> None:
        """Let the time pass up to `to`, in which nothing happens: whoever looks then sees what is."""
        self._call("POST", "advance", {"to": to.isoformat(), "quiet": True})

    def truth(self, seller: int = 1) -> Mapping[str, Any]:
        """What really happened there to one seller: orders, price writes, profit, Buy Box share."""
        return self._call("GET", f"truth?seller={seller}")

    def state(self) -> Mapping[str, Any]:
        """The time, the faults in force, and counts: of things, and of calls that were too many."""
        return self._call("GET", "state")

    def set_faults(self, faults: str) -> None:
        """A preset (none, mild, all) or names with chances."""
        self._call("POST", "faults", {"faults": faults})

    def hands(self, listings: int) -> None:
        """The sellers change prices of so many listings by hand, and end or relist some of them."""
        self._call("POST", "hands", {"listings": listings})

    def listen(self, seller: int, channel: str, url: str) -> None:
        """All webhooks of one account go there from now on."""
        self._call("POST", "listen", {"seller": seller, "channel": channel, "url": url})

    def open_channels(self, channels: Sequence[str]) -> None:
        """Accounts on further channels begin now, not with the first request."""
        self._call("POST", "channels", {"open": list(channels)})

    def _call(self, method: str, what: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        try:
            answer = self._client.request(method, f"{self.url}/_sim/{what}", json=body)
            answer.raise_for_status()
        except httpx.HTTPError as error:
            raise TransientError("simulated", what, f"no answer from the market: {type(error).__name__}") from error
        return dict(answer.json())


@dataclass(frozen=True, slots=True)
class MarketClock:
    """The time as the market has it, for a process that has no hand in it: others let it pass."""

    market: MarketControl

    def now(self) -> datetime:
        return self.market.now()

    def sleep(self, seconds: float) -> None:
        """A moment of real time, in which somebody may let the market's pass."""
        time.sleep(min(max(0.0, seconds), _BLINK_S))
