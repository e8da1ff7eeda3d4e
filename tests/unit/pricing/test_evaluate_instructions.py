"""Counting instructions: the difference of two runs, and no figure at all where valgrind is missing."""

from __future__ import annotations

import shutil

import pytest

from ecom_agent.evaluate import instructions
from ecom_agent.evaluate.base import Options
from native_pricer import backends

pytestmark = pytest.mark.skipif("cython" not in backends(), reason="the compiled backend was not built")
OPTIONS = Options(data=None, seed=7)
EACH = {"compiled": 50, "twin": 2_000, "lean": 500}


def test_start_and_imports_are_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: f"/bin/{name}")
    monkeypatch.setattr(instructions, "count", lambda name, number, _seed: 10**6 + EACH[name] * number)
    measured = instructions.EVALUATION.run(OPTIONS)
    assert measured.figures == {"instructions_20": 50, "fewer_than_twin_20": 40.0, "fewer_than_lean_20": 10.0}
    assert measured.baselines == {"twin_instructions_20": 2_000, "lean_instructions_20": 500}


def test_without_valgrind_the_figures_are_unknown_and_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    measured = instructions.EVALUATION.run(OPTIONS)
    assert set(measured.figures.values()) == set(measured.baselines.values()) == {None}
    assert "apt-get install valgrind" in measured.details["left out"][0]


@pytest.mark.parametrize("name", instructions.CONTENDERS)
def test_what_runs_under_valgrind_decides(name: str) -> None:
    instructions.decide(name, 2, seed=7)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("valgrind") is None, reason="valgrind is not installed")
def test_a_process_is_counted() -> None:
    assert instructions.count("compiled", 0, seed=7) > 10**7
