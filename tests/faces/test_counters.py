"""Counters of several processes come out of one /metrics, added up, also of those that have ended."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fake_app import FakeApp
from fastapi.testclient import TestClient

from ecom_agent.api.main import create
from ecom_agent.runtime import processes
from ecom_agent.runtime.supervisor import Process

WRITER = """
import sys
from ecom_agent.telemetry import DECISIONS, SEND_SECONDS
DECISIONS.labels("move").inc(int(sys.argv[1]))
SEND_SECONDS.labels("price.set").observe(0.2)
print("counted", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    processes.fresh_counters(tmp_path)
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path / processes.METRICS))
    return tmp_path / processes.METRICS


@contextmanager
def counting(times: int) -> Iterator[None]:
    """A process of its own that has counted so often, alive until the end of the block."""
    command = [sys.executable, "-c", WRITER, str(times)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=dict(os.environ)) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"counted\n"
        yield


def scraped() -> dict[str, float]:
    with TestClient(create()) as client:
        lines = client.get("/metrics").text.splitlines()
    found = [re.fullmatch(r"(\S+) (\S+)", line) for line in lines if not line.startswith("#")]
    names = [hit.group(1) for hit in found if hit]
    assert len(names) == len(set(names))
    return {hit.group(1): float(hit.group(2)) for hit in found if hit}


MOVES, SENT = 'ecom_decisions_total{outcome="move"}', 'ecom_send_seconds_count{kind="price.set"}'


def test_counters_of_two_processes_are_added_and_outlive_them(shop: FakeApp, folder: Path) -> None:
    with counting(3), counting(4):
        seen = scraped()
        assert (seen[MOVES], seen[SENT], seen["ecom_up"]) == (7, 2, 1)
        assert "process_open_fds" in seen
    for _ in range(2):
        assert (scraped()[MOVES], scraped()[SENT]) == (7, 2)
    assert sorted(file.name for file in folder.iterdir()) == ["counter_ended.db", "histogram_ended.db"]
    with counting(1):
        pass
    assert (scraped()[MOVES], scraped()[SENT]) == (8, 3)
    assert len(list(folder.iterdir())) == 2


def test_every_face_counts_into_the_folder_that_a_start_empties(tmp_path: Path) -> None:
    left = tmp_path / processes.METRICS / "counter_1.db"
    left.parent.mkdir()
    left.touch()
    processes.fresh_counters(tmp_path)
    assert list(left.parent.iterdir()) == []
    faces = processes.faces(processes.Addresses("127.0.0.1", 1, 2, 3), {}, tmp_path)
    assert {face.env["PROMETHEUS_MULTIPROC_DIR"] for face in faces if isinstance(face, Process)} == {str(left.parent)}
