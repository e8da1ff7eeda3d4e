"""What all servers share: the simulation, the official contracts where they are, faults of the wire, tokens."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import orjson
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from platforms.simulated.ads.model import Ads
from platforms.simulated.channels.model import Channel
from platforms.simulated.contracts import Contracts
from platforms.simulated.sellers import FIRST, credential
from platforms.simulated.simulation import Simulation

TOKEN_LIVES: Final = timedelta(seconds=3600)
_KEY: Final = b"the simulator signs its own access tokens"


class DroppedConnection(Exception):
    """The answer is never sent, told to a caller without a socket."""


class Dropped(Response):
    """No answer but a broken connection: a write that was done looks like one that timed out."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        transport = getattr(getattr(receive, "__self__", None), "transport", None)
        if transport is None:
            raise DroppedConnection
        transport.abort()
        while (await receive())["type"] != "http.disconnect":
            pass


def official_contracts() -> Contracts | None:
    """The vendors' published contracts, from ECOM_SHARED or ../shared beside the project; None where there are none."""
    project = Path(__file__).resolve().parents[3]
    folder = Path(os.environ.get("ECOM_SHARED") or project.parent / "shared") / "specs"
    return Contracts.load(folder) if folder.is_dir() else None


class WireFaults:
    """Faults of single requests, from a stream of their own. What is in force stands in the world."""

    def __init__(self, sim: Simulation) -> None:
        self._sim = sim
        self._dice = random.Random(f"{sim.world.seed}/wire")

    def strikes(self, name: str) -> bool:
        return self._sim.world.faults.strikes(name, self._dice)

    def pick(self, count: int) -> int:
        return self._dice.randrange(count)


@dataclass
class Bucket:
    """A token bucket on the world's time."""

    per_s: float
    burst: float
    tokens: float
    at: datetime

    def take(self, now: datetime, amount: float = 1.0) -> bool:
        """Take `amount` tokens if they are there."""
        self.tokens = min(self.burst, self.tokens + (now - self.at).total_seconds() * self.per_s)
        self.at = now
        if self.tokens + 1e-9 < amount:
            return False
        self.tokens -= amount
        return True


@dataclass
class Servers:
    """Handed to every server."""

    sim: Simulation
    base_url: Callable[[], str]
    contracts: Contracts | None = None
    buckets: dict[str, Bucket] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.faults = WireFaults(self.sim)
        self.requests = 0
        self.calls: Counter[str] = Counter()
        """Calls that were counted against a rate: all, those `over` it, and those that a fault refused (`injected`)."""
        self.printers: dict[str, Callable[..., Any]] = {}
        """By channel: what prints and signs its webhooks (`courier.Printer`)."""
        self.memory: dict[str, Any] = {}
        """What a vendor's server forgets at a restart, as readers' places in a list that live some minutes."""

    def refuses(self, bucket: Bucket, amount: float = 1.0, *, take: bool = True) -> bool:
        """Whether a call is one too many, or a fault says so. `take` False: what it costs is taken later."""
        self.calls["all"] += 1
        bucket.take(self.sim.now(), 0.0)
        if self.faults.strikes("throttled"):
            self.calls["injected"] += 1
            return True
        if bucket.tokens + 1e-9 < amount:
            self.calls["over"] += 1
            return True
        if take:
            bucket.tokens -= amount
        return False

    @property
    def seller(self) -> int:
        """Whose servers these are."""
        return self.sim.world.seller

    def mine(self, text: str) -> str:
        """This seller's credential of those that `text` is the first seller's of."""
        return credential(text, self.seller)

    def token(self, scope: str, lives: timedelta = TOKEN_LIVES) -> str:
        """An access token of this seller."""
        return make_token(scope, self.sim.now(), lives, seller=self.seller)

    def read_token(self, token: str) -> Mapping[str, Any] | None:
        """What a token of this seller says, as `read_token`; None for another's."""
        said = read_token(token, self.sim.now())
        return said if said is not None and said["seller"] == self.seller else None

    def channel(self, name: str) -> Channel:
        """Our account on a further channel. It begins to exist, durably, when its server is first asked for it."""
        if name not in self.sim.world.channels:
            self.sim.do("channel_open", channel=name)
        return self.sim.world.channels[name]

    def ads(self) -> Ads:
        """Our advertising at Amazon. It begins to exist, durably, when its server is first asked for it."""
        if self.sim.world.ads is None:
            self.sim.do("ads_open")
        assert self.sim.world.ads is not None
        return self.sim.world.ads

    def bucket(self, name: str, per_s: float, burst: float) -> Bucket:
        if name not in self.buckets:
            self.buckets[name] = Bucket(per_s, burst, burst, self.sim.now())
        return self.buckets[name]


def make_token(scope: str, now: datetime, lives: timedelta = TOKEN_LIVES, *, seller: int = FIRST) -> str:
    """An access token that says until when it is good, and whose it is; signed, so that none must be kept."""
    said: dict[str, Any] = {"until": (now + lives).isoformat(), "for": scope}
    if seller != FIRST:
        said["seller"] = seller
    claim = base64.urlsafe_b64encode(orjson.dumps(said)).decode()
    return f"Atza|{claim}.{_sign(claim)}"


def read_token(token: str, now: datetime) -> Mapping[str, Any] | None:
    """What a token of ours says; None when it is not ours. `"expired"` tells whether its time is over."""
    said = _said(token.removeprefix("Atza|"))
    return said and {**said, "expired": datetime.fromisoformat(said["until"]) <= now}


def token_seller(token: str) -> int | None:
    """Whose access token it is, in any vendor's dress, expired or not; None when it is not ours."""
    said = _said(token.rpartition("|")[2].rpartition("#")[2])
    return None if said is None else int(said["seller"])


def _said(text: str) -> dict[str, Any] | None:
    claim, _, signed = text.partition(".")
    if not hmac.compare_digest(signed.encode(), _sign(claim).encode()):
        return None
    try:
        said: dict[str, Any] = orjson.loads(base64.urlsafe_b64decode(claim))
    except (binascii.Error, orjson.JSONDecodeError):
        return None
    return {"seller": FIRST, **said}


def _sign(claim: str) -> str:
    return hmac.new(_KEY, claim.encode(), hashlib.sha256).hexdigest()[:32]
