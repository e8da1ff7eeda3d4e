"""The repricer's measurement is fair: same events, same answers, all names; how fast is not asked here."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from ecom_agent.evaluate import repricer
from ecom_agent.evaluate.base import evaluations
from ecom_agent.evaluate.repricer import notices, peers, typed
from native_pricer import Kind, backends, epoch_us
from native_pricer._engine import Core

pytestmark = pytest.mark.skipif("cython" not in backends(), reason="the compiled backend was not built")


def test_it_gives_every_figure_it_declares() -> None:
    measured = repricer.measure(seed=1, passes=1, count=3)
    assert set(measured.figures) == set(repricer.EVALUATION.figures)
    assert set(measured.baselines) == set(repricer.EVALUATION.baselines)
    assert all(value is not None and value >= 0 for value in {**measured.figures, **measured.baselines}.values())
    assert evaluations()["repricer"] is repricer.EVALUATION


def test_without_msgspec_its_figures_are_unknown_and_said_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repricer, "find_spec", lambda _name: None)
    measured = repricer.measure(seed=1, passes=1, count=2)
    unknown = [name for name, value in {**measured.figures, **measured.baselines}.items() if value is None]
    assert unknown == ["vs_msgspec_20", "vs_msgspec_lean_20", "msgspec_p50_us_20", "msgspec_lean_p50_us_20"]
    assert "pip install msgspec" in measured.details["left out"][0]


@pytest.mark.parametrize("size", repricer.SIZES)
def test_those_with_every_check_decide_the_same_and_the_scanner_reads_all_of_it(size: int) -> None:
    dice, fast, others = random.Random(5), peers.compiled(), (peers.twin(), typed.checked())
    now = epoch_us(notices.START + timedelta(seconds=60))
    kinds = set()
    for event in notices.events(size, 15, seed=5) + notices.mixed(size, 15, seed=6):
        for raw in (notices.canonical(event), notices.otherwise(event, dice)):
            assert Core().understands(raw)
            (decision,) = fast(raw, now)
            assert [other(raw, now) for other in others] == [(decision,), (decision,)]
            kinds.add(decision.kind)
    assert Kind.MOVE in kinds


def test_the_bare_ones_find_the_same_price() -> None:
    raws = [notices.canonical(event) for event in notices.events(5, 15, seed=5)]
    assert [peers.lean()(raw, 0) for raw in raws] == [typed.lean()(raw, 0) for raw in raws]


def test_the_same_seed_gives_the_same_events() -> None:
    assert notices.events(5, 3, seed=9) == notices.events(5, 3, seed=9)
    assert notices.events(5, 3, seed=9) != notices.events(5, 3, seed=10)
    assert notices.mixed(5, 3, seed=9) == notices.mixed(5, 3, seed=9)
