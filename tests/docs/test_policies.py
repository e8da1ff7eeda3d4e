"""Every key of the shipped business policy is explained where a seller reads it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

POLICIES = Path(__file__).resolve().parents[2] / "ecom_agent" / "policies"
FILES = sorted(POLICIES.glob("*.yaml"))


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.name)
def test_every_key_of_a_policy_is_explained(file: Path) -> None:
    lines = file.read_text(encoding="utf-8").splitlines()
    explained = {i for i, line in enumerate(lines) if "#" in line}
    unexplained = [line.strip() for i, line in enumerate(lines) if _is_key(line) and not _near(i, lines, explained)]
    assert unexplained == []


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.name)
def test_a_policy_says_first_what_it_is_for_and_can_be_read(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert text.startswith("# ")
    assert isinstance(yaml.safe_load(text), dict)


def test_there_are_policies() -> None:
    assert FILES


def _is_key(line: str) -> bool:
    return re.match(r"\s*[\w*.-]+:", line) is not None


def _near(at: int, lines: list[str], explained: set[int]) -> bool:
    """On its own line, on the one above, or on the key it stands under."""
    if at in explained or (at - 1 in explained and not _is_key(lines[at - 1])):
        return True
    return any(above in explained for above in _parents(at, lines))


def _parents(at: int, lines: list[str]) -> list[int]:
    indent, found = _indent(lines[at]), []
    for i in range(at - 1, -1, -1):
        if _is_key(lines[i]) and _indent(lines[i]) < indent:
            found.append(i)
            indent = _indent(lines[i])
    return found


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
