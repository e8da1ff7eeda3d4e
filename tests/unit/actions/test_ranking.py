"""Which waiting write leaves first: more money per token first, whatever the evidence holds."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from actions_kit import policy, usd, wish
from hypothesis import given
from hypothesis import strategies as st

from ecom_agent.actions.model import Kind
from ecom_agent.actions.ranking import MOST, per_token, worth
from ecom_agent.money import Money

SENDING = policy("sending")
JUNK = st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.text(max_size=5)
GAIN = st.integers(0, 10**7)


def with_ranking(**changed: Any) -> dict[str, Any]:
    return {**SENDING, "ranking": {**SENDING["ranking"], **changed}}


@given(st.dictionaries(st.sampled_from(["gain_minor_per_hour", "lasts_min", "units_per_day", "x"]), JUNK), st.data())
def test_any_evidence_and_any_policy_give_a_worth_the_database_takes(evidence: dict[str, Any], data: Any) -> None:
    ranking = data.draw(st.dictionaries(st.sampled_from(["lasts_min", "units_per_day", "tokens", "money"]), JUNK))
    for sending in (SENDING, {}, {"ranking": ranking}, {"ranking": 7}):
        found = worth(wish(evidence=evidence), sending, "amazon")
        assert type(found) is int
        assert 0 <= found <= MOST


@given(GAIN, GAIN, st.integers(1, 10_000), st.integers(1, 100))
def test_more_gain_for_longer_and_fewer_tokens_is_worth_more(gain: int, more: int, minutes: int, tokens: int) -> None:
    def of(gained: int, lasts: int, costs: int) -> int:
        evidence = {"gain_minor_per_hour": gained, "lasts_min": lasts}
        return worth(wish(evidence=evidence), with_ranking(tokens={"shopify": costs}), "shopify")

    assert of(gain, minutes, tokens) <= of(gain + more, minutes, tokens)
    assert of(gain, minutes, tokens) <= of(gain, minutes + more, tokens)
    assert of(gain, minutes, tokens) >= of(gain, minutes, tokens + more)


def test_the_rule_is_gain_per_hour_times_hours_over_tokens() -> None:
    assert per_token(Decimal(300), Decimal(2), Decimal(10)) == 60
    told = {"gain_minor_per_hour": 300, "lasts_min": 120}
    assert worth(wish(evidence=told), with_ranking(tokens={"shopify": 10}), "shopify") == 60
    with pytest.raises(ValueError, match="tokens"):
        per_token(Decimal(1), Decimal(1), Decimal(0))


def test_without_an_estimate_the_stake_counts_up_and_down_alike() -> None:
    """One dollar on 48 units a day is two dollars an hour."""
    told = {"units_per_day": 48, "lasts_min": 60}
    assert worth(wish(usd("20.00"), usd("19.00"), evidence=told), SENDING) == 200
    assert worth(wish(usd("20.00"), usd("21.00"), evidence=told), SENDING) == 200
    assert worth(wish(None, usd("21.00"), evidence=told), SENDING) == 4200
    assert worth(wish(10, 34, kind=Kind.STOCK_SET, evidence=told), SENDING) == 48


def test_a_change_that_is_expected_to_lose_is_sent_last() -> None:
    assert worth(wish(evidence={"gain_minor_per_hour": -500}), SENDING) == 0


def test_currencies_are_compared_by_what_they_are_worth() -> None:
    told = {"gain_minor_per_hour": 10_000}
    yen = wish(Money(1000, "JPY"), Money(900, "JPY"), evidence=told)
    assert worth(yen, with_ranking(money={"JPY": "0.62"})) == 6_200 < worth(wish(evidence=told), SENDING)
