"""Token buckets, one per (account, operation): seeded from the published plans, corrected by the platform's answers.

Calls go in lanes. A lower lane leaves a share of each bucket to the higher ones, and takes nothing while one of them
waits. A call that would not get its token before its deadline is told so at once.
Waiting happens here and nowhere else, and only through the clock that is handed in.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from ecom_agent.clock import Clock
from ecom_agent.connector import Rate
from ecom_agent.errors import OutOfQuota
from ecom_agent.ids import AccountId
from ecom_agent.records.sync import Lane
from ecom_agent.records.views import QuotaHealth

UNPUBLISHED: Final = Rate(per_s=1.0, burst=5.0)
"""For operations whose plan nobody prints; their answers correct it."""
PATIENCE_S: Final = 240.0
"""One wait for the slowest published operation (searchOrders: 179 s) fits in; a second does not."""
_UNKNOWN: Final[tuple[str, Mapping[str, Rate]]] = ("platform", {})
_HAIR: Final = 1e-6  # a clock of whole microseconds never refills the last billionth of a token
_LEAST_SLEEP_S: Final = 0.001
LEFT_TO_HIGHER: Final[Mapping[Lane, float]] = {
    Lane.PRICES: 0.0, Lane.ORDERS: 0.1, Lane.STOCK: 0.2, Lane.REPORTS: 0.3, Lane.BACKFILL: 0.5,
}  # fmt: skip
"""The share of a full bucket that a lane does not touch. Where calls are dear it leaves less: each can be made."""
RESERVE_S: Final = 30.0
"""Nor does it leave more than refills in this time: else one 429 would close a slow bucket to it for many minutes."""
GRACE: Final = timedelta(seconds=2)
"""So long after its time a place in front is kept for one who waits; then it is taken to have died."""


@dataclass(frozen=True, slots=True)
class Urgency:
    """How the calls of one piece of work go; `until` None: as patient as ever."""

    lane: Lane = Lane.PRICES
    until: datetime | None = None


_URGENCY: Final[ContextVar[Urgency]] = ContextVar("urgency", default=Urgency())  # noqa: B039


@dataclass(frozen=True, slots=True)
class Bucket:
    """`tokens` as of `updated_at`; below zero = the platform told us to wait. `throttled` counts its refusals.

    `waiting`: the highest lane in which somebody waits, up to `waiting_until`; lower ones take nothing meanwhile.
    """

    per_s: float
    burst: float
    tokens: float
    throttled: int
    updated_at: datetime
    waiting: int | None = None
    waiting_until: datetime | None = None

    def at(self, now: datetime) -> Bucket:
        """The same bucket refilled up to `now`; a moment in the past changes nothing."""
        passed = (now - self.updated_at).total_seconds()
        if passed <= 0:
            return self
        return replace(self, tokens=min(self.burst, self.tokens + passed * self.per_s), updated_at=now)

    def wait_s(self, cost: float, lane: Lane = Lane.PRICES) -> float:
        """Seconds until this lane may have `cost` tokens; 0 = now. More than a full bucket holds is cut to a full one.

        Where a higher lane waits, it is at least until that one's turn is over.
        """
        cost = min(cost, self.burst)
        left = min(LEFT_TO_HIGHER[lane] * self.burst, RESERVE_S * self.per_s, self.burst - cost)
        lacking = cost + left - self.tokens
        wait_s = 0.0 if lacking <= _HAIR else lacking / self.per_s
        if self.waiting is None or self.waiting_until is None or self.waiting >= lane:
            return wait_s
        return max(wait_s, (self.waiting_until - self.updated_at).total_seconds())

    def taken(self, cost: float) -> Bucket:
        return replace(self, tokens=self.tokens - cost)

    def heard(self, lane: Lane, wait_s: float) -> Bucket:
        """Somebody waits in this lane for so long: those below wait too. The highest such claim is kept."""
        standing = self.waiting is not None and self.waiting_until is not None and self.waiting_until > self.updated_at
        if standing and self.waiting is not None and self.waiting < lane:
            return self
        return replace(self, waiting=int(lane), waiting_until=self.updated_at + timedelta(seconds=wait_s) + GRACE)

    def served(self, lane: Lane) -> Bucket:
        """Nobody is known to wait in this lane any more."""
        return self if self.waiting != lane else replace(self, waiting=None, waiting_until=None)


class QuotaState(Protocol):
    """Where buckets are kept. The store's one lets several processes share them."""

    def change(self, account: AccountId, operation: str, how: Callable[[Bucket | None], Bucket]) -> object:
        """Load the bucket (None = not there yet), apply `how`, save it: one atomic step. What it gives is not used."""
        ...

    def all(self) -> Sequence[tuple[AccountId, str, Bucket]]: ...


