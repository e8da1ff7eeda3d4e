"""The composition root: the only place where settings are read and concrete things are named."""

from __future__ import annotations

from functools import cache

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
    "prepare_database",
    "prepare_demo",
    "run_demo_live",
    "run_demo_once",
    "run_lane",
    "run_up",
]


@cache
def app() -> App:
    """This process's App, on the environment and the settings file in force."""
    return build(environment())
