"""Packages that only the full profile brings, imported late."""

from __future__ import annotations

import importlib
from typing import Any

from ecom_agent.errors import ConfigError


def bring(module: str, *, needed_for: str) -> Any:
    """Import `module`. Raises ConfigError that says what needs it and which command brings it."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ConfigError(
            f"{needed_for} needs the package {module.partition('.')[0]}, which cannot be loaded here "
            f"({error.name or type(error).__name__}); `make demo PROFILE=full` brings it"
        ) from error
