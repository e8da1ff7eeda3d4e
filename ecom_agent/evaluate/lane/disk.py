"""What the disk gives by itself: a change may leave only once it is known to be on it."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

WRITE: Final = 8192
_PLACES: Final = 128
_EVERY_S: Final = 0.01
SLOW_S: Final = 0.01


def waits(folder: Path, seconds: float) -> Sequence[float]:
    """Seconds that each of some hundred lone writes a second waited until it was on the disk; in order of size."""
    took, until = list[float](), time.perf_counter() + seconds
    page = os.urandom(WRITE)
    with open(folder / "probe", "wb", buffering=0) as file:
        file.write(bytes(WRITE * _PLACES))  # what it writes over later is there, as the log's files are
        os.fsync(file.fileno())
        while (began := time.perf_counter()) < until:
            os.pwrite(file.fileno(), page, WRITE * (len(took) % _PLACES))
            os.fdatasync(file.fileno())
            took.append(time.perf_counter() - began)
            time.sleep(max(0.0, _EVERY_S - took[-1]))
    (folder / "probe").unlink()
    return sorted(took)
