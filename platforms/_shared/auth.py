"""An access token that is fetched late, kept until shortly before it ends, and dropped when it is refused."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from ecom_agent.clock import Clock

EARLY: Final = timedelta(seconds=60)
"""A token that ends within this is not used any more: the call itself takes time."""


@dataclass(frozen=True, slots=True)
class Token:
    value: str = field(repr=False)
    ends_at: datetime


class TokenCache:
    """`fetch` asks the platform for a new token; it is called by one thread at a time."""

    def __init__(self, fetch: Callable[[], Token], clock: Clock) -> None:
        self._fetch, self._clock = fetch, clock
        self._token: Token | None = None
        self._lock = threading.Lock()

    def get(self) -> str:
        """A token that is good for at least another minute."""
        with self._lock:
            if self._token is None or self._token.ends_at - EARLY <= self._clock.now():
                self._token = self._fetch()
            return self._token.value

    def refused(self, value: str) -> None:
        """The platform refused `value`: fetch another next time, unless another thread did already."""
        with self._lock:
            if self._token is not None and self._token.value == value:
                self._token = None


class FixedToken:
    """A token that does not end and cannot be renewed."""

    def __init__(self, value: str) -> None:
        self._value = value

    def get(self) -> str:
        return self._value
