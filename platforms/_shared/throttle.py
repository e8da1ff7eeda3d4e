"""Token buckets, one per (account, operation): seeded from the published plans, corrected by the platform's answers.

Waiting happens here and nowhere else, and only through the clock that is handed in.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Protocol

from ecom_agent.clock import Clock
from ecom_agent.connector import Rate
from ecom_agent.errors import TransientError
from ecom_agent.ids import AccountId
from ecom_agent.records.views import QuotaHealth

UNPUBLISHED: Final = Rate(per_s=1.0, burst=5.0)
"""For operations whose plan nobody prints; their answers correct it."""
PATIENCE_S: Final = 240.0
"""One wait for the slowest published operation (searchOrders: 179 s) fits in; a second does not."""
_UNKNOWN: Final[tuple[str, Mapping[str, Rate]]] = ("platform", {})
_HAIR: Final = 1e-6  # a clock of whole microseconds never refills the last billionth of a token
_LEAST_SLEEP_S: Final = 0.001


@dataclass(frozen=True, slots=True)
class Bucket:
    """`tokens` as of `updated_at`; below zero = the platform told us to wait. `throttled` counts its refusals."""

    per_s: float
    burst: float
    tokens: float
    throttled: int
    updated_at: datetime

    def at(self, now: datetime) -> Bucket:
        """The same bucket refilled up to `now`; a moment in the past changes nothing."""
        passed = (now - self.updated_at).total_seconds()
        if passed <= 0:
            return self
        return replace(self, tokens=min(self.burst, self.tokens + passed * self.per_s), updated_at=now)

    def wait_s(self, cost: float) -> float:
        """Seconds until `cost` tokens are there; 0 = now. More than a full bucket asks for is cut to a full one."""
        lacking = min(cost, self.burst) - self.tokens
        return 0.0 if lacking <= _HAIR else lacking / self.per_s


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

    def acquire(self, account: AccountId, operation: str, *, cost: float = 1.0, within_s: float = PATIENCE_S) -> None:
        """Take `cost` tokens, waiting for them at most `within_s` seconds of the clock.

        What this process has reserved is used first.
        Raises TransientError, with the wait that would be needed, where that is longer.
        """
        if self._from_reserve(account, operation, cost):
            return
        wait_s = self._take(account, operation, cost)
        while wait_s > 0:
            if wait_s > within_s:
                platform, _ = self._seeds.get(account, _UNKNOWN)
                raise TransientError(
                    platform, operation, f"the quota of {account} is used up for {wait_s:.0f} s", wait_s
                )
            nap_s = max(wait_s, _LEAST_SLEEP_S)
            self._clock.sleep(nap_s)
            within_s -= nap_s
            wait_s = self._take(account, operation, cost)

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

    def _take(self, account: AccountId, operation: str, cost: float) -> float:
        """Take the tokens and give 0, or take none and give the seconds to wait."""
        wait_s = 0.0

        def taken(known: Bucket | None) -> Bucket:
            nonlocal wait_s
            bucket = self._now(known, account, operation)
            wait_s = bucket.wait_s(cost)
            return bucket if wait_s else replace(bucket, tokens=bucket.tokens - cost)

        self._state.change(account, operation, taken)
        return wait_s

    def _now(self, known: Bucket | None, account: AccountId, operation: str) -> Bucket:
        now = self._clock.now()
        if known is not None:
            return known.at(now)
        _, rates = self._seeds.get(account, _UNKNOWN)
        rate = rates.get(operation, UNPUBLISHED)
        return Bucket(rate.per_s, rate.burst, rate.burst, 0, now)
