"""The market evaluation gives every figure that it declares, and says which seeds it used."""

from __future__ import annotations

import pytest

from ecom_agent.errors import ConfigError
from ecom_agent.evaluate.base import Options, evaluations

pytest.importorskip("native_pricer._market", reason="the compiled backend was not built")


def test_it_gives_every_figure_it_declares() -> None:
    from ecom_agent.evaluate import market

    told: list[str] = []
    measured = market.measure(range(2, 4), 1, told.append, resamples=50, reference_markets=2)
    assert set(measured.figures) == set(market.FIGURES)
    assert set(measured.baselines) == set(market.BASELINES)
    assert "tuning seeds" in measured.data
    assert measured.figures["share_first_below_floor"] == 0
    assert told[0].startswith("1 of ")
    assert evaluations()["market"] is market.EVALUATION


def test_seeds_are_a_range() -> None:
    from ecom_agent.evaluate import market

    for given in ("5", "7:7", "a:b"):
        with pytest.raises(ConfigError, match="--seeds"):
            market.EVALUATION.run(Options(None, 7, arguments={"seeds": given}))
