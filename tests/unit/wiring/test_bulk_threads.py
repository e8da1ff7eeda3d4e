"""Each account that takes prices in bulk has a thread of its own, which holds up nobody and ends when told to."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Any

import pytest

from ecom_agent.errors import TransientError
from ecom_agent.wiring import running


class FakeApp:
    """One account's feed waits until it is let go, the other's is refused each time."""

    bulk_accounts = ("patient", "refused")

    def __init__(self) -> None:
        self.let_go, self.calls, self.enough = threading.Event(), Counter[str](), threading.Event()

    def execute_bulk(self, account: str) -> dict[str, int]:
        self.calls[account] += 1
        if account == "patient":
            self.let_go.wait()
            return {"applied": 1}
        if self.calls[account] > 2:
            self.enough.set()
        raise TransientError("fake", "feed", "not now")


def test_one_that_waits_holds_up_no_other_and_a_refusal_ends_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "BULK_LOOK_S", 0.001)
    app: Any = FakeApp()
    stopping = threading.Event()
    threads = running._bulk_senders(app, stopping)
    assert [(t.name, t.daemon) for t in threads] == [("bulk-patient", True), ("bulk-refused", True)]
    for thread in threads:
        thread.start()
    assert app.enough.wait(60)
    assert app.calls["patient"] == 1
    stopping.set()
    app.let_go.set()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
