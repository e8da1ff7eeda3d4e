"""The live demo for real: everything comes up, whatever is killed comes back, Ctrl-C leaves nothing running."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

pytestmark = [pytest.mark.slow, pytest.mark.services, pytest.mark.timeout(600)]

KILLED = {"market", "prefect", "schedules", "lane", "api", "console", "postgres"}


class Demo:
    """One `ecom demo` in a folder whose name has a space."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / "demo.log"
        env = {name: value for name, value in os.environ.items() if not name.startswith("ECOM_")}
        with self.log.open("ab") as sink:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "ecom_agent.cli.main", "demo", "--data-dir", "data", "--history", "0"],
                cwd=folder,
                env=env,
                stdout=sink,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def said(self) -> str:
        return self.log.read_text()

    def wait_for(self, what: str, true: Callable[[], bool], within_s: float = 150) -> None:
        deadline = time.monotonic() + within_s
        while not true():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < deadline, f"{what} took too long\n{self.said()}"
            time.sleep(0.25)

    @property
    def api(self) -> str:
        return next(line.split()[1] for line in self.said().splitlines() if line.strip().startswith("api"))

    def processes(self) -> dict[str, dict[str, Any]]:
        """What the API says of the supervisor's processes; empty while it cannot say."""
        try:
            told = httpx.get(self.api, timeout=5).json()
        except (httpx.HTTPError, ValueError):
            return {}
        return {process["name"]: process for process in told.get("processes", [])}

    def pids(self) -> dict[str, int]:
        """The supervisor's children by what they run; PostgreSQL detaches itself and is found by its folder."""
        words = {
            "market": "platforms.simulated",
            "prefect": "prefect server start",
            "schedules": "flows.serve",
            "lane": "ecom_agent.cli.main lane",
            "api": "uvicorn",
            "console": "streamlit",
        }
        found: dict[str, int] = {}
        for child in psutil.Process(self.process.pid).children():
            line = " ".join(child.cmdline())
            found.update({name: child.pid for name, word in words.items() if word in line})
        pid_file = self.folder / "data" / "postgres" / "pgdata" / "postmaster.pid"
        found["postgres"] = int(pid_file.read_text().split()[0])
        return found

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(60)


def lives(pid: int) -> bool:
    """A process that ended and was not yet cleared away by init counts as gone."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_the_demo_comes_up_heals_itself_and_stops_cleanly(tmp_path: Path) -> None:
    folder = tmp_path / "a folder"
    folder.mkdir()
    demo = Demo(folder)
    try:
        demo.wait_for("the first start", lambda: "ready." in demo.said())
        before = demo.pids()
        assert set(before) == KILLED
        for pid in before.values():
            os.kill(pid, signal.SIGKILL)

        def healed() -> bool:
            told = demo.processes()
            return {n for n, p in told.items() if p["restarts"] >= 1 and p["state"] == "running"} == KILLED

        demo.wait_for("the recovery", healed)
        after = demo.pids()
        assert all(after[name] != before[name] for name in KILLED)
        assert demo.stop() == 0, demo.said()
    finally:
        demo.process.kill()
    assert [name for name, pid in after.items() if lives(pid)] == []
    assert "Traceback" not in demo.said()

    again = Demo(folder)
    try:
        again.wait_for("the second start", lambda: again.said().count("ready.") == 2)
        assert again.said().count("first start") == 1
        assert again.stop() == 0, again.said()
    finally:
        again.process.kill()
