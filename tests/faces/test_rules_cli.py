"""`ecom rules`: each command in text and JSON, exit codes, and nothing written that was not confirmed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from fake_app import FakeApp
from fake_rules import BEAT, DIGEST
from typer.testing import CliRunner

from ecom_agent.cli.main import cli


def ecom(*words: str) -> Any:
    return CliRunner().invoke(cli, ["rules", *words])


@pytest.fixture
def document(tmp_path: Path) -> Path:
    file = tmp_path / "rule.yaml"
    file.write_text(BEAT)
    return file


@pytest.mark.parametrize(
    ("words", "shown", "key"),
    [
        ("list", "private-label", "rules"),
        ("show beat-the-box", "rule: beat-the-box", "document"),
        ("assignments", "tag:clearance", "assignments"),
        ("why amazon_us ATVPDKIKX0DER MUG-01", "not beat-the-box/we hold it: buy_box held, seen lost", "clause"),
        ("history", "sleep at night", "edits"),
        ("rollback 2026-11-21T10:00:00Z", "add --confirm d1d1d1d1d1d1", "changes"),
    ],
)
def test_each_tells_it_in_text_and_in_json(shop: FakeApp, words: str, shown: str, key: str) -> None:
    plain, machine = ecom(*words.split()), ecom(*words.split(), "--json")
    assert (plain.exit_code, machine.exit_code) == (0, 0), plain.output
    assert shown in plain.stdout
    assert key in json.loads(machine.stdout)
    assert shop.calls == []


def test_checking_tells_every_line_and_ends_with_2(shop: FakeApp, document: Path) -> None:
    assert ecom("check", str(document)).exit_code == 0
    document.write_text(BEAT.replace("held}", "hold}").replace("-0.5 %", "-0,5 %"))
    result = ecom("check", str(document))
    assert result.exit_code == 2
    assert "line 7, column 21: wanted one of held, lost, suppressed" in result.stdout
    assert "line 14, column 13" in result.stdout
    assert [p["line"] for p in json.loads(ecom("check", str(document), "--json").stdout)["problems"]] == [7, 14]
    refused = ecom("set", str(document))
    assert (refused.exit_code, shop.calls) == (2, [])
    assert "line 7, column 21" in refused.stderr


def test_edits_ask_the_app_by_the_persons_name(shop: FakeApp, document: Path) -> None:
    assert ecom("set", str(document), "--by", "ben", "--note", "why not").stdout == (
        "beat-the-box is in force, version 4.\n"
    )
    assert ecom("assign", "recover", "tag:winter", "brand:acme").exit_code == 0
    assert ecom("assign", "none", "default").exit_code == 0
    assert ecom("withdraw", "sell-out").exit_code == 2
    assert ecom("assign", "nothing", "default").exit_code == 2
    assert shop.calls == [
        ("set_rule", "beat-the-box", "ben", "why not"),
        ("assign_rule", ("tag:winter", "brand:acme"), "recover", "operator", ""),
        ("assign_rule", ("default",), None, "operator", ""),
    ]


def test_a_preview_shows_both_prices(shop: FakeApp, document: Path) -> None:
    result = ecom("preview", str(document), "--scope", "default", "--hours", "48")
    assert "events recorded in the last 48 hours: 1 of 12 decisions differ" in result.stdout
    assert "19.17 USD" in result.stdout
    assert "CUP-02 is left alone: no MAP" in result.stdout
    assert shop.calls == [("preview_rule", "default", 48)]


def test_an_import_is_shown_first_and_written_only_when_confirmed(shop: FakeApp, tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    assert ecom("export", "assignments", str(file)).exit_code == 0
    seen = ecom("import", "assignments", str(file))
    assert (seen.exit_code, shop.calls) == (0, [])
    assert "tag:winter" in seen.stdout
    assert ecom("import", "assignments", str(file), "--confirm", "abc").exit_code == 2
    assert ecom("import", "assignments", str(file), "--confirm", "0" * 12).exit_code == 2
    assert shop.calls == []
    assert ecom("import", "assignments", str(file), "--confirm", DIGEST[:12]).stdout == "1 changed.\n"
    assert ecom("import", "tags", str(file), "--yes", "--json").stdout == '{"changed":1}\n'
    assert shop.calls == [
        ("apply_import", "assignments", "csv", DIGEST, "operator", ""),
        ("apply_import", "tags", "csv", DIGEST, "operator", ""),
    ]


def test_wrong_rows_are_told_and_cannot_be_forced(shop: FakeApp, tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    file.write_text("scope,rule\ndefault,nothing\n")
    assert "there is no rule 'nothing'" in ecom("import", "assignments", str(file)).stdout
    assert ecom("import", "assignments", str(file), "--yes").exit_code == 2
    assert ecom("import", "assignments", str(tmp_path / "none.csv")).exit_code == 2
    assert ecom("export", "assignments", str(tmp_path / "out.ods")).exit_code == 2
    assert shop.calls == []


def test_a_rollback_names_its_moment_with_a_time_zone(shop: FakeApp) -> None:
    assert ecom("rollback", "2026-11-21 10:00").exit_code == 2
    assert ecom("rollback", "2026-11-21T10:00:00+01:00", "--limits", "--yes").exit_code == 0
    ((name, at, *rest),) = shop.calls
    assert (name, at.isoformat(), rest) == (
        "rollback_rules", "2026-11-21T10:00:00+01:00", [DIGEST, "operator", True],
    )  # fmt: skip
