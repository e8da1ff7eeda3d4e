"""Ports for servers that tests start: below those that the system gives to outgoing connections."""

from __future__ import annotations

import itertools
import os

from ecom_agent.runtime.ports import free_port as next_free_port

_FIRST, _PER_WORKER = 20_000, 500
_worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_numbers = itertools.count()


def free_port() -> int:
    """One that nothing listens on, and that no other test, of this worker or another, is given too."""
    first = _FIRST + _PER_WORKER * _worker
    return next_free_port(first + next(_numbers) % _PER_WORKER)
