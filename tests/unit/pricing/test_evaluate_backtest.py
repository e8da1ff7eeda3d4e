"""`ecom evaluate backtest` on a few listings and days: its sums hold together, and the same seed gives the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ecom_agent.errors import BadInput
from ecom_agent.evaluate import backtest
from ecom_agent.evaluate.backtest import chart, programs, recorded
from ecom_agent.evaluate.base import Options, evaluations
from native_pricer.ticks import GONE, NO_SLOT
from pricing.attribution import FACTORS


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ecom_agent.evaluate.backtest.sample.LISTINGS", 3)


def test_the_figures_are_those_that_are_declared_and_the_parts_sum_up() -> None:
    found = backtest.measure(9, seed=3, listings=40)
    assert set(found.figures) == set(backtest.FIGURES)
    assert set(found.baselines) == set(backtest.BASELINES)
    assert found.figures["events"] == 40 * 40 * 9
    assert found.baselines["twin_differences"] == 0
    gained = found.figures["profit"] - found.baselines["profit_fixed"]
    assert sum(found.figures[f"from_{name}"] for name in FACTORS) == pytest.approx(gained, abs=0.5)
    segments = found.details["segments"]
    for kind in ("category", "price", "competition", "rule"):
        rows = [row for row in segments if row["by"] == kind]
        assert sum(row["listings"] for row in rows) == 40
        assert sum(row["profit"] for row in rows) == pytest.approx(found.figures["profit"], abs=0.5)
    assert {row["segment"] for row in segments if row["by"] == "rule"} == set(programs.NAMES)
    weeks = found.details["weeks"]
    assert [week["from"] for week in weeks] == ["2026-01-05", "2026-01-12"]
    assert sum(week["writes"] for week in weeks) == found.figures["writes"]
    assert all(week["writes_fixed"] == 0 for week in weeks)


def test_the_same_seed_gives_the_same_profit_however_the_events_are_handed_out(monkeypatch: pytest.MonkeyPatch) -> None:
    first = backtest.measure(4, seed=3, listings=12)
    monkeypatch.setattr(backtest, "CHUNK_DAYS", 1)
    again = backtest.measure(4, seed=3, listings=12)
    other = backtest.measure(4, seed=4, listings=12)
    for name in ("profit", "writes", "units", "buy_box_share"):
        assert first.figures[name] == again.figures[name]
    assert first.figures["profit"] != other.figures["profit"]


def test_what_is_recorded_are_changes() -> None:
    of = recorded.catalogue(60, 2, seed=5)
    recording = recorded.Recording(of, seed=5)
    book = recording.opening().copy()
    ticks = recording.next_days(2)
    changed = 0
    for i in range(60):
        for t in range(int(ticks.start[i]), int(ticks.start[i + 1])):
            slot = int(ticks.slot[t])
            if of.present[i] == 0:
                assert (slot, ticks.landed[t]) == (NO_SLOT, GONE)
                continue
            assert slot < of.present[i]
            changed += book[i, slot] != ticks.landed[t]
            book[i, slot] = ticks.landed[t]
    assert changed / len(ticks) > 0.8
    floors = np.where(book >= 0, of.rival_floor, 0)
    assert (book[book >= 0] >= floors[book >= 0] * 9 // 10).all()


def test_the_chart_is_one_page_that_needs_no_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run, shown = evaluations()["backtest"].run, tmp_path / "year.html"
    measured = backtest.Measured({}, {}, "", {"weeks": WEEKS, "segments": SEGMENTS})
    monkeypatch.setattr(backtest, "measure", lambda days, seed, progress: measured)
    run(Options(None, 1, arguments={"days": "2", "chart": str(shown)}))
    page = shown.read_text(encoding="utf-8")
    assert "Buy Box share" in page
    assert "src=" not in page.split("<body>")[1][:500]
    with pytest.raises(BadInput, match="--chart"):
        run(Options(None, 1, arguments={"days": "2", "chart": str(tmp_path / "none" / "x.html")}))
    with pytest.raises(BadInput, match="--days"):
        run(Options(None, 1, arguments={"days": "5000"}))


WEEK = {"from": "2026-01-05"} | {f"{n}{s}": 1.0 for n, _ in chart.PANELS for s in ("", "_fixed")}
WEEKS = [WEEK, WEEK | {"from": "2026-01-12"}]
SEGMENTS = [{"by": "category", "segment": "TOYS", "profit": 3.0, "profit_fixed": 2.0}]
