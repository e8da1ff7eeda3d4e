"""What trips, and what a trip lets through: counts against limits, with every limit that may be missing."""

import copy
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from actions_kit import MARKET, T0, policy, usd, wish
from hypothesis import given, settings
from hypothesis import strategies as st

from ecom_agent.actions.breakers import Windows, all_trips, readings, trips
from ecom_agent.actions.counts import Counts, Feed, Runaway
from ecom_agent.actions.gate import PolicyGap
from ecom_agent.actions.halts import Halt, HaltLevel, checked, level_named, lowers, scopes_of
from ecom_agent.actions.model import Kind
from ecom_agent.actions.moves import Moved, price_counts
from ecom_agent.errors import BadInput
from ecom_agent.money import Money

SHIPPED = policy("breakers")
WINDOWS = Windows.read(SHIPPED)
FINE = Counts(listings=100)
SOME = st.integers(0, 200)
COUNTS = st.builds(
    Counts,
    **{name: SOME for name in Counts.__dataclass_fields__ if name not in ("feeds", "runaways")},
    feeds=st.lists(st.builds(Feed, st.sampled_from(["offers", "listings", "fees"]), SOME, st.integers(0, 5))).map(
        tuple
    ),
    runaways=st.lists(st.builds(Runaway, st.just(MARKET), st.sampled_from("ABC"), SOME, SOME), max_size=2).map(tuple),
)


def test_nothing_noticed_trips_nothing():
    assert trips(Counts(), SHIPPED) is None
    assert trips(FINE, SHIPPED) is None


@pytest.mark.parametrize(
    ("breaker", "level", "just_below", "trips_at"),
    [
        ("errors", "halted", {"errors_in_row": 7}, {"errors_in_row": 8}),
        ("mismatches", "halted", {"read_back": 10, "mismatched": 2}, {"read_back": 10, "mismatched": 3}),
        ("mismatches", "halted", {"read_back": 4, "mismatched": 4}, {"read_back": 5, "mismatched": 5}),
        ("at_floor", "reducing", {"at_floor": 50}, {"at_floor": 51}),
        ("at_floor", "reducing", {"at_floor": 20, "listings": 10}, {"at_floor": 21, "listings": 10}),
        ("moved", "halted", {"moved_minute": 40}, {"moved_minute": 41}),
        ("gaps", "reducing", {"gaps": 5}, {"gaps": 6}),
        ("feeds", "halted", {"feeds": (Feed("offers", 180, 9),)}, {"feeds": (Feed("offers", 181, 3),)}),
        ("feeds", "halted", {"feeds": (Feed("offers", 900, 2),)}, {"feeds": (Feed("listings", 900, 3),)}),
    ],
)
def test_each_breaker_trips_just_above_its_limit(breaker, level, just_below, trips_at):
    assert trips(replace(FINE, **just_below), SHIPPED) is None
    trip = trips(replace(FINE, **trips_at), SHIPPED)
    assert (trip.breaker, trip.level, trip.scope("amazon_us")) == (breaker, level, "account:amazon_us")
    assert trip.reason.startswith(f"{breaker}: ")


def test_parity_is_shipped_open_and_can_be_drawn_close():
    apart = replace(FINE, paired=10, apart=10)
    assert trips(apart, SHIPPED) is None
    assert trips(apart, {**SHIPPED, "parity": {**SHIPPED["parity"], "most_share": "0.5"}}).breaker == "parity"


def test_the_tightest_of_an_account_comes_first_and_a_listing_only_stops_itself():
    counts = replace(FINE, at_floor=90, moved_minute=90, runaways=(Runaway(MARKET, "A", 100, 200),))
    found = all_trips(counts, SHIPPED)
    assert [trip.breaker for trip in found] == ["moved", "at_floor", "runaway"]
    assert found[-1].scope("amazon_us") == f"sku:amazon_us/{MARKET}/A"


LINES = [(name, line) for name, part in SHIPPED.items() if isinstance(part, dict) for line in part]


@pytest.mark.parametrize(("section", "line"), [(name, None) for name in SHIPPED] + LINES)
def test_any_missing_or_odd_line_is_a_gap_that_stops_everything(section, line):
    if (section, line) == ("feeds", "offers_min"):
        return  # a stream may be left out as long as one is named
    if (section, line) == ("feeds", "listings_min"):
        return
    for odd in (..., None, True, "often", -1, float("nan"), [3]):
        body = copy.deepcopy(SHIPPED)
        if line is None:
            body[section] = odd
        else:
            body[section][line] = odd
        if odd is ...:
            del (body if line is None else body[section])[section if line is None else line]
        with pytest.raises(PolicyGap):
            readings(Counts(), body)


def test_without_a_stream_the_feeds_have_no_limit():
    with pytest.raises(PolicyGap, match="no stream"):
        Windows.read({**SHIPPED, "feeds": {"tries": 3, "then": "halted"}})


