"""The counters of all our processes, added up: each writes its own into a shared folder, the API reads them all.

The supervisor names the folder in PROMETHEUS_MULTIPROC_DIR and empties it at its start. Every run of a flow is a
process of its own, so what ended processes left behind is folded into one file: the folder stays small.
"""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any, Final

import psutil
from prometheus_client import (
    GC_COLLECTOR,
    PLATFORM_COLLECTOR,
    PROCESS_COLLECTOR,
    REGISTRY,
    CollectorRegistry,
    generate_latest,
)
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector

_one_at_a_time = threading.Lock()
_File: Final[Any] = MmapedDict  # both are untyped in the library
_Everybody: Final[Any] = MultiProcessCollector


def counters() -> bytes:
    """All counters and histograms in Prometheus' text form; those of this process alone where it has no supervisor."""
    folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    if not folder:
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    for own in (PROCESS_COLLECTOR, PLATFORM_COLLECTOR, GC_COLLECTOR):
        registry.register(own)
    _Everybody(registry, folder)
    with _one_at_a_time:
        fold(Path(folder))
        return generate_latest(registry)


def fold(folder: Path) -> None:
    """Add the files of processes that have ended to one for each kind of metric, and remove them."""
    for file in folder.glob("*_*.db"):
        kind, _, pid = file.stem.partition("_")
        if not pid.isdigit() or psutil.pid_exists(int(pid)):
            continue
        ended = _File(str(folder / f"{kind}_ended.db"))
        for key, value, _at, _place in _File.read_all_values_from_file(str(file)):
            ended.write_value(key, ended.read_value(key)[0] + value, 0.0)
        ended.close()
        file.unlink()
