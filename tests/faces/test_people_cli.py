"""`ecom customers`, `ecom bindings`, `ecom fx` over the fake App."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fake_app import FakeApp
from typer.testing import CliRunner

from ecom_agent.cli.main import cli


def run(*words: str) -> str:
    done = CliRunner().invoke(cli, list(words))
    assert done.exit_code == 0, done.output
    return done.output


def test_customers_are_masked_and_forgotten_by_name_of_the_person_who_asks(shop: FakeApp) -> None:
    key = "ab" * 16
    listed = run("customers", "list")
    assert "A•••" in listed
    assert "forgotten" in listed
    assert "t•••" in run("customers", "show", key)
    assert "tea_friend" in run("customers", "show", key, "--plainly", "--by", "anna")
    assert key in run("customers", "find", "ebay", "tea_friend")
    assert json.loads(run("customers", "forget", key, "--by", "anna", "--json"))["payloads"] == 3
    assert json.loads(run("customers", "retain", "--json")) == {"persons": 2, "replies": 1, "payloads": 9}
    assert shop.calls == [("customer", key, "anna"), ("forget_customer", key, "anna"), ("retain",)]


def test_bindings_go_out_and_in_as_csv(shop: FakeApp, tmp_path: Path) -> None:
    assert "sure" in run("bindings", "suggest")
    assert "MUG-01" in run("bindings", "list")
    file = tmp_path / "bindings.csv"
    file.write_text(run("bindings", "export"), encoding="utf-8")
    assert file.read_text(encoding="utf-8").splitlines()[0] == "account,marketplace,sku,our_sku"
    assert "1 bound" in run("bindings", "import", "--csv", str(file), "--by", "anna")
    assert "1 bound" in run("bindings", "accept", "--by", "anna")
    place = ("shop", "US", "CUP-9")
    run("bindings", "bind", *place, "MUG", "--by", "anna")
    run("bindings", "reject", *place, "MUG", "--by", "anna")
    run("bindings", "unbind", *place, "--by", "anna")
    assert [call[0] for call in shop.calls] == [
        "import_bindings", "accept_sure_bindings", "bind", "reject_binding", "unbind"
    ]  # fmt: skip


def test_rates_and_sales_by_day(shop: FakeApp, tmp_path: Path) -> None:
    file = tmp_path / "rates.csv"
    file.write_text("day,base,quote,rate\n2026-11-20,EUR,USD,1.0842\n", encoding="utf-8")
    assert "1 rates entered" in run("fx", "import", "--csv", str(file), "--source", "ECB", "--by", "anna")
    assert "1.0842" in run("fx", "rates")
    sales = run("fx", "sales")
    assert "America/Los_Angeles" in sales
    assert "no rate from GBP" in sales
    file.write_text("date,rate\n", encoding="utf-8")
    refused = CliRunner().invoke(cli, ["fx", "import", "--csv", str(file), "--source", "ECB"])
    assert refused.exit_code != 0


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "240")
