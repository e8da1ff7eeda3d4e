"""One small shop in memory, with every part of the pipeline over it."""

import pytest
from actions_kit import Bench


@pytest.fixture
def bench():
    return Bench()


@pytest.fixture(scope="session")
def a_bench():
    return Bench
