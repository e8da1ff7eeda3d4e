"""One process that starts the others in order, restarts what dies and reports it, and stops all of them cleanly."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import httpx
import psutil

from ecom_agent.errors import ConfigError
from ecom_agent.telemetry import log

BACKOFF_S = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
STABLE_AFTER_S = 60.0
STOP_WITHIN_S = 10.0
LOG_LIMIT_BYTES = 20_000_000
_log = log(__name__)


class Service(Protocol):
    """Something the supervisor keeps alive."""

    @property
    def name(self) -> str: ...
    @property
    def pid(self) -> int | None: ...
    def start(self) -> None: ...
    def alive(self) -> bool: ...
    def ready(self) -> bool: ...
    def stop(self) -> None: ...
    def last_words(self) -> str:
        """Why it ended, as far as can be told; without secrets."""
        ...


@dataclass
class Process:
    """A child process with its own log file. `ready_url` is asked until it answers 200; None = ready once started."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str]
    log_file: Path
    ready_url: str | None = None
    _child: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def pid(self) -> int | None:
        return self._child.pid if self._child is not None and self._child.poll() is None else None

    def start(self) -> None:
        self.log_file.parent.mkdir(parents=True, exist_ok=True)
        if self.log_file.exists() and self.log_file.stat().st_size > LOG_LIMIT_BYTES:
            self.log_file.replace(self.log_file.with_suffix(".old.log"))
        with self.log_file.open("ab") as sink:
            self._child = subprocess.Popen(  # a session of its own: Ctrl-C reaches only the supervisor
                self.argv,
                env=dict(self.env),
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,
            )

    def alive(self) -> bool:
        return self.pid is not None

    def ready(self) -> bool:
        if self.ready_url is None:
            return self.alive()
        try:
            answered = httpx.get(self.ready_url, timeout=2.0).status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False
        return answered and self._listens(httpx.URL(self.ready_url).port)

    def _listens(self, port: int | None) -> bool:
        """Whether it is our child that answers there: another program may have taken the port a moment before it."""
        try:
            child = psutil.Process(self.pid) if self.pid is not None else None
            family = [child, *child.children(recursive=True)] if child is not None else []
            held = [c for one in family for c in one.net_connections("tcp") if c.status == psutil.CONN_LISTEN]
        except psutil.Error:
            return False  # it ended meanwhile
        return any(c.laddr.port == port for c in held)

    def stop(self) -> None:
        if self._child is None or self._child.poll() is not None:
            return
        # The whole session: Streamlit and Prefect have children of their own.
        for how in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._child.pid, how)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._child.wait(STOP_WITHIN_S)
                return

    def last_words(self) -> str:
        code = None if self._child is None else self._child.poll()
        return f"exit {code}; log: {self.log_file}"


def _die_with_parent() -> None:
    """Ask Linux to end this child when the supervisor is gone, however it went (prctl PR_SET_PDEATHSIG = 1)."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


@dataclass
class Watched:
    """A service with its story."""

    service: Service
    state: str = "starting"
    restarts: int = 0
    last_exit: str | None = None
    since: datetime = field(default_factory=lambda: datetime.now(UTC))
    started: float = 0.0
    failures: int = 0
    retry_at: float = 0.0

    def becomes(self, state: str) -> None:
        if state != self.state:
            self.state, self.since = state, datetime.now(UTC)


class Supervisor:
    """Keeps `services` alive, in the order given. `report` is told each change of a service's state."""

    def __init__(self, services: Sequence[Service], report: Callable[[Watched], None], poll_s: float = 0.25) -> None:
        self.watched = [Watched(service) for service in services]
        self._report = report
        self._poll_s = poll_s
        self._stopping = threading.Event()

    def start(self, progress: Callable[[str], None], within_s: float = 120.0) -> None:
        """Start one after the other, each ready before the next. Raises ConfigError naming what did not come up."""
        for watched in self.watched:
            progress(f"starting {watched.service.name}")
            began = time.monotonic()
            self._launch(watched)
            while not watched.service.ready():
                if self._stopping.is_set():
                    return
                if not watched.service.alive() or time.monotonic() - began > within_s:
                    raise ConfigError(f"{watched.service.name} did not become ready: {watched.service.last_words()}")
                time.sleep(self._poll_s)
            self._mark(watched, "running")

    def watch(self) -> None:
        """Restart what dies, until `stop_soon`."""
        while not self._stopping.wait(self._poll_s):
            self.look()

    def look(self) -> None:
        """One look at every service."""
        now = time.monotonic()
        for watched in self.watched:
            if watched.service.alive():
                if watched.state == "restarting" and watched.service.ready():
                    self._mark(watched, "running")
                if watched.failures and now - watched.started > STABLE_AFTER_S:
                    watched.failures = 0
            elif watched.state != "died":
                watched.last_exit = watched.service.last_words()
                watched.retry_at = now + BACKOFF_S[min(watched.failures, len(BACKOFF_S) - 1)]
                _log.warning("a process died", process=watched.service.name, why=watched.last_exit)
                self._mark(watched, "died")
            elif now >= watched.retry_at:
                watched.restarts += 1
                watched.failures += 1
                self._launch(watched)
                self._mark(watched, "restarting")

    def stop_soon(self) -> None:
        self._stopping.set()

    def stop(self, progress: Callable[[str], None]) -> None:
        """Stop all, last started first."""
        self._stopping.set()
        for watched in reversed(self.watched):
            progress(f"stopping {watched.service.name}")
            # The last ones hold the database: their end can no longer be reported there.
            with contextlib.suppress(Exception):
                watched.service.stop()
            watched.becomes("stopped")

    def _launch(self, watched: Watched) -> None:
        watched.started = time.monotonic()
        try:
            watched.service.start()
        except Exception as error:  # noqa: BLE001 - a service that cannot start is a service that died
            watched.last_exit = str(error)
            _log.warning("a process could not start", process=watched.service.name, why=str(error))

    def _mark(self, watched: Watched, state: str) -> None:
        watched.becomes(state)
        with contextlib.suppress(Exception):
            self._report(watched)
