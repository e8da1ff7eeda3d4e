"""What is wrong with a rule document: each problem with its place, all of them at once."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ecom_agent.errors import BadInput


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing to correct; `line` and `column` count from 1."""

    line: int
    column: int
    wanted: str
    found: str
    fix: str

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}: wanted {self.wanted}; found {self.found}; {self.fix}"


class Unreadable(Exception):
    """A value's text is not what its place wants. The reader knows the place and what was found."""

    def __init__(self, wanted: str, fix: str) -> None:
        super().__init__(wanted)
        self.wanted, self.fix = wanted, fix


class RuleRefused(BadInput):
    """A document that is no rule, with all of its problems in the order of its lines."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        count = "1 problem" if len(self.problems) == 1 else f"{len(self.problems)} problems"
        super().__init__("a rule that can be read", count, "\n".join(["correct:", *map(str, self.problems)]))


def nearest(text: str, known: Iterable[str], otherwise: str) -> str:
    """What to do about a word that is none of the known ones."""
    near = difflib.get_close_matches(text, list(known), 1)
    return f"write {near[0]!r}" if near else otherwise
