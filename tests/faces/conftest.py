"""The faces run over a fake App, on a frozen clock; nothing here needs a database or the network."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

import fake_app
import pytest

import ecom_agent
from ecom_agent.clock import FrozenClock

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Any], ModuleType]]:
    """Puts an App in place for one test: `wire(FakeApp.empty())`."""
    monkeypatch.delenv("ECOM_PERSON", raising=False)
    before, attribute = sys.modules.get("ecom_agent.wiring"), getattr(ecom_agent, "wiring", None)
    yield fake_app.install
    sys.modules.pop("ecom_agent.wiring", None)
    vars(ecom_agent).pop("wiring", None)
    if before is not None:
        sys.modules["ecom_agent.wiring"] = before
    if attribute is not None:
        ecom_agent.wiring = attribute  # type: ignore[attr-defined]


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock(NOW)


@pytest.fixture
def shop(wire: Callable[[Any], ModuleType], clock: FrozenClock) -> fake_app.FakeApp:
    """A busy shop, in place."""
    app = fake_app.FakeApp(clock)
    wire(app)
    return app
