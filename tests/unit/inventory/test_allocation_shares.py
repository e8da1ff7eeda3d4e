"""Shares of one pool: never more than there is, nobody gets less of more, buffers kept, bundles within their parts."""

from __future__ import annotations

from typing import Any

from allocation_facts import BOX, CHANNELS, MUG, PAIR, book, outlet, policy
from hypothesis import given
from hypothesis import strategies as st

from ecom_agent.economics.pools import Pools
from ecom_agent.ids import Sku
from inventory.allocation.shares import shares

LINES = st.fixed_dictionaries(
    {
        "weight": st.integers(0, 4),
        "priority": st.integers(0, 3),
        "least": st.integers(1, 4),
        "most": st.none() | st.integers(0, 30),
        "publish": st.booleans(),
    }
)
RULES = st.fixed_dictionaries({}, optional=dict.fromkeys(CHANNELS, LINES))
UNITS = st.integers(0, 60)
SPLIT = st.fixed_dictionaries(
    {
        "keep_units": st.integers(0, 9),
        "keep_share": st.sampled_from(["0", "0.1", "0.5", "1"]),
        "few_units": st.integers(0, 6),
        "channels": RULES,
    }
)


def given_out(units: dict[str, int], lines: dict[str, Any], *skus: Sku, sold: int = 0) -> dict[str, int]:
    outlets = [outlet(name, sku=sku, sold=sold * n) for n, name in enumerate(CHANNELS) for sku in skus or (MUG,)]
    pools = Pools(book(*outlets, **units), policy(**lines))
    found = shares(pools)
    assert found == shares(Pools(book(*reversed(outlets), **units), policy(**lines)))
    return {f"{account}/{sku}": n for (account, _, sku, _), n in found.items()}


@given(UNITS, SPLIT)
def test_split_never_gives_more_than_there_is_and_keeps_the_buffer(units: int, lines: dict[str, Any]) -> None:
    found = given_out({MUG: units}, lines)
    assert all(n >= 0 for n in found.values())
    kept = max(lines["keep_units"], -(-units * float(lines["keep_share"]) // 1))
    assert sum(found.values()) <= max(0, units - kept)
    for name, n in found.items():
        rule = policy(**lines).channel(name.partition("/")[0], "US")
        assert n == 0 or n >= rule.least
        assert rule.most is None or n <= rule.most


@given(UNITS, SPLIT)
def test_more_stock_never_gives_anybody_less(units: int, lines: dict[str, Any]) -> None:
    lines["channels"] = {name: {**line, "least": 1} for name, line in lines["channels"].items()}
    for mode in ({}, {"mode": "shared", "overlap": "5"}):
        few, more = (given_out({MUG: n}, {**lines, **mode}) for n in (units, units + 1))
        assert all(few[name] <= more[name] for name in few)


@given(UNITS, st.integers(0, 6), st.integers(0, 4))
def test_nothing_lies_idle_where_somebody_could_show_it(units: int, few: int, sold: int) -> None:
    found = given_out({MUG: units}, {"few_units": few, "weigh_by": "sales"}, sold=sold)
    assert sum(found.values()) == units


@given(UNITS, UNITS, SPLIT, st.sampled_from(["split", "shared"]))
def test_bundles_never_take_more_than_their_parts(mugs: int, boxes: int, lines: dict[str, Any], mode: str) -> None:
    given_lines = {**lines, "mode": mode, "bundles": {PAIR: {MUG: 2, BOX: 1}}}
    found = given_out({MUG: mugs, BOX: boxes}, given_lines, MUG, PAIR)
    singles = sum(n for name, n in found.items() if name.endswith("/MUG"))
    pairs = sum(n for name, n in found.items() if name.endswith("/PAIR"))
    assert singles + 2 * pairs <= mugs
    assert pairs <= boxes


@given(UNITS, SPLIT, st.sampled_from(["1", "1.5", "3"]))
def test_shared_shows_at_most_the_pool_on_each_and_the_bound_on_all(
    units: int, lines: dict[str, Any], overlap: str
) -> None:
    found = given_out({MUG: units}, {**lines, "mode": "shared", "overlap": overlap})
    assert all(0 <= n <= units for n in found.values())
    assert sum(found.values()) <= units * float(overlap)


def test_the_last_units_belong_to_the_one_who_goes_first() -> None:
    lines = {"few_units": 3, "channels": {"shop": {"priority": 1}}}
    assert given_out({MUG: 3}, lines) == {**{f"{name}/MUG": 0 for name in CHANNELS}, "shop/MUG": 3}
    assert given_out({MUG: 10}, lines)["shop/MUG"] == 3
    assert given_out({MUG: 10}, {**lines, "mode": "shared", "overlap": "5"})["ebay/MUG"] == 10
    assert given_out({MUG: 3}, {**lines, "mode": "shared", "overlap": "5"})["ebay/MUG"] == 0


def test_weights_and_sales_share_out() -> None:
    lines = {"few_units": 0, "channels": {"shop": {"weight": 3}, "amazon": {"publish": False}}}
    assert given_out({MUG: 12}, lines) == {"ebay/MUG": 2, "shop/MUG": 6, "tiktok/MUG": 2, "walmart/MUG": 2}
    by_sales = given_out({MUG: 11}, {"few_units": 0, "weigh_by": "sales"}, sold=1)
    assert by_sales == {"amazon/MUG": 1, "ebay/MUG": 1, "shop/MUG": 2, "tiktok/MUG": 3, "walmart/MUG": 4}


def test_a_pool_of_thousands_is_counted_in_jumps() -> None:
    found = given_out({MUG: 999_983}, {"few_units": 3, "channels": {"shop": {"weight": 7}}})
    assert sum(found.values()) == 999_983
    assert found["shop/MUG"] == max(found.values())


def test_when_a_bundles_part_is_out_the_other_part_is_still_sold() -> None:
    found = given_out({MUG: 20, BOX: 0}, {"bundles": {PAIR: {MUG: 2, BOX: 1}}, "few_units": 0}, MUG, PAIR)
    assert sum(n for name, n in found.items() if name.endswith("/MUG")) == 20
    assert sum(n for name, n in found.items() if name.endswith("/PAIR")) == 0
