"""The elasticity evaluation on the real sales: held-out stores are really unseen, figures keep their promise."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from ecom_agent.errors import BadInput
from ecom_agent.evaluate import elasticity
from ecom_agent.evaluate.base import Options

pytestmark = pytest.mark.shared


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """As the evaluation runs it: small matrices on several threads of a busy machine take minutes."""
    with threadpool_limits(1):
        yield


@pytest.fixture(scope="module")
def juice(shared_dir: Path) -> elasticity.Juice:
    return elasticity.read(shared_dir / "data" / "retail_orangejuice")


def two_brands(juice: elasticity.Juice) -> elasticity.Juice:
    rows = juice.brand < 2
    return elasticity.Juice(
        juice.store[rows], juice.brand[rows], juice.week[rows], juice.log_units[rows], juice.price[rows],
        juice.promotion[rows], juice.traits[rows],
    )  # fmt: skip


def test_a_part_of_it_keeps_the_promise(juice: elasticity.Juice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elasticity, "BRANDS", 2)
    part = two_brands(juice)
    folds = np.searchsorted(np.unique(part.store), part.store) % elasticity.FOLDS
    alone, with_week = elasticity.unseen_stores(part, folds, lambda _line: None)
    line, _ = elasticity.plain(part, folds, by_brand=True)
    told = elasticity.r_squared(part.log_units, alone)
    assert told > elasticity.r_squared(part.log_units, line)
    assert elasticity.r_squared(part.log_units, with_week) > told
    weeks = (part.week - part.weeks[0]) // elasticity.BLOCK_WEEKS % elasticity.FOLDS
    assert 0.85 <= elasticity.held_back_weeks(part, weeks, lambda _line: None, "weeks").covered <= 0.95


def test_what_a_held_out_store_sold_changes_nothing_said_of_it(
    juice: elasticity.Juice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(elasticity, "BRANDS", 1)
    monkeypatch.setattr(elasticity, "FOLDS", 1)
    rows = juice.brand == 0
    part = elasticity.Juice(
        juice.store[rows], juice.brand[rows], juice.week[rows], juice.log_units[rows].copy(), juice.price[rows],
        juice.promotion[rows], juice.traits[rows],
    )  # fmt: skip
    out = np.isin(part.store, np.unique(part.store)[:10])
    folds = np.where(out, 0, 1)
    before = elasticity.unseen_stores(part, folds, lambda _line: None)
    part.log_units[out] += 5.0
    after = elasticity.unseen_stores(part, folds, lambda _line: None)
    assert after[0] == pytest.approx(before[0])
    assert after[1] == pytest.approx(before[1])


def test_it_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="--data"):
        elasticity.EVALUATION.run(Options(None, 7))
    with pytest.raises(BadInput, match="orange_juice_weekly"):
        elasticity.EVALUATION.run(Options(tmp_path, 7))
