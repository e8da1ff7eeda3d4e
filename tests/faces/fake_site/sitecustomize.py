"""On PYTHONPATH, this puts the fake App under every Python process started from a test: consoles, flow runs."""

from __future__ import annotations

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from fake_app import FakeApp, install  # found by the line above

install(FakeApp.empty() if os.environ.get("FAKE_SHOP") == "empty" else FakeApp())