@settings(max_examples=200, deadline=None)
@given(counts=COUNTS, more=COUNTS)
def test_more_trouble_never_trips_less(counts, more):
    """Among the same number of listings and read-backs."""
    worse = replace(
        counts,
        **{
            name: max(getattr(counts, name), getattr(more, name))
            for name in ("errors_in_row", "mismatched", "at_floor", "moved_minute", "gaps", "apart")
        },
        feeds=(*counts.feeds, *more.feeds),
        runaways=(*counts.runaways, *more.runaways),
    )
    before, after = ({(t.breaker, t.listing) for t in all_trips(c, SHIPPED)} for c in (counts, worse))
    assert before <= after


@settings(max_examples=200, deadline=None)
@given(counts=COUNTS)
def test_a_reading_is_over_exactly_when_it_trips(counts):
    over = sorted(r.breaker for r in readings(counts, SHIPPED) if r.over)
    found = all_trips(counts, SHIPPED)
    assert sorted(trip.breaker for trip in found) == over
    assert (trips(counts, SHIPPED) is None) == (not over)


# Prices.


def moved(own="10.00", *, before="11.00", first="12.00", minutes=30, live=None, live_minutes=0, floor="9.00", other=()):
    return Moved(
        MARKET, "A", usd(first), usd(before), usd(own), T0 - timedelta(minutes=minutes),
        None if live is None else usd(live), None if live is None else T0 - timedelta(minutes=live_minutes),
        usd(floor), other,
    )  # fmt: skip


def count(*ones):
    return price_counts(ones, WINDOWS, T0)


def test_only_a_listing_that_fell_to_its_floor_by_our_change_counts():
    assert count(moved("9.00"))["at_floor"] == 1
    assert count(moved("9.01"))["at_floor"] == 0
    assert count(moved("9.00", before="8.00"))["at_floor"] == 0
    assert count(moved("9.00", minutes=60 * 25))["at_floor"] == 0
    assert count(moved("9.00", live="9.50"))["at_floor"] == 0


def test_a_gap_is_more_than_a_twentieth_and_only_once_it_had_time_to_settle():
    assert count(moved(live="10.51", live_minutes=5))["gaps"] == 1
    assert count(moved(live="10.50", live_minutes=5))["gaps"] == 0
    assert count(moved(live="9.49", live_minutes=5))["gaps"] == 1
    assert count(moved(live="20.00", live_minutes=16))["gaps"] == 0


def test_a_gap_to_another_currency_is_always_one():
    assert price_counts([replace(moved(live="10.00"), live=Money(1000, "EUR"))], WINDOWS, T0)["gaps"] == 1


def test_parity_is_asked_of_the_same_currency_only():
    found = count(
        moved(other=(Money(1050, "USD"),)), moved(other=(Money(1054, "USD"),)), moved(other=(Money(1, "EUR"),))
    )
    assert (found["paired"], found["apart"]) == (2, 1)


def test_a_runaway_goes_up_or_down_by_the_factor():
    assert count(moved("24.00"))["runaways"] == (Runaway(MARKET, "A", 1200, 2400),)
    assert count(moved("6.00"))["runaways"] == (Runaway(MARKET, "A", 1200, 600),)
    assert count(moved("23.99"), moved("6.01"))["runaways"] == ()


@settings(max_examples=100, deadline=None)
@given(own=st.integers(1, 10**6), other=st.integers(1, 10**6))
def test_a_gap_is_reckoned_exactly(own, other):
    one = replace(moved(live="1.00"), own=Money(own, "USD"), live=Money(other, "USD"))
    assert price_counts([one], WINDOWS, T0)["gaps"] == (abs(own - other) > Decimal("0.05") * own)


# Levels and scopes.


def test_only_a_price_that_surely_does_not_fall_is_a_raise():
    assert not lowers(wish(usd("20.00"), usd("20.01")), usd("20.00"))
    assert not lowers(wish(usd("20.00"), usd("20.00")), usd("20.00"))
    assert lowers(wish(usd("20.00"), usd("19.99")), usd("20.00"))
    assert lowers(wish(usd("20.00"), usd("20.50")), usd("20.60"))
    assert lowers(wish(None, usd("20.50")), usd("20.00"))
    assert lowers(wish(usd("20.00"), usd("20.50")), None)
    assert lowers(wish(usd("20.00"), Money(9999, "EUR")), usd("20.00"))
    assert not lowers(wish(50, 10, kind=Kind.STOCK_SET), 50)


def test_an_account_has_a_scope_of_its_own():
    assert checked("account:amazon_us") in scopes_of(wish())
    for odd in ("account:", "account:amazon_us/ATVPDKIKX0DER", "platform:amazon"):
        with pytest.raises(BadInput, match="account:<account>"):
            checked(odd)


def test_a_level_is_halted_or_reducing():
    assert level_named("reducing") is HaltLevel.REDUCING
    with pytest.raises(BadInput, match="reducing, halted"):
        level_named("paused")
    assert HaltLevel.HALTED.tighter_than(HaltLevel.REDUCING)
    assert Halt("all", "stop", "anna", T0).level is HaltLevel.HALTED
