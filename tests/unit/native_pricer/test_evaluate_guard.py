"""The guard's evaluation at a small size: nothing gets out, and the oracles do find what an unguarded rule lets out."""

from __future__ import annotations

from collections import Counter

import pytest

from ecom_agent.errors import BadInput
from ecom_agent.evaluate.base import Options
from ecom_agent.evaluate.guard import EVALUATION, MORE_KINDS, asked, chunk, plan, run
from ecom_agent.evaluate.guard.oracle import KINDS, Oracle

PLACE = ("M", "SKU")
TOLD = {
    "floor_minor": 1_000, "ceiling_minor": 3_000, "max_step_bp": 1_000, "max_day_bp": 2_000, "cooldown_s": 60,
    "currency": "USD", "price_minor": 2_000,
}  # fmt: skip
DAY = 86_400_000_000


@pytest.fixture(scope="module")
def small() -> tuple[dict[str, float], dict[str, float], dict[str, dict[str, int]]]:
    told: list[str] = []
    measured = run(Options(None, 7, told.append, {"events": "20000"}))
    assert told
    return dict(measured.figures), dict(measured.baselines), dict(measured.details)


def test_nothing_gets_out_while_much_is_approved_refused_and_killed(
    small: tuple[dict[str, float], dict[str, float], dict[str, dict[str, int]]],
) -> None:
    figures, _, _ = small
    assert figures["events"] == 20_000
    assert figures["violations"] == 0
    assert all(figures[kind] == 0 for kind in (*KINDS, *MORE_KINDS))
    assert min(figures[n] for n in ("approved", "refused_configs", "engine_crashes", "pipeline_crashes")) > 0
    assert figures.keys() == EVALUATION.figures.keys()


def test_the_oracles_find_every_kind_where_nobody_guards(
    small: tuple[dict[str, float], dict[str, float], dict[str, dict[str, int]]],
) -> None:
    _, baselines, details = small
    assert baselines.keys() == EVALUATION.baselines.keys()
    assert baselines["naive_violations"] > baselines["naive_prices"]
    assert details["the unguarded rule broke"].keys() == set(KINDS)


def test_through_an_open_gate_the_platform_gets_prices_that_break_limits() -> None:
    wanted, found = ("broken_below_floor", "broken_no_floor"), Counter[str]()
    for n in range(60):  # every other life breaks each: which ones, any change of the pipeline may change
        found += chunk("open", f"open/{n}", 12)
        if all(found[kind] for kind in wanted):
            break
    assert all(found[kind] for kind in wanted)


def test_the_same_seed_lives_the_same_life() -> None:
    assert chunk("fuzz", "7/a", 2_000) == chunk("fuzz", "7/a", 2_000) != chunk("fuzz", "7/b", 2_000)
    assert chunk("lives", "7/a", 4) == chunk("lives", "7/a", 4)


def test_the_whole_plan_has_as_many_events_as_asked_for() -> None:
    work = list(plan(250_001, 7))
    assert sum(size for kind, _, size in work if kind == "fuzz") == 250_001
    assert len({seed for _, seed, _ in work}) == len(work)


@pytest.mark.parametrize("told", ["0", "-5", "many", "1e6", "²"])
def test_a_number_of_events_that_is_none_is_refused(told: str) -> None:
    with pytest.raises(BadInput, match="--events"):
        asked(Options(None, 7, arguments={"events": told}))


# The oracle by itself.


def judged(to: object, *, at: int = DAY, currency: str | None = "USD", **told: object) -> set[str]:
    oracle = Oracle()
    oracle.configured(PLACE, {**TOLD, **told})
    oracle.looked(PLACE, at)
    oracle.judge(PLACE, to, at, currency, "USD")
    return set(oracle.found)


def test_a_price_within_all_limits_breaks_none() -> None:
    for to in (1_800, 2_000, 2_200):
        assert judged(to) == set()


@pytest.mark.parametrize(
    ("told", "to", "broken"),
    [
        ({"floor_minor": 1_900}, 1_899, "below_floor"),
        ({"ceiling_minor": 2_100}, 2_101, "above_ceiling"),
        ({}, 2_201, "beyond_step"),
        ({"day_open_minor": 1_800, "day_open_us": DAY}, 2_161, "beyond_day"),
        ({"last_change_us": DAY - 59_999_999}, 2_000, "too_soon"),
        ({"floor_minor": None}, 2_000, "no_floor"),
        ({"floor_minor": 0}, 2_000, "no_floor"),
        ({"floor_minor": True}, 2_000, "no_floor"),
        ({"floor_minor": 3_001}, 2_000, "no_floor"),
        ({"currency": "EUR"}, 2_000, "wrong_currency"),
    ],
)
def test_each_limit_is_noticed_just_beyond_it(told: dict[str, object], to: int, broken: str) -> None:
    assert broken in judged(to, **told)


def test_halts_of_each_scope_are_noticed_and_a_reduction_lets_raises_through() -> None:
    for scope in ("all", "marketplace:M", "sku:M/SKU"):
        oracle = Oracle()
        oracle.configured(PLACE, TOLD)
        oracle.looked(PLACE, DAY)
        oracle.reducing.add(scope)
        assert oracle.judge(PLACE, 2_100, DAY, "USD", "USD") == 0
        assert oracle.judge(PLACE, 1_900, DAY, "USD", "USD") == 1
        oracle.halted.add(scope)
        assert oracle.judge(PLACE, 2_100, DAY, "USD", "USD") == 1
        assert oracle.found == {"down_while_reducing": 1, "while_halted": 1}


def test_a_new_day_begins_at_a_look_and_never_when_the_clock_goes_back() -> None:
    oracle = Oracle()
    oracle.configured(PLACE, {**TOLD, "cooldown_s": 0})
    oracle.applied(PLACE, 2_400, 5 * DAY)
    assert oracle.known[PLACE].opened == 2_000
    oracle.looked(PLACE, 4 * DAY)
    assert oracle.known[PLACE].opened == 2_000
    oracle.looked(PLACE, 6 * DAY)
    assert oracle.known[PLACE].opened == 2_400
