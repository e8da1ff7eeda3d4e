"""The import screen over the fake App: a look first, then the import of what was looked at, and of nothing else."""

from __future__ import annotations

import pytest
from fake_app import FakeApp
from streamlit.testing.v1 import AppTest
from test_screens import opened, text

from ecom_agent.errors import BadInput

FILE = ("orders.csv", b"InvoiceNo,Quantity\n1,2\n", "text/csv")


def with_file() -> AppTest:
    test = opened("imports")
    test.file_uploader(key="import-file").set_value(FILE)
    return test.run()


def verbs(shop: FakeApp) -> list[str]:
    return [call[0] for call in shop.calls]


def test_without_a_file_it_says_what_comes(shop: FakeApp) -> None:
    test = opened("imports")
    assert not test.exception
    assert "nothing is written until you say so" in text(test)


def test_a_preview_shows_rows_reasons_and_counts_and_writes_nothing(shop: FakeApp) -> None:
    test = with_file()
    assert verbs(shop) == []
    test.button(key="import-look").click().run()
    assert not test.exception
    assert verbs(shop) == ["preview_file"]
    assert [metric.value for metric in test.metric] == ["3", "1", "0", "1", "1"]
    assert "536365" in test.dataframe[0].value.to_string()
    assert "wanted a number" in test.dataframe[1].value.to_string()


def test_what_was_looked_at_is_imported_by_the_person(shop: FakeApp) -> None:
    test = with_file()
    test.button(key="import-look").click().run()
    test.button(key="import-go").click().run()
    assert not test.exception
    assert verbs(shop) == ["preview_file", "backfill_file"]
    _verb, stream, path, mapping, account, check = shop.calls[1]
    assert (stream, path.name, mapping, account, check) == ("orders", "orders.csv", "uci_online_retail", None, False)
    assert not path.exists()
    assert any("10,000 orders written" in toast.value for toast in test.toast)


def test_another_account_needs_another_look(shop: FakeApp) -> None:
    test = with_file()
    test.button(key="import-look").click().run()
    test.text_input(key="import-account").input("old_shop").run()
    assert "import-go" not in [button.key for button in test.button]
    assert "Press Preview" in text(test)


def test_a_mapping_of_ones_own_is_asked_for(shop: FakeApp, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise BadInput("a whole mapping", "line 3: columns.text", "see the README")

    monkeypatch.setattr(shop, "preview_file", refuse)
    test = opened("imports")
    test.segmented_control(key="import-kind").set_value("reviews").run()
    test.file_uploader(key="import-file").set_value(FILE).run()
    assert "Nothing chosen yet" in text(test)
    test.file_uploader(key="import-mapping").set_value(("mine.yaml", b"kind: reviews", "text/yaml")).run()
    test.button(key="import-look").click().run()
    assert "line 3" in test.error[0].value
