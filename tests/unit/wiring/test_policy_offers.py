"""What an older policy lacks of the shipped one: own values stay, missing lines come, and the result is fit."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecom_agent.errors import BadInput
from ecom_agent.records.policies import Lack
from ecom_agent.store.policies import plain, shipped_policies
from ecom_agent.wiring.policy_checks import check_breakers, check_guards, check_sending
from ecom_agent.wiring.policy_offers import OPTIONAL, WHOLE, Standing, differences, filled, offer, taken_over

SHIPPED = {name: plain(name, body) for name, body in shipped_policies().items()}
Check = Callable[[Mapping[str, Any], Mapping[str, Any]], None]
CHECKS: dict[str, Check] = {
    "guards": check_guards,
    "breakers": check_breakers,
    "sending": partial(check_sending, platforms=["ebay"]),
}
NAMES = st.sampled_from(["a", "b", "c"])
BODIES = st.recursive(st.integers(0, 3) | st.none() | st.lists(st.integers(0, 1), max_size=2),
                      lambda inner: st.dictionaries(NAMES, inner, max_size=3), max_leaves=8)  # fmt: skip
POLICIES = st.dictionaries(NAMES, BODIES, max_size=3)


def leaves(body: Mapping[str, Any], above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, value in body.items():
        if isinstance(value, Mapping) and value:
            yield from leaves(value, (*above, name))
        elif not isinstance(value, Mapping):
            yield (*above, name), value


def at(body: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    for name in path:
        body = body[name]
    return body


def without(body: Mapping[str, Any], *paths: str) -> dict[str, Any]:
    less = copy.deepcopy(dict(body))
    for path in paths:
        *sections, last = path.split(".")
        del at(less, tuple(sections))[last]
    return less


@settings(max_examples=60, deadline=None)
@given(POLICIES, POLICIES, POLICIES)
def test_own_values_stay_and_a_second_time_nothing_is_left_to_take(own: Any, shipped: Any, then: Any) -> None:
    before = copy.deepcopy((own, shipped, then))
    whole = filled(own, shipped, then)
    assert all(at(whole, path) == value for path, value in leaves(own))
    assert filled(whole, shipped, then) == whole
    assert all(line.lack is Lack.MISSING for line in differences(own, whole, "p"))
    assert all(name in whole for name in shipped if name not in then)
    assert (own, shipped, then) == before


@settings(max_examples=60, deadline=None)
@given(POLICIES, POLICIES)
def test_every_difference_is_told_and_no_other(found: Any, wanted: Any) -> None:
    assert bool(list(differences(found, wanted, "p"))) == (found != wanted)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(sorted(CHECKS)), st.data())
def test_what_an_older_program_seeded_is_fit_again(name: str, data: st.DataObject) -> None:
    shipped = SHIPPED[name]
    lines = [".".join(path) for path, _ in leaves(shipped)]
    gone = data.draw(st.lists(st.sampled_from(lines), unique=True, min_size=1, max_size=len(lines) - 1))
    older = without(shipped, *gone)
    stands = Standing(3, "anna", older, True, older)
    whole = taken_over(stands, shipped)
    CHECKS[name](whole, shipped)
    assert whole == shipped
    found = offer(name, stands, shipped)
    assert found is not None
    assert {line.place for line in found.lines} == {f"{name}.{line}" for line in gone}
    assert found.refuses == any(f"{name}.{line}" not in OPTIONAL for line in gone)


def test_what_the_seller_took_out_or_set_is_not_offered() -> None:
    then = {"streams": {"orders": 5, "fees": 360}, "default": 5}
    own = {"streams": {"orders": 2}, "default": 7}
    shipped = {"streams": {"orders": 5, "fees": 360, "messages": 5}, "default": 5, "silent_after_h": 6}
    found = offer("streams", Standing(2, "anna", own, True, then), shipped)
    assert found is not None
    assert [(line.place, line.wanted) for line in found.lines] == [
        ("streams.streams.messages", 5),
        ("streams.silent_after_h", 6),
    ]
    assert (found.refuses, found.says) == (False, "2 lines missing")


def test_of_a_policy_that_nobody_edited_other_values_are_told_too() -> None:
    old = {"step": "0.10", "pace": {"a": 1}}
    found = offer("guards", Standing(1, "shipped", old, False, old), {"step": "0.20", "wait": {"a": 1, "b": 2}})
    assert found is not None
    assert [(line.place, line.lack.value, line.found, line.wanted) for line in found.lines] == [
        ("guards.step", "changed", "0.10", "0.20"),
        ("guards.pace", "gone", {"a": 1}, None),
        ("guards.wait.a", "missing", None, 1),
        ("guards.wait.b", "missing", None, 2),
    ]
    assert found.says == "2 lines missing, 2 lines shipped otherwise by now; until then some writes are refused"


def test_nothing_is_offered_where_nothing_lacks() -> None:
    for name, body in SHIPPED.items():
        for edited in (True, False):
            assert offer(name, Standing(1, "x", body, edited, body), body) is None


@pytest.mark.parametrize("name", sorted(WHOLE))
def test_what_refuses_writes_is_known(name: str) -> None:
    with pytest.raises(BadInput, match="would deny everything"):
        CHECKS[name](without(SHIPPED[name], next(iter(SHIPPED[name]))), SHIPPED[name])


def test_a_line_that_only_switches_something_on_refuses_nothing_where_it_is_missing() -> None:
    shipped = SHIPPED["sending"]
    older = {name: line for name, line in shipped.items() if name != "bulk_from"}
    check_sending(older, shipped, [])
    found = offer("sending", Standing(1, "anna", older, True, older), shipped)
    assert found is not None
    assert ([line.place for line in found.lines], found.refuses) == (["sending.bulk_from"], False)
