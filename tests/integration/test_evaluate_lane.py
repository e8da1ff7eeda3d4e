"""The lane's evaluation, a short one: everything it starts comes up, and it loses and doubles nothing."""

from __future__ import annotations

import pytest

from ecom_agent.evaluate.lane import measure
from ecom_agent.runtime import flow

pytestmark = [pytest.mark.services, pytest.mark.slow]


def test_what_goes_into_the_queue_comes_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flow, "POLL_S", 1)  # a lane that ends waits for its last poll
    told = measure(seconds=1, backlog=2_500, seed=7, say=lambda _words: None, listings=250)
    assert (told.figures["lost"], told.figures["drain_lost"]) == (0, 0)
    assert told.figures["changes"] > 0
    assert told.figures["drain_writes"] > 0
    assert told.baselines["disk_max_ms"] >= told.baselines["disk_p50_ms"] > 0
