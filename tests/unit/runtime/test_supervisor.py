"""The supervisor starts in order, restarts what dies and reports it, and stops all."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from ecom_agent.errors import ConfigError
from ecom_agent.runtime import supervisor as module
from ecom_agent.runtime.supervisor import Process, Supervisor, Watched


@dataclass
class FakeService:
    """A service that lives until told to die."""

    name: str
    events: list[str] = field(default_factory=list)
    comes_up: bool = True
    up: bool = False
    pid: int | None = None

    def start(self) -> None:
        self.events.append(f"start {self.name}")
        self.up = self.comes_up

    def alive(self) -> bool:
        return self.up

    def ready(self) -> bool:
        return self.up

    def stop(self) -> None:
        self.events.append(f"stop {self.name}")
        self.up = False

    def last_words(self) -> str:
        return "exit 9"


def quiet(_line: str) -> None: ...


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BACKOFF_S", (0.0,))


def reports() -> tuple[list[tuple[str, str, int]], Callable[[Watched], None]]:
    told: list[tuple[str, str, int]] = []
    return told, lambda w: told.append((w.service.name, w.state, w.restarts))


def test_services_start_in_order_and_stop_in_reverse() -> None:
    events: list[str] = []
    told, report = reports()
    keeper = Supervisor([FakeService("a", events), FakeService("b", events)], report, poll_s=0)
    keeper.start(quiet)
    keeper.stop(quiet)
    assert events == ["start a", "start b", "stop b", "stop a"]
    assert told == [("a", "running", 0), ("b", "running", 0)]


def test_a_service_that_does_not_come_up_is_named() -> None:
    _told, report = reports()
    keeper = Supervisor([FakeService("prefect", comes_up=False)], report, poll_s=0)
    with pytest.raises(ConfigError, match="prefect did not become ready: exit 9"):
        keeper.start(quiet)


@pytest.mark.usefixtures("at_once")
def test_what_dies_is_restarted_and_reported() -> None:
    told, report = reports()
    service = FakeService("lane")
    keeper = Supervisor([service], report, poll_s=0)
    keeper.start(quiet)
    service.up = False
    for _ in range(3):
        keeper.look()
    assert service.up
    assert told[1:] == [("lane", "died", 0), ("lane", "restarting", 1), ("lane", "running", 1)]
    assert keeper.watched[0].last_exit == "exit 9"


@pytest.mark.usefixtures("at_once")
def test_a_report_that_fails_does_not_stop_the_keeping() -> None:
    service = FakeService("postgres")

    def broken(_watched: Watched) -> None:
        raise RuntimeError("the database is down")

    keeper = Supervisor([service], broken, poll_s=0)
    keeper.start(quiet)
    service.up = False
    keeper.look()
    keeper.look()
    assert service.up


def test_another_program_on_the_port_is_not_taken_for_ours(tmp_path: Path) -> None:
    class Stranger(SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_said: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Stranger)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_address[1]}/"
    ours = Process(
        "ours", (sys.executable, "-c", "import time; time.sleep(60)"), dict(os.environ), tmp_path / "ours.log", url
    )
    try:
        ours.start()
        assert not ours.ready()
    finally:
        ours.stop()
        server.shutdown()
        server.server_close()
