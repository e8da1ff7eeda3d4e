"""Documents: what is written is what is read, and whatever is wrong is told with its place, all of it at once."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rule_cases import SIMPLE, rules

from pricing.rules.model import Rule
from pricing.rules.nodes import MAX_TEXT
from pricing.rules.problems import RuleRefused
from pricing.rules.read import attempt, problems_of, read
from pricing.rules.write import write


@settings(max_examples=150, deadline=None)
@given(rules())
def test_a_rule_written_and_read_again_is_the_same(rule: Rule) -> None:
    assert read(write(rule)) == rule


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=200) | st.text("rule:clastge- \n{}[]&*%!|>0.5'\"#", max_size=200))
@example("")
@example("rule: a\nclauses: *x")
@example("rule: a\n---\nrule: b")
@example("- " * 60)
@example("rule: a\nclauses: []")
@example("a: !!python/object:os.system x")
@example("\x00")
@example("[1, 2]")
def test_any_text_is_a_rule_or_has_problems_with_a_place(text: str) -> None:
    rule, problems = attempt(text)
    assert (rule is None) == bool(problems)
    for problem in problems:
        assert problem.line >= 1
        assert problem.column >= 1
        assert str(problem).startswith(f"line {problem.line}, column {problem.column}: wanted ")


@settings(max_examples=100, deadline=None)
@given(rules(), st.data())
def test_a_rule_with_a_line_taken_out_or_doubled_is_read_or_refused(rule: Rule, data: st.DataObject) -> None:
    lines = write(rule).splitlines()
    at = data.draw(st.integers(0, len(lines) - 1))
    attempt("\n".join(lines[:at] + lines[at + 1 :]))
    attempt("\n".join(lines[:at] + [lines[at]] * 2 + lines[at + 1 :]))


def test_all_problems_come_at_once_each_at_its_line() -> None:
    document = """rule: Not A Name
limts: 3
limits:
  min: {margin: 12, amount: 1.234 USD}
clauses:
  - target: lowst
    when: {buy_box: hold, pace: below 3 %, time: 25:00 to 3}
    offset: -0,5 %
  - name: clause 1
    target: hold
    offset: 1 %
