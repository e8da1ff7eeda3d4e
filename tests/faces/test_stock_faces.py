"""The stock book at the command line and on its screen: what is shown, what is entered, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

from fake_app import FakeApp
from streamlit.testing.v1 import AppTest
from typer.testing import CliRunner, Result

from ecom_agent.cli.main import cli

MAIN = Path(__file__).resolve().parents[2] / "dashboards" / "main.py"


def run(*words: str) -> Result:
    return CliRunner().invoke(cli, ["stock", *words])


def test_every_channel_is_shown_with_its_share_and_why(shop: FakeApp) -> None:
    shown = run("show").stdout
    assert "others must show fewer first" in shown
    told = json.loads(run("show", "MUG-01", "--json").stdout)["pools"]
    assert [(pool["sku"], pool["sellable"], pool["shown"]) for pool in told] == [("MUG-01", 18, 18)]
    assert [x["share"] for x in told[0]["outlets"]] == [6, 6, 6]
    assert run("show", "NONE").exit_code == 2


def test_a_count_and_a_move_are_entered_by_a_person(shop: FakeApp) -> None:
    assert run("count", "MUG-01", "12", "--by", "anna").stdout == "1 products counted.\n"
    assert "MUG-01: 33 on hand" in run("move", "MUG-01", "10", "--note", "received", "--by", "anna").stdout
    assert shop.calls == [
        ("count_stock", {"MUG-01": 12}, "anna", ""),
        ("move_stock", "MUG-01", 10, "anna", "received"),
    ]
    assert "every night" in run("entries", "MUG-01").stdout


def test_many_are_counted_from_a_file_or_none(shop: FakeApp, tmp_path: Path) -> None:
    file = tmp_path / "counts.csv"
    file.write_text("sku,units\nMUG-01,4\nCUP-02,0\n", encoding="utf-8")
    assert json.loads(run("count", "--csv", str(file), "--json").stdout) == {"counted": 2}
    assert shop.calls[-1][1] == {"MUG-01": 4, "CUP-02": 0}
    wrong = (("sku,units\nMUG-01,four", "line 2"), ("sku;units", "columns"), ("sku,units\nA,1\nA,2", "line 3"))
    for lines, said in wrong:
        file.write_text(lines, encoding="utf-8")
        refused = run("count", "--csv", str(file))
        assert (refused.exit_code, said in refused.stderr) == (2, True)
    assert run("count").exit_code == run("count", "MUG-01").exit_code == 2


def test_the_screen_enters_a_count_and_asks_for_a_note_where_units_came(shop: FakeApp) -> None:
    test = AppTest.from_file(str(MAIN), default_timeout=60).run().switch_page("screens/stock.py").run()
    test.selectbox(key="product").set_value("MUG-01").run()
    test.button(key="entry-now").click().run()
    assert any("how many units" in warning.value for warning in test.warning)
    assert not shop.calls
    test.number_input(key="entry-units-MUG-01").set_value(17)
    test.button(key="entry-now").click().run()
    assert ("count_stock", {"MUG-01": 17}, shop.person, "") in shop.calls
    test.selectbox(key="entry-what").set_value("came (minus: went)")
    test.button(key="entry-now").click().run()
    assert any("needs a note" in warning.value for warning in test.warning)


def test_units_typed_for_one_product_are_not_entered_for_another(shop: FakeApp) -> None:
    test = AppTest.from_file(str(MAIN), default_timeout=60).run().switch_page("screens/stock.py").run()
    first, second = [pool.sku for pool in shop.pools()][:2]
    test.selectbox(key="product").set_value(first).run()
    test.number_input(key=f"entry-units-{first}").set_value(17)
    test.selectbox(key="product").set_value(second).run()
    assert test.number_input(key=f"entry-units-{second}").value is None
