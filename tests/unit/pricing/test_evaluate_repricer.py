"""The repricer's measurement is fair: same events, same answers, all names; how fast is not asked here."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from ecom_agent.evaluate import repricer
from ecom_agent.evaluate.base import evaluations
from native_pricer import Kind, backends, epoch_us
from native_pricer._engine import Core

pytestmark = pytest.mark.skipif("cython" not in backends(), reason="the compiled backend was not built")


def test_it_gives_every_figure_it_declares() -> None:
    measured = repricer.measure(seed=1, passes=1, count=3)
    assert set(measured.figures) == set(repricer.EVALUATION.figures)
    assert set(measured.baselines) == set(repricer.EVALUATION.baselines)
    assert all(value > 0 for value in {**measured.figures, **measured.baselines}.values())
    assert evaluations()["repricer"] is repricer.EVALUATION


@pytest.mark.parametrize("size", repricer.SIZES)
def test_both_decide_the_same_and_the_scanner_reads_all_of_it(size: int) -> None:
    dice, fast, twin = random.Random(5), repricer._engine("cython"), repricer._engine("reference")
    now = epoch_us(repricer.START + timedelta(seconds=60))
    kinds = set()
    for event in repricer.events(size, 30, seed=5):
        for raw in (repricer.canonical(event), repricer.otherwise(event, dice)):
            assert Core().understands(raw)
            (decision,) = fast(raw, now)
            assert (decision,) == twin(raw, now)
            kinds.add(decision.kind)
    assert Kind.MOVE in kinds


def test_the_same_seed_gives_the_same_events() -> None:
    assert repricer.events(5, 3, seed=9) == repricer.events(5, 3, seed=9)
    assert repricer.events(5, 3, seed=9) != repricer.events(5, 3, seed=10)