class MemoryState:
    """Buckets of one process, safe between its threads."""

    def __init__(self) -> None:
        self._buckets: dict[tuple[AccountId, str], Bucket] = {}
        self._lock = threading.Lock()

    def change(self, account: AccountId, operation: str, how: Callable[[Bucket | None], Bucket]) -> None:
        with self._lock:
            self._buckets[(account, operation)] = how(self._buckets.get((account, operation)))

    def all(self) -> Sequence[tuple[AccountId, str, Bucket]]:
        with self._lock:
            return [(account, operation, bucket) for (account, operation), bucket in sorted(self._buckets.items())]


class Quota:
    """The broker of all calls: `acquire` before a call, `learn` and `throttled` after it."""

    def __init__(self, clock: Clock, state: QuotaState | None = None) -> None:
        self._clock = clock
        self._state: QuotaState = state or MemoryState()
        self._seeds: dict[AccountId, tuple[str, Mapping[str, Rate]]] = {}
        self._told: dict[tuple[AccountId, str], tuple[float | None, float | None]] = {}
        self._reserved: dict[tuple[AccountId, str], float] = {}
        self._lock = threading.Lock()

    def seed(self, account: AccountId, platform: str, rates: Mapping[str, Rate]) -> None:
        """The published rates of an account's platform; a bucket that is known already keeps what it learnt."""
        self._seeds[account] = (platform, rates)

    @contextmanager
    def lane(self, lane: Lane, until: datetime | None = None) -> Iterator[None]:
        """All calls made in the block (by this thread) go in this lane, and none waits beyond `until`."""
        before = _URGENCY.set(Urgency(lane, until))
        try:
            yield
        finally:
            _URGENCY.reset(before)

    def acquire(self, account: AccountId, operation: str, *, cost: float = 1.0, within_s: float = PATIENCE_S) -> None:
        """Take `cost` tokens in the lane of the work under way, waiting for them at most `within_s` seconds of the
        clock, and never beyond that work's deadline. What this process has reserved is used first.

        Raises OutOfQuota, with the wait that would be needed, at once where that is longer.
        """
        if self._from_reserve(account, operation, cost):
            return
        urgency = _URGENCY.get()
        if urgency.until is not None:
            within_s = min(within_s, max(0.0, (urgency.until - self._clock.now()).total_seconds()))
        wait_s = self._take(account, operation, cost, urgency.lane, within_s)
        while wait_s > 0:
            if wait_s > within_s:
                platform, _ = self._seeds.get(account, _UNKNOWN)
                raise OutOfQuota(platform, operation, f"the quota of {account} is used up for {wait_s:.0f} s", wait_s)
            nap_s = max(wait_s, _LEAST_SLEEP_S)
            self._clock.sleep(nap_s)
            within_s -= nap_s
            wait_s = self._take(account, operation, cost, urgency.lane, within_s)

    def reserve(self, account: AccountId, operation: str, most: int, *, wait: bool = True) -> int:
        """Take the tokens that are there now for at most `most` calls of this process; `wait` for the first one.

        Raises TransientError as `acquire` does, where it waits.
        """
        found = 0

        def taken(known: Bucket | None) -> Bucket:
            nonlocal found
            bucket = self._now(known, account, operation)
            found = max(0, min(most, int(bucket.tokens + _HAIR)))
            return replace(bucket, tokens=bucket.tokens - found)

        self._state.change(account, operation, taken)
        if not found and wait and most > 0:
            self.acquire(account, operation)
            found = 1
        if found:
            with self._lock:
                self._reserved[account, operation] = self._reserved.get((account, operation), 0.0) + found
        return found

    def give_back(self, account: AccountId, operation: str) -> None:
        """Put the reserved tokens that were not used back into the bucket that all share."""
        with self._lock:
            left = self._reserved.pop((account, operation), 0.0)
        if left:
            self._state.change(account, operation, lambda known: self._put(known, account, operation, left))

    def learn(
        self,
        account: AccountId,
        operation: str,
        *,
        per_s: float | None = None,
        burst: float | None = None,
        tokens: float | None = None,
    ) -> None:
        """What an answer told of the real rate, the size of the bucket, or the tokens that are left in it.

        Most answers repeat the rate of the last one: that is no news, and costs nothing.
        """
        told = (per_s, burst)
        if tokens is None and self._told.get((account, operation)) == told:
            return
        self._told[account, operation] = told

        def corrected(known: Bucket | None) -> Bucket:
            bucket = self._now(known, account, operation)
            return replace(
                bucket,
                per_s=per_s if per_s and per_s > 0 else bucket.per_s,
                burst=burst if burst and burst > 0 else bucket.burst,
                tokens=bucket.tokens if tokens is None else tokens,
            )

        self._state.change(account, operation, corrected)

    def throttled(self, account: AccountId, operation: str, *, retry_after_s: float | None = None) -> None:
        """The platform refused for too many calls: the bucket is empty, for `retry_after_s` where it said so."""

        def emptied(known: Bucket | None) -> Bucket:
            bucket = self._now(known, account, operation)
            empty = 0.0 if retry_after_s is None else 1.0 - retry_after_s * bucket.per_s
            return replace(bucket, tokens=min(bucket.tokens, empty), throttled=bucket.throttled + 1)

        self._state.change(account, operation, emptied)

    def snapshot(self) -> tuple[QuotaHealth, ...]:
        """All buckets as of now, for the health screen."""
        now = self._clock.now()
        return tuple(
            QuotaHealth(account, operation, b.per_s, b.burst, b.at(now).tokens, b.throttled, b.updated_at)
            for account, operation, b in self._state.all()
        )

    def _from_reserve(self, account: AccountId, operation: str, cost: float) -> bool:
        with self._lock:
            left = self._reserved.get((account, operation), 0.0)
            if left < cost:
                return False
            self._reserved[account, operation] = left - cost
            return True

    def _put(self, known: Bucket | None, account: AccountId, operation: str, tokens: float) -> Bucket:
        bucket = self._now(known, account, operation)
        return replace(bucket, tokens=min(bucket.burst, bucket.tokens + tokens))

    def _take(self, account: AccountId, operation: str, cost: float, lane: Lane, within_s: float) -> float:
        """Take the tokens and give 0, or take none and give the seconds to wait. Who will wait is heard by those
        below; who gives up is not."""
        wait_s = 0.0

        def taken(known: Bucket | None) -> Bucket:
            nonlocal wait_s
            bucket = self._now(known, account, operation)
            wait_s = bucket.wait_s(cost, lane)
            if not wait_s:
                return bucket.taken(cost).served(lane)
            return bucket.heard(lane, wait_s) if wait_s <= within_s else bucket

        self._state.change(account, operation, taken)
        return wait_s

    def _now(self, known: Bucket | None, account: AccountId, operation: str) -> Bucket:
        now = self._clock.now()
        if known is not None:
            return known.at(now)
        _, rates = self._seeds.get(account, _UNKNOWN)
        rate = rates.get(operation, UNPUBLISHED)
        return Bucket(rate.per_s, rate.burst, rate.burst, 0, now)
