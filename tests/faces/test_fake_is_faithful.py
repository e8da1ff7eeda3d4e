"""The faces' fake has App's surface: what the faces call there exists here, with the same parameters."""

from __future__ import annotations

import importlib
import inspect

import pytest
from fake_app import FakeApp, fake_wiring

REAL = importlib.import_module("ecom_agent.wiring")
VERBS = [name for name, _ in inspect.getmembers(FakeApp, inspect.isfunction) if not name.startswith("_")]
RUNS = ["init_env", "run_demo_live", "run_demo_once", "run_lane", "run_up", "evaluate", "app"]


def parameters(function: object) -> list[str]:
    return [p.name for p in inspect.signature(function).parameters.values()]  # type: ignore[arg-type]  # any callable


@pytest.mark.parametrize("name", [n for n in VERBS if n not in ("empty", "broken")])
def test_every_verb_of_the_fake_is_one_of_the_apps(name: str) -> None:
    real = inspect.signature(getattr(REAL.App, name)).parameters
    fake = inspect.signature(getattr(FakeApp, name)).parameters
    assert [(p.name, p.kind) for p in fake.values()] == [(p.name, p.kind) for p in real.values()]


@pytest.mark.parametrize("name", RUNS)
def test_what_the_commands_start_exists(name: str) -> None:
    assert callable(getattr(REAL, name))
    assert hasattr(fake_wiring(None), name)


def test_the_runs_are_called_as_they_are_written() -> None:
    assert parameters(REAL.run_demo_once) == ["hours", "seed", "data_dir", "faults", "progress", "platforms"]
    assert parameters(REAL.run_demo_live) == ["data_dir", "seed", "faults", "history_hours", "say", "platforms"]
    assert parameters(REAL.run_up) == ["env_file", "say"]
    assert parameters(REAL.init_env) == ["path", "check"]
    assert parameters(REAL.evaluate) == ["name", "data", "seed", "progress", "arguments"]
