"""A policy that is refused names the file's line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from fake_app import FakeApp
from typer.testing import CliRunner

from ecom_agent.cli.main import cli
from ecom_agent.cli.policy import located, read
from ecom_agent.economics.allocation_policy import AllocationPolicy
from ecom_agent.errors import BadInput

SHIPPED = Path(__file__).resolve().parents[2] / "ecom_agent" / "policies" / "allocation.yaml"


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ("channels: {}", "channels:\n  ebay_us:\n    weight: 1\n    weigth: 2", "ebay_us.weigth in {file} line {line}"),
        ("mode: split", "mode: both", "'both' in {file} line {line}"),
        ("bundles: {}", "bundles: {PAIR: {MUG-01: 0}}", "0 in {file} line {line}"),
        ("mode: split", "moode: split", "allocation.moode in {file} line {line}"),
    ],
)
def test_the_line_that_is_wrong_is_named(tmp_path: Path, was: str, becomes: str, said: str) -> None:
    file = tmp_path / "allocation.yaml"
    before, _, after = SHIPPED.read_text(encoding="utf-8").partition(was)
    file.write_text(f"{before}{becomes}{after}", encoding="utf-8")
    line = before.count("\n") + becomes.count("\n") + 1
    with pytest.raises(BadInput) as caught:
        AllocationPolicy.read(read(file))
    assert said.format(file=file, line=line) in str(located(caught.value, "allocation", file))


def test_what_names_no_line_is_said_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "p.yaml"
    file.write_text("a: 1\n", encoding="utf-8")
    error = BadInput("another thing", "this", "change it")
    assert located(error, "allocation", file) is error


def test_the_command_says_it(shop: FakeApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(name: str, body: object, by: str) -> int:
        raise BadInput("streams.default: a whole number", "'five'", "correct that line of the policy")

    monkeypatch.setattr(shop, "set_policy", refuse)
    file = tmp_path / "p.yaml"
    file.write_text("# how often\ndefault: five\n", encoding="utf-8")
    result = CliRunner().invoke(cli, ["policy", "set", "streams", str(file)])
    assert result.exit_code == 2
    assert f"{file} line 2" in result.stderr


def test_what_a_newer_program_ships_is_shown_and_taken_by_a_person(shop: FakeApp) -> None:
    def ecom(*words: str) -> Any:
        return CliRunner().invoke(cli, ["policy", *words])

    told = json.loads(ecom("offers", "--json").stdout)["offers"]
    assert [(one["name"], one["version"], one["refuses"], len(one["lines"])) for one in told] == [
        ("guards", 4, True, 2),
        ("streams", 1, False, 2),
    ]
    line = {"place": "guards.approval.message_persons", "lack": "missing", "found": None, "wanted": 1}
    assert told[0]["lines"][0] == line
    text = ecom("offers").stdout
    assert "guards, version 4 by anna: 2 lines missing; until then some writes are refused" in text
    assert "no such line" in text
    asked = ecom("take", "guards")
    assert (asked.exit_code, shop.calls) == (2, [])
    assert "--yes" in asked.stderr
    assert json.loads(ecom("take", "guards", "--yes", "--by", "ben", "--json").stdout)["version"] == 5
    assert shop.calls == [("take_policy_offer", "guards", 4, "ben")]
    assert "shipped otherwise" in ecom("take", "streams", "--yes").stdout
    assert "nothing is offered" in ecom("take", "guards", "--yes").stderr
    assert "Every policy has all lines" in ecom("offers").stdout
