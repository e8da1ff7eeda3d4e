"""Every preset: reads, runs in every currency, never lowers for want of a rival, and says what it is for."""

from __future__ import annotations

from datetime import date

import pytest

from ecom_agent.money import EXPONENTS
from native_pricer.clauses import Without
from pricing.rules import Compiled, compile_rule, presets, read, write

EVERY = sorted(presets())


def test_there_is_a_handful() -> None:
    assert len(EVERY) >= 5


@pytest.mark.parametrize("name", EVERY)
def test_a_preset_runs_wherever_we_sell(name: str) -> None:
    rule = read(presets()[name])
    assert rule.name == name
    assert rule.about
    assert read(write(rule)) == rule
    for currency in EXPONENTS:
        found = compile_rule(rule, currency, "new", date(2026, 3, 2))
        assert isinstance(found, Compiled)
        assert found.clauses
        assert all(c.without in (Without.HOLD, Without.RAISE) for c in found.clauses)


@pytest.mark.parametrize("name", EVERY)
def test_a_preset_that_steps_from_its_own_price_pauses_between_steps(name: str) -> None:
    """Without a pause a step of 2 % would be taken again at every sweep."""
    rule = read(presets()[name])
    down = [c for c in rule.clauses if c.aim.target == "own" and c.may_lower and c.offset != 0]
    assert not down or rule.pause_s >= 3_600
