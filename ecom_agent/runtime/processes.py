"""The processes of a running system: what each is started with, and how it shows that it is ready."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import ecom_agent
from ecom_agent.runtime.postgres import EmbeddedPostgres
from ecom_agent.runtime.supervisor import Process, Service

METRICS = "metrics"
TEMPORARY = "tmp"
"""Folder, in the data folder, where every process keeps its counters for the API to add up."""
CHECKOUT = Path(ecom_agent.__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where each face listens."""

    host: str
    console_port: int
    api_port: int
    prefect_port: int

    @property
    def console(self) -> str:
        return f"http://{self.host}:{self.console_port}"

    @property
    def api(self) -> str:
        return f"http://{self.host}:{self.api_port}"

    @property
    def prefect(self) -> str:
        return f"http://{self.host}:{self.prefect_port}"


class PostgresService:
    """The embedded database as a service: it outlives us if need be, and is found again."""

    name = "postgres"

    def __init__(self, server: EmbeddedPostgres) -> None:
        self._server = server

    @property
    def pid(self) -> int | None:
        return self._server.pid

    def start(self) -> None:
        self._server.start()

    def alive(self) -> bool:
        return self._server.pid is not None

    def ready(self) -> bool:
        return self.alive()

    def stop(self) -> None:
        self._server.stop()

    def last_words(self) -> str:
        return "ended; its log is postgres.log in the database's folder"


def faces(at: Addresses, env: Mapping[str, str], data_dir: Path) -> list[Service]:
    """Prefect with the schedules, the event lane, the API and the console; all find the database in `env`."""
    env = {
        **env,
        **_quiet_prefect(at, data_dir),
        "PYTHONUNBUFFERED": "1",
        "OMP_NUM_THREADS": "1",
        "PROMETHEUS_MULTIPROC_DIR": str(data_dir / METRICS),
    }
    logs = data_dir / "logs"
    python = sys.executable

    def process(name: str, *argv: str, ready: str | None = None) -> Service:
        return Process(name, (python, "-m", *argv), env, logs / f"{name}.log", ready)

    return [
        process(
            "prefect",
            *("prefect", "server", "start", "--host", at.host, "--port", str(at.prefect_port)),
            ready=f"{at.prefect}/api/health",
        ),
        process("schedules", "flows.serve"),
        process("lane", "ecom_agent.cli.main", "lane"),
        process(
            "api",
            *("uvicorn", "--factory", "ecom_agent.api.main:create", "--host", at.host, "--port", str(at.api_port)),
            *("--log-level", "warning", "--no-access-log"),
            ready=f"{at.api}/health",
        ),
        process(
            "console",
            *("streamlit", "run", str(CHECKOUT / "dashboards" / "main.py"), "--server.address", at.host),
            *("--server.port", str(at.console_port), "--server.headless", "true"),
            *("--browser.gatherUsageStats", "false", "--server.fileWatcherType", "none"),
            ready=f"{at.console}/_stcore/health",
        ),
    ]


def fresh_counters(data_dir: Path) -> None:
    """All counters begin at zero: to be called before the faces start, and never beside running ones."""
    shutil.rmtree(data_dir / METRICS, ignore_errors=True)
    (data_dir / METRICS).mkdir(parents=True)


def market(port: int, data_dir: Path, env: Mapping[str, str], *options: str) -> Process:
    """The simulated market as a service of the demo."""
    argv = (sys.executable, "-m", "platforms.simulated", "--port", str(port), "--data-dir", str(data_dir), *options)
    url = f"http://127.0.0.1:{port}/_sim/state"
    return Process("market", argv, env, data_dir.parent / "logs" / "market.log", url)


def lockstep_api(port: int, market_url: str, env: Mapping[str, str], log_file: Path) -> Process:
    """The API in the market's time, for evaluations."""
    argv = (sys.executable, "-m", "ecom_agent.api.lockstep", "--port", str(port), "--market", market_url)
    return Process("api", argv, env, log_file, f"http://127.0.0.1:{port}/health")


def _quiet_prefect(at: Addresses, data_dir: Path) -> dict[str, str]:
    """Prefect at our address, with its data in our folder, telling nobody, starting manual runs within seconds."""
    return {
        "PREFECT_HOME": str(data_dir / "prefect"),
        "PREFECT_API_URL": f"{at.prefect}/api",
        "PREFECT_SERVER_UI_API_URL": f"{at.prefect}/api",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
        "PREFECT_RUNNER_POLL_FREQUENCY": "2",
        "PREFECT_LOGGING_LEVEL": "WARNING",
        "DO_NOT_TRACK": "1",
        # Its runner keeps files in one folder for all users of a machine, which then belongs to whoever came first.
        "TMPDIR": str(data_dir / TEMPORARY),
    }
