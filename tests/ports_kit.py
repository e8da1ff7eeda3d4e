"""Ports for servers that tests start: below those that the system gives to outgoing connections."""

from __future__ import annotations

import os
from contextlib import suppress

from ecom_agent.errors import ConfigError
from ecom_agent.runtime.ports import free_port as next_free_port

_FIRST, _PER_WORKER = 20_000, 500
_worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_untaken = iter(range(_FIRST + _PER_WORKER * _worker, _FIRST + _PER_WORKER * (_worker + 1)))


def free_port() -> int:
    """One that nothing listens on, and that no other test, of this worker or another, is given too."""
    for port in _untaken:
        with suppress(ConfigError):
            return next_free_port(port, tries=1)
    raise AssertionError(f"all {_PER_WORKER} ports of this worker were given out")
