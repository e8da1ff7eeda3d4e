"""The page that teaches the rule language: its examples run, its errors are the real ones, and no word is left out."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from pricing.rules import Compiled, compile_rule, problems_of, read, write
from pricing.rules import words as language
from pricing.rules.read import KEYS
from pricing.rules.read_clause import KEYS as CLAUSE_KEYS
from pricing.rules.read_clause import LOWEST_RIVAL, RIVALS, WHEN

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "rules.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
WRONG, TOLD = (re.findall(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL) for kind in ("yaml wrong", "text"))


@pytest.mark.parametrize("document", EXAMPLES, ids=lambda text: str(text).split("\n")[0])
def test_every_example_is_a_rule_that_runs(document: str) -> None:
    rule = read(document)
    assert isinstance(compile_rule(rule, "USD", "new", date(2026, 11, 28)), Compiled)
    assert read(write(rule)) == rule


def test_the_errors_that_are_shown_are_those_that_are_told() -> None:
    assert len(WRONG) == len(TOLD) == 1
    assert [str(problem) for problem in problems_of(WRONG[0])] == TOLD[0].splitlines()


def test_every_word_of_the_language_is_on_the_page() -> None:
    flags = [word for words in language.FLAGS.values() for word in words]
    said = {*KEYS, *CLAUSE_KEYS, *WHEN, *RIVALS, *LOWEST_RIVAL, *language.TARGETS, *language.TARGETS_WITH, *flags}
    assert [word for word in sorted({*said, *language.CONDITIONS}) if not re.search(rf"\b{word}\b", PAGE)] == []
