"""One file per brake. Each offers `GUARD`; being in this folder is all it takes to be asked."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from ecom_agent.actions.gate import Guard


@cache
def all_guards() -> tuple[Guard, ...]:
    """Every guard of this folder, by name."""
    names = (m.name for m in pkgutil.iter_modules(__path__) if not m.name.startswith("_"))
    found = (importlib.import_module(f"{__name__}.{name}").GUARD for name in names)
    return tuple(sorted(found, key=lambda guard: guard.name))
