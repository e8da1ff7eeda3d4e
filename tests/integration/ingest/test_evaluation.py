"""`ecom evaluate ingest`, small: it runs, names its figures, and both contenders store the same rows."""

from __future__ import annotations

import pytest

from ecom_agent.evaluate.ingest import EVALUATION, generated, measure

pytestmark = pytest.mark.services


def test_the_evaluation_gives_the_figures_it_names() -> None:
    lines: list[str] = []
    done = measure(7, rows=600, page=100, passes=2, progress=lines.append)
    assert set(done.figures) == set(EVALUATION.figures)
    assert set(done.baselines) == set(EVALUATION.baselines)
    assert done.figures["rows"] >= 600
    assert lines[-1] == "pass 2 of 2"


def test_the_same_seed_makes_the_same_orders_half_of_them_updates() -> None:
    data = generated(3, 500, 50)
    assert data == generated(3, 500, 50)
    assert data.rows >= 500
    former = {o.order_id: o for o in data.former}
    updates = [o for o in data.arriving if o.order_id in former]
    assert len(updates) == len(former) == len(data.arriving) // 2
    assert all(o.updated_at > former[o.order_id].updated_at and o != former[o.order_id] for o in updates)
