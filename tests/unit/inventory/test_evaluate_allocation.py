"""The evaluation of sharing out: split oversells nothing; who shows everything does, who never moves loses more."""

from __future__ import annotations

from ecom_agent.evaluate import allocation
from ecom_agent.evaluate.base import evaluations


def test_split_sells_nothing_twice_and_loses_less_than_a_fixed_split() -> None:
    measured = allocation.measure(range(1), 7)
    found = {name: value or 0 for name, value in {**measured.figures, **measured.baselines}.items()}
    for mood in allocation.MOODS:
        assert found[f"split.{mood}.oversold"] == found[f"split_by_sales.{mood}.oversold"] == 0
        assert found[f"everything.{mood}.oversold"] > 0
        assert found[f"split.{mood}.lost"] < found[f"equal_split.{mood}.lost"]
    assert found["everything.busy.oversold"] > found["everything_synced.busy.oversold"]
    declared = evaluations()["allocation"]
    assert (set(declared.figures), set(declared.baselines)) == (set(measured.figures), set(measured.baselines))


def test_the_same_seeds_give_the_same_figures() -> None:
    way = allocation.WAYS["split"]
    assert allocation.live(way, 1, 3, 4) == allocation.live(way, 1, 3, 4)
