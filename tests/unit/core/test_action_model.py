"""An Action is a wish with one key, and its life has no short cuts."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecom_agent.actions.model import NEXT, OPEN, Action, Kind, Mode, State, step
from ecom_agent.errors import IllegalTransition
from ecom_agent.ids import AccountId, ActionKey, MarketplaceId, Sku
from ecom_agent.money import Money

SLOT = datetime(2026, 1, 5, 8, tzinfo=UTC)


def a_wish(**other: Any) -> Action:
    wish = Action(
        Kind.PRICE_SET,
        AccountId("amazon_us"),
        MarketplaceId("ATVPDKIKX0DER"),
        Sku("MUG-01"),
        before=Money(1299, "USD"),
        after=Money(1250, "USD"),
        reason="lowest rival 12.56 USD",
        proposed_by="pricing.repricing",
        slot=SLOT,
        mode=Mode.SANDBOX,
        policy_version=1,
    )
    return replace(wish, **other)


def test_the_same_wish_has_the_same_key_whatever_was_said_about_it() -> None:
    assert a_wish().key == a_wish(reason="other words", evidence={"event": "e1"}).key


@pytest.mark.parametrize(
    "other",
    [
        {"after": Money(1249, "USD")},
        {"before": None},
        {"target": Sku("MUG-02")},
        {"slot": SLOT + timedelta(minutes=5)},
        {"mode": Mode.LIVE},
        {"marketplace": MarketplaceId("A1F83G8C2ARO7P")},
        {"account": AccountId("amazon_eu")},
        {"undoes": ActionKey("ab")},
    ],
)
def test_another_wish_has_another_key(other: dict[str, Any]) -> None:
    assert a_wish(**other).key != a_wish().key


def test_a_made_action_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        a_wish().after = Money(1, "USD")  # type: ignore[misc]


def test_a_price_is_money_and_a_stock_is_units() -> None:
    with pytest.raises(TypeError):
        a_wish(after=1250)
    with pytest.raises(TypeError):
        a_wish(kind=Kind.STOCK_SET)


def test_a_slot_without_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        a_wish(slot=SLOT.replace(tzinfo=None))


@given(st.sampled_from(State), st.sampled_from(State))
def test_only_the_drawn_steps_are_legal(current: State, following: State) -> None:
    if following in NEXT[current]:
        assert step(current, following) is following
    else:
        with pytest.raises(IllegalTransition):
            step(current, following)


def test_nothing_is_sent_twice_by_the_shape_of_the_life() -> None:
    """No state from which a send may follow can be reached again after one has begun."""
    reached, frontier = set(), {State.EXECUTING}
    while frontier:
        reached |= frontier
        frontier = {following for state in frontier for following in NEXT[state]} - reached
    assert State.APPROVED not in reached
    assert all(State.EXECUTING not in NEXT[state] for state in reached)


def test_every_life_ends() -> None:
    assert set(State) - OPEN == {State.DENIED, State.VERIFIED, State.PREVIEWED, State.FAILED}
