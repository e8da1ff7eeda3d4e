"""The rules screen over the fake App: errors by line, preview while writing, and nothing written that was not shown."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from fake_app import FakeApp
from fake_rules import BEAT, DIGEST
from streamlit.testing.v1 import AppTest

from dashboards import rules_form
from ecom_agent.clock import FrozenClock

MAIN = Path(__file__).resolve().parents[2] / "dashboards" / "main.py"


def opened(part: str = "Write") -> AppTest:
    test = AppTest.from_file(str(MAIN), default_timeout=60).run().switch_page("screens/rules.py").run()
    assert not test.exception
    return test if part == "Write" else test.segmented_control(key="part").set_value(part).run()


def text(test: AppTest) -> str:
    parts = [*test.markdown, *test.caption, *test.info, *test.success, *test.warning, *test.error, *test.subheader]
    return "\n".join(str(p.value) for p in parts)


def written(test: AppTest, document: str) -> AppTest:
    return test.text_area[0].set_value(document).run()


def button(test: AppTest, label: str) -> Any:
    return next(b for b in test.button if b.label.startswith(label))


def test_errors_stand_beside_their_lines_and_nothing_can_be_saved(shop: FakeApp) -> None:
    test = written(opened(), BEAT.replace("held}", "hold}").replace("-0.5 %", "-0,5 %"))
    seen = text(test)
    assert "**2 to correct.**" in seen
    assert ":red-badge[line 7, column 21] `when: {buy_box: hold}`" in seen
    assert "wanted one of held, lost, suppressed" in seen
    assert button(test, "Save rule").disabled
    assert [c for c in shop.calls if c[0] == "set_rule"] == []


def test_a_rule_that_fits_is_previewed_as_it_stands_and_saved_with_a_note(shop: FakeApp) -> None:
    test = opened()
    assert button(test, "Save rule").disabled, "nothing was changed yet"
    test.text_input(key="scope").set_value("tag:winter").run()
    test = written(test, BEAT.replace("-0.5 %", "-1 %"))
    assert ("preview_rule", "tag:winter", 24) in shop.calls
    assert "**1** of 12 decisions differ" in text(test)
    test.text_input(key="note").set_value("beat them").run()
    button(test, "Save rule").click().run()
    assert ("set_rule", "beat-the-box", "operator", "beat them") in shop.calls


def test_a_preset_can_be_taken_as_it_is(shop: FakeApp) -> None:
    test = opened()
    test.selectbox(key="rule").set_value("recover").run()
    button(test, "Save rule").click().run()
    assert ("set_rule", "recover", "operator", "") in shop.calls


def test_why_shows_what_was_passed_over_and_what_decides(shop: FakeApp) -> None:
    seen = text(opened("Why this rule"))
    assert ":gray-badge[passed over] beat\\-the\\-box/we hold it" in seen
    assert "### 19.99 USD → 19.37 USD" in seen
    assert "from 5: 19.19 USD" in seen


def test_history_goes_back_only_after_showing_what_would_change(shop: FakeApp) -> None:
    test = opened("History")
    assert [b for b in test.button if b.label.startswith("Write")] == []
    test.toggle(key="back-look").set_value(True).run()
    button(test, "Write 1 changes").click().run()
    ((_, at, *rest),) = [c for c in shop.calls if c[0] == "rollback_rules"]
    assert (at, rest) == (datetime(2026, 11, 21, 11, 0, tzinfo=UTC), [DIGEST, "operator", False])
    assert shop.clock.now() - at == timedelta(hours=1)


@pytest.mark.parametrize("part", ["Where they hold", "Why this rule", "History"])
def test_a_new_shop_is_told_what_comes_here(wire: Callable[[Any], Any], clock: FrozenClock, part: str) -> None:
    wire(FakeApp.empty(clock))
    test = opened(part)
    assert not test.error
    assert test.info


def test_edited_assignments_become_the_table_that_is_imported(shop: FakeApp) -> None:
    rows = shop.assignments()
    frame = rules_form.assignment_frame(rows)
    assert rules_form.assignment_table(rows, frame) is None
    frame.loc[0, "rule"] = "recover"
    added = pd.DataFrame([{"scope": " brand:acme ", "rule": "sell-out"}, {"scope": None, "rule": None}])
    edited = pd.concat([frame.drop(index=1), added], ignore_index=True)
    table = rules_form.assignment_table(rows, edited)
    assert table is not None
    assert table.decode().split() == ["scope,rule", "default,recover", "brand:acme,sell-out", "tag:clearance,"]


def test_a_table_with_the_same_scope_twice_is_left_to_the_import_to_refuse(shop: FakeApp) -> None:
    rows = shop.assignments()
    frame = rules_form.assignment_frame(rows)
    frame.loc[1, "scope"] = "default"
    table = rules_form.assignment_table(rows, frame)
    assert table is not None
    assert table.decode().split()[1:] == ["default,beat-the-box", "default,sell-out", "tag:clearance,"]
