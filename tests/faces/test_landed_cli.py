"""`ecom limits landed`: a consignment's parts become the cost that floors rest on, or nothing changes."""

from __future__ import annotations

from pathlib import Path

import pytest
from fake_app import FakeApp
from typer.testing import CliRunner, Result

from ecom_agent.cli.landed import COLUMNS
from ecom_agent.cli.main import cli
from ecom_agent.records.views import LimitsView


def ecom(*words: str) -> Result:
    return CliRunner().invoke(cli, ["limits", "landed", *words])


def told(shop: FakeApp, tmp_path: Path, **changes: str) -> Path:
    """100 units FOB: 500 for the goods, 80 of freight, 20 of insurance, 5 % duty, 20 % tax that comes back."""
    row = next(r for r in shop.limits() if r.currency == "USD")
    line = {
        "account": row.account, "marketplace": row.marketplace, "sku": row.sku, "term": "FOB", "units": "100",
        "currency": "USD", "goods": "500.00", "freight": "80.00", "insurance": "20.00", "duty_percent": "5",
        "import_tax_percent": "20", "tax_recoverable": "yes",
    } | changes  # fmt: skip
    file = tmp_path / "consignments.csv"
    file.write_text("\n".join((",".join(COLUMNS), ",".join(line[name] for name in COLUMNS))), encoding="utf-8")
    return file


def saved(shop: FakeApp) -> LimitsView:
    (row,) = next(call for call in shop.calls if call[0] == "set_limits")[1]
    assert isinstance(row, LimitsView)
    return row


def test_a_consignment_becomes_the_unit_cost_of_today(shop: FakeApp, tmp_path: Path) -> None:
    file = told(shop, tmp_path)
    before = next(r for r in shop.limits() if r.currency == "USD")
    result = ecom("--csv", str(file))
    assert result.exit_code == 0, result.stderr
    row = saved(shop)
    assert (row.unit_cost, row.foreign_cost, row.costs_on) == ("6.30", None, "2026-11-21")
    assert (row.hard_min, row.ceiling, row.version) == (before.hard_min, before.ceiling, before.version)
    assert "6.30" in result.stdout


def test_what_was_paid_in_another_currency_stays_in_it(shop: FakeApp, tmp_path: Path) -> None:
    assert ecom("--csv", str(told(shop, tmp_path, currency="EUR"))).exit_code == 0
    assert (saved(shop).unit_cost, saved(shop).foreign_cost) == (None, "6.30 EUR")


def test_what_the_suppliers_price_has_in_it_may_be_left_out(shop: FakeApp, tmp_path: Path) -> None:
    empty = dict.fromkeys(("freight", "insurance", "duty_percent", "import_tax_percent", "tax_recoverable"), "")
    assert ecom("--csv", str(told(shop, tmp_path, term="DDP", **empty))).exit_code == 0
    assert saved(shop).unit_cost == "5.00"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"term": "XYZ"}, "term as one of"),
        ({"units": "0"}, "units as a whole number"),
        ({"currency": "QQQ"}, "currency"),
        ({"freight": ""}, "freight as an amount in USD"),
        ({"goods": "-1"}, "goods"),
        ({"duty_percent": ""}, "duty_percent"),
        ({"tax_recoverable": "maybe"}, "tax_recoverable as yes or no"),
        ({"sku": "NOPE"}, "a listing that is known"),
    ],
)
def test_a_wrong_line_is_named_and_nothing_is_saved(
    shop: FakeApp, tmp_path: Path, changes: dict[str, str], said: str
) -> None:
    result = ecom("--csv", str(told(shop, tmp_path, **changes)))
    assert result.exit_code != 0
    assert said in " ".join(result.stderr.split())
    assert not [call for call in shop.calls if call[0] == "set_limits"]


def test_another_header_is_refused(shop: FakeApp, tmp_path: Path) -> None:
    file = tmp_path / "other.csv"
    file.write_text("sku,cost\nA,1\n", encoding="utf-8")
    assert "columns account" in " ".join(ecom("--csv", str(file)).stderr.split())
    assert "a readable CSV file" in " ".join(ecom("--csv", str(tmp_path / "none.csv")).stderr.split())
    assert shop.calls == []
