"""The same seed tells the same story: two demo runs of an hour give the same report."""

from __future__ import annotations

import pytest

from ecom_agent.wiring import run_demo_once

pytestmark = [pytest.mark.slow, pytest.mark.services]


def test_the_same_seed_gives_the_same_report() -> None:
    reports = []
    for _ in range(2):
        report, ok = run_demo_once(1, 3, None, "mild", lambda _line: None)
        assert ok, report
        reports.append({name: value for name, value in report.items() if name != "seconds"})
    assert reports[0] == reports[1]
    assert reports[0]["price_changes"]["verified"] > 0
