"""Running an evaluation by name."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ecom_agent.errors import BadInput
from ecom_agent.evaluate.base import Evaluation, Options
from ecom_agent.evaluate.base import evaluations as found


def evaluations() -> Mapping[str, Evaluation]:
    """All evaluations by name, each with what its figures mean."""
    return found()


def evaluate(
    name: str,
    data: Path | None,
    seed: int,
    progress: Callable[[str], None],
    arguments: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Measure now: {"name", "figures", "baselines", "data", "seed", "seconds"}, and "details" where there are any.

    Raises BadInput for a name that is none, and for an argument that this evaluation does not take.
    """
    given = dict(arguments or {})
    known = found()
    if name not in known:
        raise BadInput(f"one of {', '.join(known)}", repr(name), "`ecom evaluate --list` tells what each measures")
    for argument in given:
        if argument not in known[name].arguments:
            takes = ", ".join(f"--{a}" for a in known[name].arguments) or "none of its own"
            raise BadInput(f"arguments that {name} takes: {takes}", f"--{argument}", "leave it out")
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    began = time.monotonic()
    measured = known[name].run(Options(data=data, seed=seed, progress=progress, arguments=given))
    result: dict[str, Any] = {
        "name": name,
        "figures": dict(measured.figures),
        "baselines": dict(measured.baselines),
        "data": measured.data,
        "seed": seed,
        "seconds": round(time.monotonic() - began, 2),
    }
    return {**result, "details": dict(measured.details)} if measured.details else result