"""
    told = [(p.line, p.wanted.split(" ")[0]) for p in problems_of(document)]
    assert [line for line, _ in told] == [1, 2, 4, 4, 6, 7, 7, 7, 8, 9, 11]
    with pytest.raises(RuleRefused, match=r"found 11 problems; correct:\nline 1, column 7: wanted a name") as refused:
        read(document)
    assert "line 6, column 13: wanted one of lowest, buy_box" in str(refused.value)
    assert "write 'lowest'" in str(refused.value)


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("time_zone: Mars/Base", "a time zone"),
        ("pause: soon", "a pause"),
        ("pause: 3", "a pause"),
        ("pause: 0 hours", "a pause from"),
        ("sell_out_by: 2026-02-30", "a date"),
        ("reference: 0", "an amount above zero"),
        ("reference: 1e3", "an amount"),
        ("reference: .inf", "an amount"),
        ("reference: 5, 6 USD", "one amount for each currency"),
        ("reference: 5 XXX", "a currency that is known"),
        ("reference: 1.5 JPY", "an amount in JPY"),
        ("limits: {min: {margin: 100 %}}", "a share from"),
        ("limits: {max: {map: 0 %}}", "a share from"),
        ("limits: 3", "names with values under limits"),
        ("sleep: [22:00 to 22:00]", "a part of the day"),
        ("sleep: sometimes", "weekdays"),
        ("sleep: {from: 3}", "a list of hours"),
        ("business: {discount: 5 %, tiers: {5: 5 %}}", "more than the discount"),
        ("business: {tiers: {5: 5 %, 3: 6 %}}", "tiers that rise"),
        ("business: {tiers: [5]}", "tiers as"),
        ("business: {tiers: {2: 1 %, 3: 2 %, 4: 3 %, 5: 4 %, 6: 5 %, 7: 6 %}}", "at most 5 tiers"),
        ("rivals: {only: []}", "at least one under only"),
        ("rivals: {ships_from: [usa]}", "a country"),
        ("rivals: {prime: true}", "one of yes, no"),
        ("rivals: {sub_conditions: shiny}", "one of new, mint"),
        ("rivals: {min_rating: 101 %}", "a rating in percent from"),
        ("rivals: {fulfilment: FBA}", "one of any, fba, fbm"),
        ("rule: other", "rule once"),
    ],
)
def test_one_wrong_line_is_named(line: str, wanted: str) -> None:
    (problem,) = problems_of(f"{SIMPLE.strip()}\n{line}\n")
    assert problem.wanted.startswith(wanted), problem
    assert problem.line == 5


@pytest.mark.parametrize(
    ("clause", "wanted"),
    [
        ("{}", "a target in every clause"),
        ("{target: nth}", "which one under nth"),
        ("{target: {nth: 0}}", "a place from 1 to 20"),
        ("{target: {nth: 2, seller: A}}", "one target"),
        ("{target: {strategy: guess}}", "one of fixed, beat"),
        ("{target: lowest, offset: -100 %}", "an offset from"),
        ("{target: lowest, offset: cheap}", "'match', a share"),
        ("{target: lowest, without: lower 1 %}", "'hold', or 'raise 1 %'"),
        ("{target: lowest, without: raise 0 %}", "a raise above 0"),
        ("{target: lowest, min_move: -1}", "an amount of 0 or more"),
        ("{target: lowest, direction: sideways}", "one of both, up, down"),
        ("{target: hold, without: raise 1 %}", "no without beside target hold"),
        ("{target: own, when: {pace: below 90 %}}", "'sell_out_by' in a rule"),
        ("{target: own, when: {stock: some}}", "units in stock such as"),
        ("{target: own, when: {stock: 2.5}}", "units in stock in steps of 1"),
        ("{target: own, when: {stock: 9 to 3}}", "units in stock from the lower"),
        ("{target: own, when: {age: 3 hours}}", "an age in days such as"),
        ("{target: own, when: {dates: 2026-02-02 to 2026-01-01}}", "dates from the earlier"),
        ("{target: own, when: {lowest_rival: {rating: above 3}}}", "a rating in percent such as"),
        ("{target: own, when: {condition: broken}}", "one of new, used"),
    ],
)
def test_one_wrong_clause_is_named(clause: str, wanted: str) -> None:
    (problem,) = problems_of(f"rule: one\nclauses:\n  - {clause}\n")
    assert problem.wanted.startswith(wanted), problem
    assert problem.line == 3


def test_bombs_and_giants_are_refused_at_once() -> None:
    bomb = "rule: a\nabout: &a [x, x]\nclauses: [*a, *a]"
    assert [p.wanted for p in problems_of(bomb)] == ["values written out"]
    assert [p.wanted for p in problems_of("[" * 5_000)] == ["a flat rule"]
    assert "at most" in problems_of("x" * (MAX_TEXT + 1))[0].wanted
    many = "rule: a\nclauses:\n" + "".join(f"  - {{name: c{n}, target: hold}}\n" for n in range(33))
    assert problems_of(many)[0].wanted == "at most 32 clauses, sleep hours included"


def test_numbers_and_times_are_the_text_that_was_written() -> None:
    """YAML alone would read 22:30 as 1350, 1_0 as 10, no as False and 0.1 as a float."""
    rule = read("rule: no\nabout: 22:30\nreference: 0.10\nclauses:\n  - {name: on, target: hold}\n")
    assert (rule.name, rule.about, str(rule.reference), rule.clauses[0].name) == ("no", "22:30", "0.1", "on")
    assert rule.reference is not None
    assert rule.reference.minor("USD") == 10
