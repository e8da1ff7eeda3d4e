"""The inbox on screen and in the terminal: words of others are shown as they are, an answer waits for a person."""

from __future__ import annotations

import json

from fake_app import FakeApp
from fake_inbox import NASTY
from test_screens import opened, text
from typer.testing import CliRunner

from ecom_agent.cli.main import built

WORDS = "It was shipped on Monday."


def chosen(thread: str = "ebay_us-c-1001"):
    return opened("inbox").button(key=f"open-{thread}").click().run()


def test_an_answer_is_wished_read_and_approved(shop: FakeApp) -> None:
    test = chosen()
    test.text_area[0].input(WORDS)
    test = next(b for b in test.button if b.label == "Hold for approval").click().run()
    assert shop.calls[-1] == ("reply", "ebay_us", "c-1001", WORDS, "operator")
    assert WORDS in [str(one.value) for one in test.text]
    key = shop.pending()[0].key
    test = test.button(key=f"yes-{key}").click().run()
    assert shop.calls[-1] == ("approve", key, "operator", "")
    assert not test.exception


def test_an_answer_that_is_discarded_is_denied(shop: FakeApp) -> None:
    key = shop.reply("ebay_us", "c-1001", WORDS, "anna").key
    chosen().button(key=f"no-{key}").click().run()
    assert shop.calls[-1][:2] == ("deny", key)


def test_whoever_approves_reads_the_words(shop: FakeApp) -> None:
    shop.reply("ebay_us", "c-1001", NASTY, "anna")
    test = opened("approvals")
    assert NASTY in [str(one.value) for one in test.text]
    assert "script" not in text(test)


def test_what_buyers_write_is_never_markup(shop: FakeApp) -> None:
    test = chosen("tiktok_us-7494560")
    assert NASTY in [str(one.value) for one in test.text]
    assert "javascript" not in text(test)


def test_an_empty_answer_is_refused_in_words(shop: FakeApp) -> None:
    test = next(b for b in chosen().button if b.label == "Hold for approval").click().run()
    assert "1 to 2000 characters" in test.error[0].value


def test_a_platform_that_takes_no_answers_says_so(shop: FakeApp) -> None:
    test = opened("inbox").toggle(key="inbox-waits").set_value(False).run()
    test = test.button(key="open-walmart_us-relay-77").click().run()
    assert "takes no answers" in text(test)
    assert not test.text_area


def test_the_commands_say_the_same(shop: FakeApp) -> None:
    run = CliRunner()
    listed = json.loads(run.invoke(built(), ["inbox", "list", "--json"]).stdout)["conversations"]
    assert [one["newest"]["conversation_id"] for one in listed] == ["c-1001", "7494560", "relay-77"]
    wished = run.invoke(built(), ["inbox", "reply", "ebay_us", "c-1001", "--json"], input=WORDS)
    assert json.loads(wished.stdout)["state"] == "held"
    shown = run.invoke(built(), ["inbox", "show", "ebay_us", "c-1001"])
    assert WORDS in shown.stdout
    refused = run.invoke(built(), ["inbox", "show", "ebay_us", "nobody"])
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "inbox list" in refused.stderr
