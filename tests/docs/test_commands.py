"""Every `make ...` and `ecom ...` in a document exists, with its options; every command is in both READMEs."""

from __future__ import annotations

import re
import shlex
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer

from ecom_agent.cli import main

REPO = Path(__file__).resolve().parents[2]
READMES = ["README.md", "README.zh-CN.md"]
DOCUMENTS = [
    *READMES,
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    ".env.example",
    *sorted(str(p.relative_to(REPO)) for folder in ("docs", "deploy") for p in (REPO / folder).rglob("*.md")),
]


def snippets(document: str) -> list[str]:
    """What stands as code: between backticks, and the lines of fenced blocks up to a comment."""
    text = (REPO / document).read_text(encoding="utf-8")
    fenced = [
        line.split("#")[0].strip()
        for block in re.findall(r"```\w*\n(.*?)```", text, re.DOTALL)
        for line in block.splitlines()
    ]
    inline = re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    return [piece.strip() for piece in (*fenced, *inline) if piece.strip()]


def calls(document: str, program: str) -> list[list[str]]:
    """The arguments of each call of `program` in the document's code."""
    found = [re.match(rf"(?:\S*=\S+ )*(?:\S*/)?{program}(?: (.*))?$", piece) for piece in snippets(document)]
    return [shlex.split(hit.group(1) or "") for hit in found if hit]


@cache
def root() -> Any:
    """The group of all commands. Typer brings its own click, so nothing here asks for click's classes."""
    return typer.main.get_command(main.cli)


def resolve(words: list[str]) -> tuple[Any, list[str]]:
    """The command that `words` call, and what is left for it."""
    command, rest = root(), list(words)
    while hasattr(command, "commands") and rest and not rest[0].startswith("-"):
        assert rest[0] in command.commands, f"there is no command {rest[0]!r}"
        command = command.commands[rest.pop(0)]
    return command, rest


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_ecom_call_names_a_command_and_options_that_exist(document: str) -> None:
    for words in calls(document, "ecom"):
        if words and words[0] == "COMMAND":
            continue
        command, rest = resolve(words)
        options = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
        used = {word.split("=")[0] for word in rest if word.startswith("--")} - {"--help"}
        assert used <= options, (document, words)
        wanted = [p for p in command.params if p.param_type_name == "argument" and p.required]
        assert bool(rest) or not wanted, (document, words)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_make_target_that_is_named_exists(document: str) -> None:
    targets = set(re.findall(r"^([a-z]+):.*##", (REPO / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for words in calls(document, "make"):
        assert {word for word in words if "=" not in word} <= targets, (document, words)


@pytest.mark.parametrize("readme", READMES)
def test_every_command_is_in_the_readme(readme: str) -> None:
    named = {words[0] for words in calls(readme, "ecom") if words}
    assert {name for name, command in root().commands.items() if not command.hidden} <= named


def test_both_readmes_say_the_same_commands_and_lead_to_the_same_places() -> None:
    english, chinese = READMES
    assert {tuple(c) for c in calls(english, "ecom")} == {tuple(c) for c in calls(chinese, "ecom")}
    assert {tuple(c) for c in calls(english, "make")} == {tuple(c) for c in calls(chinese, "make")}
    assert _links(english) - set(READMES) == _links(chinese) - set(READMES)


def test_make_help_names_every_target() -> None:
    told = subprocess.run(["make", "help"], cwd=REPO, capture_output=True, text=True, check=True).stdout
    phony = re.search(r"^\.PHONY: (.*)$", (REPO / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert phony is not None
    assert [target for target in phony.group(1).split() if f"make {target} " not in told] == []


def _links(document: str) -> set[str]:
    return set(re.findall(r"\]\(([^)]+)\)", (REPO / document).read_text(encoding="utf-8")))
