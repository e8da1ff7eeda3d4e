"""Compiling: total, exact, first clause first; the clock's conditions say the same as the calendar."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rule_cases import DAYS, WINDOWS, rules

from native_pricer import Channel
from native_pricer.clauses import MAX_CLAUSES, Clause, Condition, Feature, Target, Without
from pricing.rules.compile import Compiled, compile_rule, today
from pricing.rules.model import Rule
from pricing.rules.read import read
from pricing.rules.times import Hours, Window
from pricing.rules.values import Amount

ANY_DAY = date(2026, 3, 2)


def compiled(document: str, currency: str = "USD", condition: str = "new", on: date = ANY_DAY) -> Compiled:
    found = compile_rule(read(document), currency, condition, on)
    assert isinstance(found, Compiled), found
    return found


def clause(line: str, currency: str = "USD") -> Clause:
    (one,) = compiled(f"rule: r\nclauses:\n  - {line}\n", currency).clauses
    return one


@settings(max_examples=150, deadline=None)
@given(rules(), st.sampled_from(["USD", "JPY", "KWD", "EUR", "XXX"]), st.sampled_from(["new", "Used; Good"]))
def test_every_rule_compiles_or_says_why_not_for_every_listing(rule: Rule, currency: str, condition: str) -> None:
    found = compile_rule(rule, currency, condition, ANY_DAY)
    if isinstance(found, Compiled):
        assert len(found.clauses) <= MAX_CLAUSES
        order = [c.name.partition("/")[2] for c in found.clauses]
        written = ["sleep", *[c.name for c in rule.clauses]]
        assert [written.index(name) for name in order] == sorted(written.index(name) for name in order)
    else:
        assert found
        assert all(isinstance(reason, str) and reason for reason in found)


@given(st.integers(-(10**9), 10**9), st.sampled_from(["USD", "JPY", "KWD"]))
def test_amounts_become_minor_units_exactly(minor: int, currency: str) -> None:
    digits = {"USD": 2, "JPY": 0, "KWD": 3}[currency]
    assert Amount(((currency, Decimal(minor).scaleb(-digits)),)).minor(currency) == minor


def test_an_amount_finer_than_the_currency_or_in_another_is_refused_never_rounded() -> None:
    document = "rule: r\nreference: 10.50\nclauses:\n  - {name: a, target: lowest, offset: -0.01 USD}\n"
    assert compiled(document).clauses[0].offset_minor == -1
    assert compile_rule(read(document), "JPY", "new", ANY_DAY) == (
        "a: offset: no amount in JPY, only -0.01 USD",
        "reference: 10.5 is finer than JPY, which has 0 digits",
    )


def test_a_clause_says_in_whole_numbers_what_people_wrote() -> None:
    one = clause(
        "{name: a, when: {buy_box: lost, lowest_rival: {fulfilment: fbm, rating: at least 90 %, handling: above 2 days}"
        ", gap: below -5 %, days_of_cover: below 2.5 days, velocity: 0.5 to 2 a day, rivals: none}, target: {nth: 3},"
        " offset: -0.5 %, direction: down, min_move: 0.05, without: raise 1.5 %}"
    )
    assert one == Clause(
        name="r/a",
        when=(
            Condition(Feature.BOX_HELD, 0, 0),
            Condition(Feature.RIVALS, 0, 0),
            Condition(Feature.GAP_BP, None, -501),
            Condition(Feature.COVER, None, 249),
            Condition(Feature.VELOCITY, 50, 200),
            Condition(Feature.RIVAL_FBA, 0, 0),
            Condition(Feature.RIVAL_RATING, 90, None),
            Condition(Feature.RIVAL_HANDLING, 49, None),
        ),
        target=Target.NTH,
        offset_bp=-50,
        nth=3,
        may_raise=False,
        min_move_minor=5,
        without=Without.RAISE,
        step_bp=150,
    )


def test_every_target_is_there() -> None:
    said = {
        "lowest": Target.LOWEST, "buy_box": Target.BUY_BOX, "average": Target.AVERAGE, "expected": Target.EXPECTED,
        "reference": Target.REFERENCE, "own": Target.OWN, "hold": Target.HOLD, "{nth: 2}": Target.NTH,
        "{seller: A1}": Target.SELLER,
    }  # fmt: skip
    assert {words: clause(f"{{target: {words}}}").target for words in said} == said


def test_a_clauses_rivals_replace_the_rules_but_who_is_excluded_stays_so() -> None:
    document = (
        "rule: r\nrivals: {fulfilment: fba, min_rating: 90 %, exclude: [OURS2]}\nclauses:\n"
        "  - {target: lowest, rivals: {fulfilment: any, min_ratings: 10, exclude: X, max_handling: 2 days}}\n"
    )
    found = compiled(document)
    assert (found.rivals.channel, found.rivals.min_feedback_percent, found.rivals.exclude) == (
        Channel.FBA,
        90,
        frozenset({"OURS2"}),
    )
    own = found.clauses[0].rivals
    assert own is not None
    assert (own.channel, own.min_feedback_percent, own.min_feedback_count, own.max_handling_hours) == (
        Channel.ANY,
        90,
        10,
        48,
    )
    assert own.exclude == frozenset({"OURS2", "X"})


def test_dates_and_conditions_are_settled_when_compiling() -> None:
    document = (
        "rule: r\ntime_zone: America/New_York\nclauses:\n"
        "  - {name: sale, when: {dates: 2026-11-27 to 2026-11-30}, target: lowest, offset: -5 %}\n"
        "  - {name: used, when: {condition: [used, refurbished]}, target: average}\n"
        "  - {name: else, target: hold}\n"
    )

    def names(on: date, condition: str) -> list[str]:
        return [c.name for c in compiled(document, condition=condition, on=on).clauses]

    assert names(date(2026, 11, 27), "new") == ["r/sale", "r/else"]
    assert names(date(2026, 11, 30), "Used; Like New") == ["r/sale", "r/used", "r/else"]
    assert names(date(2026, 12, 1), "used_good") == ["r/used", "r/else"]
    midnight_in_utc = datetime(2026, 11, 27, 3, tzinfo=UTC)
    assert today(read(document), midnight_in_utc) == date(2026, 11, 26)


def test_the_offset_to_local_time_follows_the_season() -> None:
    found = compiled("rule: r\ntime_zone: Europe/Berlin\nclauses: [{target: hold}]")
    assert found.utc_offset_minutes(datetime(2026, 1, 1, tzinfo=UTC)) == 60
    assert found.utc_offset_minutes(datetime(2026, 7, 1, tzinfo=UTC)) == 120


def test_a_listing_that_is_not_on_sale_keeps_only_clauses_that_ask_for_its_status() -> None:
    found = compiled(
        "rule: r\nclauses:\n  - {name: down, when: {status: not active}, target: reference}\n  - {target: lowest}\n"
    )
    assert [c.name for c in found.for_inactive().clauses] == ["r/down"]


@settings(max_examples=60, deadline=None)
@given(st.none() | WINDOWS, DAYS, st.integers(0, 7 * 24 * 60 - 1))
def test_sleep_holds_exactly_in_its_hours(window: Window | None, days: frozenset[int], minute: int) -> None:
    """A window that crosses midnight belongs to the day it began on."""
    rule = Rule("r", (), sleep=(Hours(window, days),))
    found = compile_rule(rule, "USD", "new", ANY_DAY)
    assert isinstance(found, Compiled)
    moment = datetime(2026, 3, 2) + timedelta(minutes=minute)  # noqa: DTZ001  # a Monday, local time
    assert any(holds(c.when, moment) for c in found.clauses) == asleep(window, days, moment)


def holds(conditions: Sequence[Condition], at: datetime) -> bool:
    facts = {Feature.MINUTE: at.hour * 60 + at.minute, Feature.WEEKDAY: at.weekday()}

    def one(c: Condition) -> bool:
        inside = (c.low is None or c.low <= facts[c.feature]) and (c.high is None or facts[c.feature] <= c.high)
        return inside != c.negated

    return all(one(c) for c in conditions)


def asleep(window: Window | None, days: frozenset[int], at: datetime) -> bool:
    if window is None:
        return at.weekday() in days
    midnight = at.replace(hour=0, minute=0)
    for begun in (midnight, midnight - timedelta(days=1)):
        start = begun + timedelta(minutes=window.start)
        end = begun + timedelta(minutes=window.end, days=int(window.end <= window.start))
        if begun.weekday() in days and start <= at < end:
            return True
    return False


@pytest.mark.parametrize("currency", ["USD", "JPY"])
def test_one_rule_may_name_its_amount_for_each_currency(currency: str) -> None:
    one = clause("{target: lowest, offset: '-0.01 USD, -1 JPY'}", currency)
    assert one.offset_minor == -1
