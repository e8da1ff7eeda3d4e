"""A real Prefect server and the real table: scheduled runs appear for every row, and due ones really run.

Some versions beneath Prefect look healthy and create no scheduled run at all: that is what this is here for.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from fake_app import FakeApp
from ports_kit import free_port

from flows.schedules import table

pytestmark = [pytest.mark.services, pytest.mark.timeout(420)]
HERE = Path(__file__).resolve().parent
DEADLINE_S = 180
BY_HAND = {"amazon_us-ATVPDKIKX0DER", "shop_main-stock"}  # a propose and a pull
SLOWER = """
from dataclasses import replace
from datetime import timedelta
from ecom_agent.wiring import app
from flows.schedules import table
(row,) = [r for r in table(app()) if r.name == "amazon_us-orders"]
replace(row, every=timedelta(minutes=10), active=True).deployment().apply()
(off,) = [r for r in table(app()) if r.name == "shop_main-stock"]
replace(off, active=False).deployment().apply()
(on,) = [r for r in table(app()) if r.name == "amazon_us-messages"]
replace(on, active=True).deployment().apply()
"""


class Prefect:
    """What a test asks of the server."""

    def __init__(self, url: str) -> None:
        self.url = url

    def up(self) -> bool:
        try:
            urllib.request.urlopen(f"{self.url}/health", timeout=2).close()
        except OSError:
            return False
        return True

    def all(self, kind: str, **body: Any) -> list[dict[str, Any]]:
        """All pages: what runs each minute has sixty runs an hour ahead, and would fill the first by itself."""
        found: list[dict[str, Any]] = []
        while page := self.post(f"{kind}/filter", {"limit": 200, "offset": len(found), **body}):
            found += page
        return found

    def run_now(self, deployment: str) -> str:
        return str(self.post(f"deployments/{deployment}/create_flow_run", {})["id"])

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """Its database is busy at times; then it says 503, or nothing, and its own clients too come again."""
        request = urllib.request.Request(f"{self.url}/{path}", orjson.dumps(body), {"Content-Type": "application/json"})
        for _ in range(20):
            try:
                with urllib.request.urlopen(request, timeout=20) as answer:
                    return orjson.loads(answer.read())
            except urllib.error.HTTPError as e:
                if e.code != 503:
                    raise
                time.sleep(0.5)
            except TimeoutError:
                continue
        raise AssertionError("Prefect's database stayed busy")

    def completed(self) -> set[str]:
        return {run["id"] for run in self.runs("COMPLETED")}

    def runs(self, state: str) -> list[dict[str, Any]]:
        return self.all("flow_runs", flow_runs={"state": {"type": {"any_": [state]}}})


def eventually(what: str, holds: Callable[[], Any], process: subprocess.Popen[bytes], log: Path) -> Any:
    """Ask until it holds, the deadline passes, or the process dies; then show its log."""
    end = time.monotonic() + DEADLINE_S
    while time.monotonic() < end and process.poll() is None:
        if answer := holds():
            return answer
        time.sleep(0.5)
    raise AssertionError(f"{what}: not within {DEADLINE_S} s\n{log.read_text(errors='replace')[-3000:]}")


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., tuple[subprocess.Popen[bytes], Path]]]:
    """Starts processes that share one Prefect folder; ends them in reverse."""
    folder, running = tmp_path_factory.mktemp("prefect"), list[subprocess.Popen[bytes]]()

    def start(name: str, *argv: str, **env: str) -> tuple[subprocess.Popen[bytes], Path]:
        log = folder / f"{name}.log"
        quiet = {
            "PREFECT_HOME": str(folder / "home"),
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "DO_NOT_TRACK": "1",
            "PREFECT_RUNNER_POLL_FREQUENCY": "2",
            "OMP_NUM_THREADS": "1",
        }
        with log.open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, *argv], env={**os.environ, **quiet, **env}, stdout=out, stderr=out
            )
        running.append(process)
        return process, log

    yield start
    for process in reversed(running):
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()


def test_scheduled_runs_appear_for_every_row_and_due_ones_run(
    started: Callable[..., tuple[subprocess.Popen[bytes], Path]],
) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}/api"
    server, server_log = started(
        "server", "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)
    )
    prefect = Prefect(url)
    eventually("Prefect is up", prefect.up, server, server_log)
    paths = os.pathsep.join([str(HERE / "fake_site"), str(HERE.parent.parent)])
    serving, log = started("serve", "-m", "flows.serve", PREFECT_API_URL=url, PYTHONPATH=paths)
    wanted = {row.name for row in table(FakeApp()) if row.active}  # type: ignore[arg-type]  # the fake stands in for App

    eventually(
        "every row is a deployment", lambda: wanted <= {d["name"] for d in prefect.all("deployments")}, serving, log
    )
    ids = {d["id"]: d["name"] for d in prefect.all("deployments")}

    def scheduled() -> bool:
        every = [*prefect.runs("SCHEDULED"), *prefect.runs("RUNNING"), *prefect.runs("COMPLETED")]
        return wanted <= {ids[run["deployment_id"]] for run in every if run["auto_scheduled"]}

    eventually("scheduled runs appear for every row", scheduled, serving, log)
    done = eventually("a due run runs to its end", lambda: prefect.runs("COMPLETED"), serving, log)
    assert {ids[run["deployment_id"]] for run in done} <= wanted
    by_hand = [prefect.run_now(deployment) for deployment, name in ids.items() if name in BY_HAND]
    assert len(by_hand) == 2
    eventually("runs by hand end well", lambda: set(by_hand) <= prefect.completed(), serving, log)

    change, change_log = started("change", "-c", SLOWER, PREFECT_API_URL=url, PYTHONPATH=paths)
    assert change.wait(60) == 0, change_log.read_text(errors="replace")
    (slower,) = [d for d in prefect.all("deployments") if d["name"] == "amazon_us-orders"]
    assert [s["schedule"]["interval"] for s in slower["schedules"]] == [600.0]
    paused = {d["name"]: d["paused"] for d in prefect.all("deployments")}
    assert (paused["shop_main-stock"], paused["amazon_us-messages"], paused["amazon_us-orders"]) == (True, False, False)
    assert prefect.runs("FAILED") == []
    assert prefect.runs("CRASHED") == []
