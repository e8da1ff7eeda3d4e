"""Strategies on recorded days: what a journal holds of a listing, and what each strategy would have earned on it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from offer_events import NOON, OURS, listing, offer, raw

from native_pricer import ListingFacts
from native_pricer.journal import Recorder, unpack
from native_pricer.strategies import strategy
from pricing.lab.recorded import Recorded, gains, profit, records

HOUR = 3_600_000_000
KNOWN = ListingFacts(unit_cost_minor=1_000, fee_bp=1_500, velocity_centiunits=1_000, reference_minor=2_000)
STARTED = datetime(2026, 3, 1, 12, tzinfo=UTC)


def calls(facts: ListingFacts = KNOWN, rivals: tuple[float, ...] = (18.0,) * 12, **changes: object) -> list:
    """A journal of one listing whose page was told of every hour."""
    engine = Recorder("reference")
    engine.configure(listing(**changes))
    engine.inform("ATVPDKIKX0DER", "SKU-1", facts)
    for n, price in enumerate(rivals):
        told = (STARTED + timedelta(hours=n)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        engine.on_event(raw(offer(OURS, 20.0), offer("RIVAL", price), changed=told, event_id=f"e-{n}"), NOON + n * HOUR)
    return [call for chunk in engine.take(NOON + len(rivals) * HOUR).chunks() for call in unpack(chunk.body)]


def a_record(**more: object) -> Recorded:
    (one,) = records(calls(**more), NOON)
    return one


def test_a_journal_gives_the_listing_with_its_first_price_and_all_its_pages():
    one = a_record()
    assert (one.config.sku, one.config.price_minor, len(one.events)) == ("SKU-1", 2_000, 12)
    assert (one.reference_minor, one.units_a_day) == (2_000, 10.0)


@pytest.mark.parametrize(
    "facts",
    [KNOWN._replace(unit_cost_minor=None), KNOWN._replace(fee_bp=None), KNOWN._replace(velocity_centiunits=0)],
)
def test_where_costs_or_sales_are_not_known_nothing_is_guessed(facts):
    assert records(calls(facts), NOON) == []


def test_pages_from_before_do_not_count():
    assert records(calls(), NOON + 30 * HOUR) == []


def test_a_strategy_gains_nothing_on_itself():
    assert gains([a_record()], strategy("beat"), strategy("beat")) == [0.0]


def test_where_a_rival_has_the_box_meeting_it_earns_more_than_staying_dear():
    (gain,) = gains([a_record(max_step_bp=2_000)], strategy("beat"), strategy("fixed"))
    assert gain > 0


def test_selling_far_below_a_dear_rival_earns_less_than_staying():
    (gain,) = gains([a_record(rivals=(29.0,) * 12)], strategy("fixed"), strategy("beat"))
    assert gain != 0


@settings(max_examples=25)
@given(
    st.lists(st.floats(12, 40).map(lambda p: round(p, 2)), min_size=2, max_size=10), st.sampled_from(["beat", "match"])
)
def test_profit_is_finite_the_same_twice_and_no_more_than_all_demand_at_the_ceiling(rivals, name):
    one = a_record(rivals=tuple(rivals))
    earned = profit(one, strategy(name))
    most = (3_000 * 0.85 - 1_000) * 10.0 * (2_000 / 1_500) ** 2 * len(rivals) / 24
    assert earned == profit(one, strategy(name))
    assert 0 <= earned <= most
