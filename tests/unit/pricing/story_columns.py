"""Price stories as columns, for tests that think in moments."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import numpy as np

from ecom_agent.records.stories import Stories
from native_pricer import epoch_us


class Told(NamedTuple):
    at: datetime
    ours: int | None
    rival: int | None = None
    held: bool | None = None
    currency: str = "USD"


def columns(*stories: Sequence[Told]) -> Stories:
    """Each story in its order of time."""
    rows = [(n, told) for n, story in enumerate(stories) for told in sorted(story, key=lambda told: told.at)]

    def numbers(name: str) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        values = (getattr(told, name) for _, told in rows)
        return np.array([-1 if value is None else int(value) for value in values], np.int64)

    return Stories(
        np.array([n for n, _ in rows], np.int64),
        np.array([epoch_us(told.at) for _, told in rows], np.int64),
        numbers("ours"),
        numbers("rival"),
        numbers("held"),
        np.array([told.currency.encode() for _, told in rows], "S3"),
    )
