"""Whatever a platform sends, a page is read to its end: into records or poison with a reason."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecom_agent.errors import ParseFailed
from ecom_agent.money import Money
from platforms._shared import paging
from platforms._shared.payload import collect, find, moment, money, unit_price, unknown_fields

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=12,
)
KEYS = {"amount": "a", "currency": "c"}


@settings(max_examples=150, deadline=None)
@given(st.lists(JSON, max_size=5))
def test_every_item_becomes_a_record_or_poison(raws: list[Any]) -> None:
    def read(raw: Any) -> list[Any]:
        return [(money(raw, "b", **KEYS), moment(raw, "c"), raw["a"].upper())]

    records, poison = collect(raws, read, lambda raw: raw["a"])
    assert len(records) + len(poison) == len(raws)
    assert all(p.reason and p.payload in raws for p in poison)


@given(st.integers(0, 10**12))
def test_an_amount_sent_as_a_json_number_stays_exact(cents: int) -> None:
    as_number = float(Decimal(cents).scaleb(-2))
    assert money({"x": {"a": as_number, "c": "USD"}}, "x", **KEYS) == Money(cents, "USD")


def test_a_price_finer_than_the_minor_unit_is_unknown_not_rounded() -> None:
    assert unit_price({"x": {"a": "0.1250", "c": "USD"}}, "x", **KEYS) is None
    assert unit_price({"x": {"a": "0.1200", "c": "USD"}}, "x", **KEYS) == Money(12, "USD")
    assert unit_price({}, "x", **KEYS) is None


@pytest.mark.parametrize("bad", ["-1", "a lot", "NaN", True, [], {}])
def test_a_unit_price_that_is_none_is_an_error(bad: Any) -> None:
    with pytest.raises(ParseFailed):
        unit_price({"x": {"a": bad, "c": "USD"}}, "x", **KEYS)


@pytest.mark.parametrize("bad", ["2024-02-30T00:00:00Z", "Mon Oct 28 2024", "2024-02-03T00:00:00", "", 7])
def test_a_broken_date_names_its_field(bad: Any) -> None:
    with pytest.raises(ParseFailed, match=r"order\.at"):
        moment({"order": {"at": bad}}, "order.at")


def test_a_path_through_something_else_is_an_error_not_none() -> None:
    assert find({"a": None}, "a.b") is None
    with pytest.raises(ParseFailed, match=r"a\.b"):
        find({"a": "text"}, "a.b")


def test_new_fields_are_found_inside_lists_too() -> None:
    shape = {"items": {"id": None, "more": None}}
    raw = {"items": [{"id": 1, "new": 2}, {"more": {"anything": 1}}], "top": 1}
    assert unknown_fields(raw, shape) == {"items.new", "top"}


@pytest.mark.parametrize("text", ["", "null", "[]", '{"after": 5}', '{"after"', '{"after": "tomorrow"}'])
def test_a_cursor_we_did_not_write_is_refused(text: str) -> None:
    with pytest.raises(ParseFailed, match="cursor"):
        paging.time_of(paging.decode(text), "after")
