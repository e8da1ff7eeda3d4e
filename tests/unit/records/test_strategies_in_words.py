"""What screens and the command line say of how a strategy did."""

from datetime import UTC, datetime
from math import inf

from ecom_agent.ids import AccountId, MarketplaceId
from ecom_agent.records.strategies import StrategyTrial, in_words


def trial(gain: float, low: float, high: float, pairs: int) -> StrategyTrial:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    return StrategyTrial(
        AccountId("a"), MarketplaceId("m"), "beat-1", "match-1", "recorded", at, gain, low, high, pairs, 1
    )


def test_a_gain_is_told_with_its_bounds() -> None:
    assert in_words(trial(1234.56, -20.0, 2500.0, 30)) == "+1,234.6 (-20.0 … +2,500.0)"


def test_what_is_not_known_is_no_number() -> None:
    assert in_words(None) == "not measured"
    assert in_words(trial(0.0, -inf, inf, 3)) == "3 pairs, too few to say"
