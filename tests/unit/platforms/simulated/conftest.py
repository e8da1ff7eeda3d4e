"""A world in a folder of the test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from simulated_kit import START, Market

from platforms.simulated.simulation import Simulation


@pytest.fixture
def market(tmp_path: Path) -> Iterator[Market]:
    sim = Simulation(tmp_path / "world", seed=7, start=START)
    yield Market(sim)
    sim.close()
