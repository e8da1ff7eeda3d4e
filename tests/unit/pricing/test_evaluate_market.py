"""The market evaluation gives every figure that it declares, and says which seeds it used."""

from __future__ import annotations

import pytest

from ecom_agent.errors import ConfigError
from ecom_agent.evaluate.base import Options, evaluations
from platforms.simulated import catalogue, fees

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


def test_the_catalogue_costs_are_those_of_nine_in_ten_of_the_demo_listings() -> None:
    from ecom_agent.evaluate.market import CATALOGUE_COSTS

    shares = [
        fees.break_even(item.category, item.weight_g, item.cost_minor, is_fba=is_fba) / item.reference_minor
        for item in catalogue.ITEMS
        for is_fba in (True, False)
    ]
    within = [CATALOGUE_COSTS.break_even_low <= share <= CATALOGUE_COSTS.break_even_high for share in shares]
    assert sum(within) / len(within) >= 0.9


def test_share_first_holds_most_where_its_costs_let_it_and_no_less_than_any_policy_can_where_they_do_not() -> None:
    from ecom_agent.evaluate import market

    measured = market.measure(range(6), 3, resamples=50, reference_markets=1).figures
    assert measured["share_first_buy_box"] > 0.95
    assert measured["share_first_thin"] > measured["share_first_thin_most"] - 0.02


def test_seeds_are_a_range() -> None:
    from ecom_agent.evaluate import market

    for given in ("5", "7:7", "a:b"):
        with pytest.raises(ConfigError, match="--seeds"):
            market.EVALUATION.run(Options(None, 7, arguments={"seeds": given}))
