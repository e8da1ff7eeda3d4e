"""Every command has help that says what it does, and every option says what it is for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from ecom_agent.cli.main import cli
from ecom_agent.evaluate.base import evaluations

VERBS = ["init", "demo", "up", "pull", "backfill", "run", "actions", "audit", "halt", "resume", "evaluate"]


def commands(node: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    yield path, node
    for name, child in getattr(node, "commands", {}).items():
        yield from commands(child, (*path, name))


EVERY = dict(commands(typer.main.get_command(cli)))


def test_the_verbs_of_the_design_are_there() -> None:
    others = {
        "breakers", "quarantine", "limits", "rules", "autonomy", "policy", "lab", "lane", "replay", "attribution",
        "stock", "sync", "bindings", "customers", "fx", "inbox",
    }  # fmt: skip
    assert {path[0] for path in EVERY if path} == {*VERBS, *others}


@pytest.mark.parametrize("path", EVERY, ids=lambda p: " ".join(p) or "ecom")
def test_every_command_has_help(path: tuple[str, ...]) -> None:
    command = EVERY[path]
    assert (command.help or "").strip(), "say in the docstring what it does"
    unsaid = [p.name for p in command.params if not getattr(p, "help", None)]
    assert unsaid == []
    result = CliRunner().invoke(cli, [*path, "--help"])
    assert result.exit_code == 0
    assert "Usage: " in result.stdout


def test_the_lane_is_not_for_people() -> None:
    assert "lane" not in CliRunner().invoke(cli, ["--help"]).stdout


def test_what_an_evaluation_can_be_asked_for_is_an_option() -> None:
    options = {parameter.name for parameter in EVERY["evaluate",].params}
    for evaluation in evaluations().values():
        assert set(evaluation.arguments) <= options, evaluation.name
