"""The headless demo: one driver steps the market and the whole product through simulated hours, in lockstep."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol

from ecom_agent.clock import FrozenClock
from ecom_agent.errors import EcomError, TransientError
from ecom_agent.records.views import AuditReport, PullReport
from ecom_agent.runtime.market import MarketControl

STEP = timedelta(minutes=1)
SWEEP = timedelta(minutes=15)
# The last read-back of a change comes an hour after it: by then every change has found its end.
SETTLE = timedelta(minutes=65)
# A platform shows an order only some minutes after it was placed: the upper bound of a pull lags behind.
LAST_ORDERS = timedelta(minutes=10)
# A slow quota may put a pull off by so much.
PUT_OFF = timedelta(minutes=30)


class Driven(Protocol):
    """What the driver needs of the product: the verbs that lane, flows and people call in a live system."""

    def streams(self) -> Sequence[tuple[str, str, int]]: ...
    def pull(self, account: str, stream: str) -> PullReport: ...
    def consume(self, *, wait_s: int, most: int) -> Mapping[str, int]: ...
    def propose_all(self, slot: datetime) -> Mapping[str, int]: ...
    def execute(self, limit: int) -> Mapping[str, int]: ...
    def verify(self) -> Mapping[str, int]: ...
    def recover(self) -> Mapping[str, int]: ...
    def expire(self) -> Mapping[str, int]: ...
    def watch(self) -> Mapping[str, int]: ...
    def audit_verify(self) -> AuditReport: ...
    def under_way(self) -> int: ...
    def tally(self) -> Mapping[str, Any]: ...


@dataclass
class Drive:
    """One run over the market, resumable: all it knows is in the market and the database."""

    app: Driven
    market: MarketControl
    clock: FrozenClock
    progress: Callable[[str], None]

    def run(self, until: datetime) -> None:
        """Live until `until`, then let every change under way find its end."""
        self.live(until)
        self.progress("waiting for the last changes to be read back")
        settled = until + SETTLE
        while self.clock.now() < settled and (self.app.under_way() or self.clock.now() < until + LAST_ORDERS):
            self._minute(pricing=False)
        for account, stream, _every in self.app.streams():
            if stream == "orders":
                self._last(account, stream, until + SETTLE + PUT_OFF)

    def _last(self, account: str, stream: str, until: datetime) -> None:
        """One more pull; one that its quota puts off is waited for. Raises what still fails at `until`."""
        while True:
            try:
                self.app.pull(account, stream)
                return
            except TransientError as error:
                if self.clock.now() >= until:
                    raise
                self.progress(f"will try again: {error}")
                self._minute(pricing=False)

    def live(self, until: datetime) -> None:
        """Live until `until`; what is under way then stays so, for whoever goes on."""
        began = self.clock.now()
        self.app.recover()
        while self.clock.now() < until:
            self._minute(pricing=True)
            if self.clock.now().minute == 0:
                done = (self.clock.now() - began) / max(until - began, STEP)
                self.progress(f"{min(done, 1):4.0%}  simulated {self.clock.now():%Y-%m-%d %H:%M} UTC")

    def _minute(self, *, pricing: bool) -> None:
        self.clock.move_to(self.clock.now() + STEP)
        minutes = int(self.clock.now().timestamp() // 60)
        for account, stream, every in self.app.streams():
            if minutes % every == 0:
                self._try(partial(self.app.pull, account, stream))
        if pricing:
            while self._try(lambda: self.app.consume(wait_s=0, most=10)).get("received"):
                pass
            if minutes % (SWEEP.seconds // 60) == 0:
                self._try(lambda: self.app.propose_all(self.clock.now()))
        self._try(lambda: self.app.execute(1000))
        self._try(self.app.verify)
        if minutes % 60 == 0:
            self._try(self.app.expire)

    def _try(self, verb: Callable[[], Any]) -> Mapping[str, int]:
        """A platform that is down for a moment is no end of the run: the next minute tries again."""
        try:
            answer = verb()
        except EcomError as error:
            self.progress(f"will try again: {error}")
            return {}
        return answer if isinstance(answer, Mapping) else {}


def report(app: Driven, market: MarketControl, began: float) -> tuple[dict[str, Any], bool]:
    """The demo's one object, and whether it may be called a success.

    Floors are judged by the market's own list of what it was sent, not by our word for it.
    """
    truth = market.truth()
    tally = app.tally()
    audit = app.audit_verify()
    changes = Counter(tally["price_changes"])
    floors = {(row["channel"], row["sku"]): row["hard_min_minor"] for row in truth["listings"]}
    below = [w for w in truth["price_writes"] if not w["preview"] and w["price_minor"] < floors[w["channel"], w["sku"]]]
    violations = len(below) + app.watch()["floor_held"]
    # Platforms show an order a little after it was placed, and a pull's upper bound lags behind their clock.
    lost = missing_orders(truth, tally["order_ids"])
    share = truth["buy_box_share"]
    result = {
        "orders_synced": len(tally["order_ids"]),
        "orders_lost": len(lost),
        "events_in": tally["events_in"],
        "decisions": tally["decisions"],
        "price_changes": {
            name: changes[name] for name in ("proposed", "denied", "held", "applied", "verified", "failed")
        },
        "floor_violations": violations,
        "audit_ok": audit.ok,
        "buy_box_share": None if share is None else round(share, 4),
        "profit_minor": truth["profit_minor"],
        "seconds": round(time.monotonic() - began, 1),
    }
    ok = violations == 0 and audit.ok and changes["applied"] == changes["verified"] and not lost
    return result, ok


def missing_orders(truth: Mapping[str, Any], known: Sequence[str]) -> set[str]:
    """Orders that the market took and that should be `known` by now.

    Platforms show an order a little after it was placed, and a pull's upper bound lags behind their clock.
    """
    latest = datetime.fromisoformat(truth["now"]) - LAST_ORDERS
    placed = {
        order_id
        for orders in truth["orders"].values()
        for order_id, order in orders.items()
        if datetime.fromisoformat(order["created_at"]) < latest
    }
    return placed - set(known)
