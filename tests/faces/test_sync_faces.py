"""Command and screen around the ledger of sync, over the fake App."""

from __future__ import annotations

from types import ModuleType

import pytest
from fake_app import FakeApp
from test_cli import answer, ecom, root
from test_screens import opened, text

from ecom_agent.errors import OutOfQuota
from flows import ingest

__all__ = ["root"]


def test_status_prints_all_and_fails_while_a_stream_is_not_whole(root: ModuleType) -> None:
    plain = ecom("sync", "status")
    assert plain.exit_code == 1
    assert "the source told of 120, 119 came" in plain.stderr
    assert "does not offer: fees" in plain.stdout
    assert "67%" in plain.stdout
    assert ecom("sync", "status", "--account", "shop_main").exit_code in (0, 1)


@pytest.mark.parametrize(
    "words", ["sync windows amazon_us orders", "sync every amazon_us orders 10", "sync look-back amazon_us orders"]
)
def test_the_other_verbs_print_text_and_one_json_object(root: ModuleType, words: str) -> None:
    assert answer(*words.split())
    plain = ecom(*words.split())
    assert (plain.exit_code, bool(plain.stdout.strip())) == (0, True), plain.stderr


def test_an_interval_set_on_the_screen_is_asked_for_by_its_person(shop: FakeApp) -> None:
    test = opened("sync")
    test.number_input[0].set_value(12)
    test.button(key="every-now").click().run()
    assert not test.exception
    account, stream, _ = shop.intervals()[0]
    assert ("set_interval", account, stream, 12, "operator") in shop.calls


def test_history_is_asked_for_and_shows_how_far_it_is(shop: FakeApp) -> None:
    test = opened("sync")
    assert "running · 4,180 read" in text(test)
    test.button(key="backfill-now").click().run()
    assert not test.exception
    (asked,) = [call for call in shop.calls if call[0] == "ask_backfill"]
    assert asked[1:3] == ("orders", "amazon_us")
    assert asked[3] < asked[4] <= shop.clock.now()
    test.button(key="stop-1").click().run()
    assert ("stop_backfill", 1) in shop.calls


def test_a_pull_without_tokens_is_put_off_and_no_failure(shop: FakeApp, monkeypatch: pytest.MonkeyPatch) -> None:
    def spent(account: str, stream: str) -> None:
        raise OutOfQuota("amazon", "searchOrders", "no token before the next turn", 179.0)

    monkeypatch.setattr(shop, "pull", spent)
    assert "no token" in ingest.pull_stream.fn("amazon_us", "orders")["put_off"]


def test_a_backfill_run_goes_on_with_what_waits(shop: FakeApp) -> None:
    ingest.work_backfill.fn()
    assert shop.calls == [("work_backfill", 10)]
