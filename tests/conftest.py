"""What all tests share: where the handed-in contracts and data are."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# No test measures time, hypothesis included: on a busy machine its deadline fails what is right.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

REPO = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """The folder with official contracts and real data; the test is skipped where there is none."""
    folder = Path(os.environ.get("ECOM_SHARED") or REPO.parent / "shared")
    if not (folder / "specs").is_dir():
        pytest.skip(f"no contracts at {folder}: set ECOM_SHARED to the folder that holds specs/ and data/")
    return folder
