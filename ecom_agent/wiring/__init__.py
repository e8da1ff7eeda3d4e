"""The composition root: the only place where settings are read and concrete things are named."""

from __future__ import annotations

from functools import cache

from ecom_agent.clock import Clock
from ecom_agent.settings import environment
from ecom_agent.wiring.build import App, build
from ecom_agent.wiring.database import prepare_database
from ecom_agent.wiring.evaluating import evaluate, evaluations
from ecom_agent.wiring.running import (
    demo_platforms,
    demo_values,
    init_env,
    prepare_demo,
    run_demo_live,
    run_demo_once,
    run_lane,
    run_up,
)

__all__ = [
    "App",
    "app",
    "build",
    "demo_platforms",
    "demo_values",
    "evaluate",
    "evaluations",
    "init_env",
    "keep_time",
    "prepare_database",
    "prepare_demo",
    "run_demo_live",
    "run_demo_once",
    "run_lane",
    "run_up",
]
_made: list[App] = []


def app() -> App:
    """This process's App, on the environment and the settings file in force."""
    return _made[0] if _made else _usual()


def keep_time(clock: Clock) -> App:
    """From now on this process's App goes by `clock` instead of the machine's. Raises what building it raises."""
    _made[:] = [build(environment(), clock)]
    return _made[0]


@cache
def _usual() -> App:
    return build(environment())
