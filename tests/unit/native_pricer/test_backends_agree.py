"""The compiled repricer and its readable twin answer alike, to the last unit and in every field."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from offer_events import MARKET, MINUTE, MOMENTS, NOON, facts, listings, notices, written

import native_pricer
from native_pricer import Engine, ParsedEvent, parse_event

pytestmark = pytest.mark.skipif("cython" not in native_pricer.backends(), reason="the compiled backend was not built")

HALTS = st.sampled_from(["all", f"marketplace:{MARKET}", f"sku:{MARKET}/SKU-1", f"sku:{MARKET}/SKU-9"])
CALLS = st.one_of(
    st.tuples(st.just("on_event"), written(), MOMENTS),
    st.tuples(st.just("on_event"), notices().flatmap(written), MOMENTS),
    st.tuples(st.just("observe"), written(), MOMENTS),
    st.tuples(st.just("on_offers"), written(), MOMENTS, MOMENTS),
    st.tuples(st.just("applied"), st.just(MARKET), st.just("SKU-1"), st.integers(900, 3_100), MOMENTS),
    st.tuples(st.just("configure"), listings()),
    st.tuples(st.just("inform"), st.just(MARKET), st.just("SKU-1"), facts()),
    st.tuples(st.just("on_own"), st.just(MARKET), st.just("SKU-1"), MOMENTS),
    st.tuples(st.just("on_events"), st.lists(written(), max_size=3), MOMENTS),
    st.tuples(st.just("on_news"), written(), MOMENTS),
    st.tuples(st.just("reduce"), HALTS),
    st.tuples(st.just("halt"), HALTS),
    st.tuples(st.just("resume"), HALTS),
    st.tuples(st.just("remove"), st.just(MARKET), st.just("SKU-2")),
    st.tuples(st.just("seen"), st.just(MARKET), st.just("B0TEST0001"), st.just("New"), MOMENTS, st.none()),
    st.tuples(st.just("forget"), st.just(MARKET), st.just("B0TEST0001"), st.just("new")),
)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_any_bytes_are_read_alike(data: st.DataObject) -> None:
    event = data.draw(written())
    assert parse_event(event, "cython") == parse_event(event, "reference")


@settings(max_examples=250, deadline=None)
@given(listings(), listings("SKU-2"), st.lists(CALLS, min_size=1, max_size=6))
def test_any_story_has_the_same_end(first: Any, second: Any, calls: list[tuple[Any, ...]]) -> None:
    engines = Engine("cython"), Engine("reference")
    for engine in engines:
        engine.configure(first)
        engine.configure(second)
    for name, *arguments in calls:
        answers = [_call(engine, name, arguments) for engine in engines]
        assert answers[0] == answers[1]
        states = [(e.state(MARKET, "SKU-1"), e.halts(), e.newest(MARKET, "B0TEST0001", "new")) for e in engines]
        assert states[0] == states[1]


def _call(engine: Engine, name: str, arguments: list[Any]) -> Any:
    if name in ("on_offers", "on_news"):
        event = parse_event(arguments[0], "reference")
        return getattr(engine, name)(event, *arguments[1:]) if isinstance(event, ParsedEvent) else event
    return getattr(engine, name)(*arguments)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_noise_is_refused_alike(noise: bytes) -> None:
    refused = [Engine(name).on_event(noise, NOON + MINUTE) for name in native_pricer.backends()]
    assert refused[0] == refused[1]
