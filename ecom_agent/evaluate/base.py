"""What an evaluation declares, and what one run of it gives."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Number = int | float


@dataclass(frozen=True, slots=True)
class Options:
    """`data` is a folder of inputs (None = the evaluation's own), `progress` is told "done of total: what".

    `arguments` are those of the evaluation's own that were given, as text: "seeds" → "0:99".
    """

    data: Path | None
    seed: int
    progress: Callable[[str], None] = lambda _line: None
    arguments: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Measured:
    """Figures of one run; `details` are for reading (every miss with its reason), never for keeping.

    A figure is None where it cannot be measured on this machine; `details` then say what is missing.
    """

    figures: Mapping[str, Number | None]
    baselines: Mapping[str, Number | None]
    data: str
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """`figures` and `baselines` map each printed name to what it means and its unit; `arguments` its own options."""

    name: str
    title: str
    figures: Mapping[str, str]
    baselines: Mapping[str, str]
    run: Callable[[Options], Measured]
    arguments: Mapping[str, str] = field(default_factory=dict)


def evaluations() -> dict[str, Evaluation]:
    """All evaluations of this folder, by name."""
    package = importlib.import_module("ecom_agent.evaluate")
    modules = (importlib.import_module(f"{package.__name__}.{m.name}") for m in pkgutil.iter_modules(package.__path__))
    found = (getattr(module, "EVALUATION", None) for module in modules)
    return {e.name: e for e in sorted(filter(None, found), key=lambda e: e.name)}
