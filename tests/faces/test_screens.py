"""Each screen over the fake App: what it shows, what its buttons ask for, and how it bears emptiness and breakage."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from fake_app import FakeApp
from streamlit.testing.v1 import AppTest

from ecom_agent.clock import FrozenClock
from ecom_agent.errors import BadInput, StoreError
from ecom_agent.records.views import AuditReport

MAIN = Path(__file__).resolve().parents[2] / "dashboards" / "main.py"
SCREENS = (
    "overview", "pricing", "rules", "lab", "backtest", "approvals", "inbox", "stock", "bindings", "imports", "sync",
    "policies", "audit", "health",
)  # fmt: skip


def opened(screen: str) -> AppTest:
    """The console, on one screen."""
    test = AppTest.from_file(str(MAIN), default_timeout=60).run()
    return test if screen == "overview" else test.switch_page(f"screens/{screen}.py").run()


def text(test: AppTest) -> str:
    parts = [*test.title, *test.subheader, *test.markdown, *test.caption, *test.info, *test.success, *test.warning]
    return "\n".join(str(p.value) for p in [*parts, *test.error])


@pytest.mark.parametrize(
    ("screen", "shown"),
    [
        ("overview", ["No minimum price", "Sales by hour", "Automated changes", "orders · 2 min ago", "SANDBOX"]),
        ("pricing", ["Stoneware mug", "shaded while the Buy Box is ours", "Decisions"]),
        ("rules", ["This is a rule", "**1** of 12 decisions differ", "CUP\\-02 is left alone"]),
        ("approvals", ["**3** waiting", "18.99 USD → 19.37 USD", "the 7th change today"]),
        ("inbox", ["**2** of 3 conversations wait", "c\\-1001", "order 14\\-11111\\-22222"]),
        ("stock", ["**4** products", "**1** are shown too often", "1** were never counted", "One product"]),
        ("bindings", ["**2** listings may belong", "sure 100%", "equal GTIN 04006381333931", "choose 67%"]),
        ("imports", ["Orders go into the sales", "nothing is written until you say so"]),
        ("sync", ["does not offer", "the source told of 120, 119 came", "4,180 read"]),
        ("policies", ["2 lines missing; until then some writes are refused", "version 4 by anna", "In force"]),
        ("audit", ["The chain is whole", "50 events", "Explain one change"]),
        ("lab", ["match", "canary", "Pedigree", "Last tournament"]),
        ("backtest", ["17.00 USD. The parts sum to it", "is more than luck", "No backtest yet"]),
        (
            "health",
            [
                "amazon\\_de is paused",
                "Nothing is halted",
                "Breakers",
                "raises only",
                "Streams",
                "Set aside",
                "Unknown to us",
            ],
        ),
    ],
)
def test_a_busy_shop_is_shown_without_an_error(shop: FakeApp, screen: str, shown: list[str]) -> None:
    test = opened(screen)
    seen = text(test)
    assert not test.exception
    assert not test.error
    assert [words for words in shown if words not in seen] == []


def test_a_backtest_runs_when_it_is_asked_for(shop: FakeApp) -> None:
    test = opened("backtest").button(key="backtest-run").click().run()
    assert not test.exception
    assert "1,240 pages of 2 listings" in text(test)
    assert "rules as they are" in test.dataframe[-1].value.to_string()


@pytest.mark.parametrize("screen", SCREENS)
def test_a_new_shop_gets_sentences_and_no_empty_chart(
    wire: Callable[[Any], Any], clock: FrozenClock, screen: str
) -> None:
    wire(FakeApp.empty(clock))
    test = opened(screen)
    assert not test.exception
    assert not test.error
    assert not test.get("plotly_chart")
    assert test.info or test.success


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize(
    ("error", "said"),
    [
        (StoreError("the database does not answer: start it, or correct ECOM_DATABASE_URL"), "correct ECOM"),
        (ZeroDivisionError("secret detail"), "Something unexpected broke here"),
    ],
    ids=["known", "unknown"],
)
def test_a_broken_backend_is_a_message_not_a_traceback(
    wire: Callable[[Any], Any], screen: str, error: Exception, said: str
) -> None:
    wire(FakeApp.broken(error))
    test = opened(screen)
    assert not test.exception
    assert said.replace("_", "\\_") in text(test) or said in text(test)
    assert "secret detail" not in text(test)


def test_a_picked_change_can_be_undone(shop: FakeApp) -> None:
    test = opened("overview")
    done = shop.actions(state="verified")[0]
    test.session_state["ledger"] = {"selection": {"rows": [list(shop.actions()).index(done)], "columns": []}}
    test.run()
    test.button(key=f"undo-{done.key}").click().run()
    assert ("undo", done.key, "operator") in shop.calls
    assert any("on its way" in t.value for t in test.toast)


def test_a_change_that_cannot_be_undone_offers_no_button(shop: FakeApp) -> None:
    test = opened("overview")
    test.session_state["ledger"] = {"selection": {"rows": [0], "columns": []}}
    test.run()
    assert "held cannot be undone" in text(test)


def test_pricing_shows_the_story_of_the_picked_listing(shop: FakeApp) -> None:
    test = opened("pricing")
    row = [x.sku for x in shop.pricing()].index("CUP-TRVL-45")
    test.session_state["listings-"] = {"selection": {"rows": [row], "columns": []}}
    test.run()
    assert any("CUP" in s.value for s in test.subheader)
    assert "No price is written for this listing: no minimum set" in text(test)


def test_pricing_finds_by_words_and_says_when_nothing_fits(shop: FakeApp) -> None:
    test = opened("pricing")
    test.text_input(key="find").input("kettle").run()
    assert list(test.dataframe[0].value["SKU"]) == ["KET-GOOSE-09"]
    test.text_input(key="find").input("zzz").run()
    assert "None of 14 listings" in text(test)


def test_pricing_shows_at_or_below_which_price_amazon_may_feature_our_offer(shop: FakeApp) -> None:
    shown = opened("pricing").dataframe[0].value.set_index("SKU")["FOEP"]
    told = {x.sku: x.expected_price for x in shop.pricing()}
    assert {sku for sku, price in told.items() if price is None} == set(shown[shown == "—"].index)
    assert shown["MUG-STONE-01"] == str(told["MUG-STONE-01"])


def test_pricing_shows_what_the_floor_is_made_of_and_what_is_not_known(shop: FakeApp) -> None:
    test = opened("pricing")
    shown = test.expander[0]
    assert "Floor 15.57 USD" in shown.label
    costs = shown.dataframe[0].value.set_index("Cost of a unit at the floor")
    assert list(costs.index) == ["landed cost", "platform fees", "ads", "returns"]
    assert (costs.loc["returns", "Amount"], costs.loc["returns", "As of"]) == ("not known", "—")
    assert "Not known, and so not counted: returns" in text(test)
    assert "The highest of these holds: break\\-even \\+ margin 15.57 USD" in text(test)


def test_pricing_shows_price_wars_with_the_advice_and_its_cost(shop: FakeApp) -> None:
    shown = next(d.value for d in opened("pricing").dataframe if "Turns" in d.value)
    assert list(shown["SKU"]) == ["MUG-STONE-01", "CUP-TRVL-45"]
    first, second = (row for _, row in shown.iterrows())
    assert (list(first["Advice"]), first["Match"]) == (["match"], "22.10 USD (14.80 to 31.05)")
    assert (len(second["Advice"]), second["Why"], second["Hold"]) == (0, "no minimum set", "—")


def test_price_wars_are_looked_for_every_five_minutes_or_when_asked_and_say_when(
    shop: FakeApp, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[datetime] = []
    monkeypatch.setattr(shop, "wars", lambda: looked.append(clock.now()) or ())
    test = opened("pricing")
    clock.sleep(240)
    test.run()
    assert len(looked) == 1
    assert "Looked for 4 min ago" in text(test)
    next(b for b in test.button if b.label == "Refresh").click().run()
    assert len(looked) == 2
    assert "Looked for just now" in text(test)
    clock.sleep(300)
    test.run()
    assert len(looked) == 3


def edited(test: AppTest, row: int, **cells: str | None) -> AppTest:
    test.session_state["limits-0"] = {"edited_rows": {row: cells}, "added_rows": [], "deleted_rows": []}
    return test.run()


def test_limits_are_saved_through_app_only_the_changed_rows(shop: FakeApp) -> None:
    test = edited(opened("pricing"), 10, hard_min="19.90", map_price=" ")
    save = next(b for b in test.button if b.label == "Save limits")
    save.click().run()
    call = next(c for c in shop.calls if c[0] == "set_limits")
    assert [(r.sku, r.hard_min, r.map_price) for r in call[1]] == [("CUP-TRVL-45", "19.90", None)]
    assert any("1 limits saved" in t.value for t in test.toast)


def test_wrong_limits_are_told_with_their_row_and_nothing_is_saved(shop: FakeApp) -> None:
    test = edited(opened("pricing"), 0, hard_min="99.00")
    next(b for b in test.button if b.label == "Save limits").click().run()
    assert "MUG\\-STONE\\-01" in test.error[0].value
    assert not [c for c in shop.calls if c[0] == "set_limits"]


def test_approving_and_denying_reach_app_with_the_person(shop: FakeApp) -> None:
    shop.person = "ada"
    first, second, *_ = shop.pending()
    test = opened("approvals")
    test.text_input(key=f"note-{first.key}").input("seen at the fair")
    test.button(key=f"approve-{first.key}").click().run()
    test.button(key=f"deny-{second.key}").click().run()
    assert "Say in the note" in text(test)
    test.text_input(key=f"note-{second.key}").input("too low for a gift season")
    test.button(key=f"deny-{second.key}").click().run()
    assert ("approve", first.key, "ada", "seen at the fair") in shop.calls
    assert ("deny", second.key, "ada", "too low for a gift season") in shop.calls
    assert "**1** waiting" in text(test)


def test_an_approval_that_comes_too_late_is_told(shop: FakeApp) -> None:
    first = shop.pending()[0]
    test = opened("approvals")
    test.button(key=f"approve-{first.key}").click()
    shop.deny(first.key, "somebody else", "quicker")
    test.run()
    assert not test.exception
    assert "approve" not in {c[0] for c in shop.calls} or test.error


def test_autonomy_is_changed_through_app(shop: FakeApp) -> None:
    test = opened("approvals")
    assert all(f"**{level}**: " in text(test) for level in ("off", "suggest", "supervised", "auto"))
    level(test, "pricing.repricing on amazon_de").set_value("auto")
    save_levels(test)
    assert shop.calls == [("set_autonomy", "pricing.repricing", "amazon_de", "auto", "operator")]
    assert level(test, "pricing.repricing on amazon_de").value == "auto"
    save_levels(test)
    assert len(shop.calls) == 1


def test_a_level_that_is_refused_is_told_and_stays(shop: FakeApp, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: str) -> None:
        raise BadInput("the name of a person", "'system:x'", "autonomy is not set by software")

    monkeypatch.setattr(shop, "set_autonomy", refuse)
    test = opened("approvals")
    level(test, "pricing.repricing on amazon_us").set_value("off")
    save_levels(test)
    assert "not set by software" in test.error[0].value
    assert shop.autonomy()["pricing.repricing@amazon_us"] == "auto"


def level(test: AppTest, label: str) -> Any:
    return next(s for s in test.selectbox if s.label == label)


def save_levels(test: AppTest) -> None:
    next(b for b in test.button if b.label == "Save").click().run()


def test_a_broken_chain_is_red_and_names_the_event(shop: FakeApp) -> None:
    shop.chain = AuditReport(False, 50, "ab", 17, "the hash does not fit")
    test = opened("audit")
    assert "broken at event 17" in test.error[0].value


def test_one_change_is_explained_from_first_to_last(shop: FakeApp) -> None:
    test = opened("audit")
    done = shop.actions(state="verified")[0]
    test.text_input(key="action").input(done.key[:12]).run()
    assert list(test.dataframe[0].value["Step"]) == ["proposed", "judged", "sent", "verified"]
    test.text_input(key="action").input("nope").run()
    assert "no single Action" in test.error[0].value


def test_halting_needs_a_reason_and_resuming_a_confirmation(shop: FakeApp) -> None:
    test = opened("health")
    test.button(key="halt-now").click().run()
    assert "needs its scope and a reason" in text(test)
    next(i for i in test.text_input if i.label == "Reason").input("odd prices")
    test.button(key="halt-now").click().run()
    assert ("halt", "all", "operator", "odd prices", "halted") in shop.calls
    assert "**Halted: all**" in text(test)
    assert test.button(key="resume-all").disabled
    test.checkbox(key="sure-all").check().run()
    test.button(key="resume-all").click().run()
    assert ("resume", "all", "operator") in shop.calls
    assert "Nothing is halted" in text(test)


def test_one_sku_is_halted_under_its_own_scope(shop: FakeApp) -> None:
    test = opened("health")
    next(s for s in test.selectbox if s.label == "Stop sending in").set_value("one SKU")
    next(i for i in test.text_input if i.label.startswith("SKU")).input("amazon_us/ATVPDKIKX0DER/MUG-STONE-01")
    next(i for i in test.text_input if i.label == "Reason").input("recall")
    test.button(key="halt-now").click().run()
    assert ("halt", "sku:amazon_us/ATVPDKIKX0DER/MUG-STONE-01", "operator", "recall", "halted") in shop.calls


def test_an_account_is_let_only_raise_and_its_breakers_say_so(shop: FakeApp) -> None:
    test = opened("health")
    assert "within all limits" in text(test)
    next(s for s in test.selectbox if s.label == "Stop sending in").set_value("account:amazon_us")
    next(s for s in test.selectbox if s.label == "How far").set_value("reducing")
    next(i for i in test.text_input if i.label == "Reason").input("a falling market")
    test.button(key="halt-now").click().run()
    assert ("halt", "account:amazon_us", "operator", "a falling market", "reducing") in shop.calls
    assert "**Raises only: account\\:amazon\\_us**" in text(test)
    assert "Nothing in this scope is sent" not in text(test)


def test_text_from_outside_is_not_read_as_markdown(shop: FakeApp) -> None:
    shop._listings = tuple(shop.pricing()[:1])
    object.__setattr__(shop._listings[0], "title", "![x](http://evil.example/p.png) :red[gone]")
    test = opened("pricing")
    heading = next(s.value for s in test.subheader if "evil" in s.value)
    assert "![x](" not in heading
    assert ":red[" not in heading


def test_bindings_are_accepted_rejected_and_made_by_hand(shop: FakeApp) -> None:
    test = opened("bindings")
    test.button(key="yes-shop-US-CUP-9-MUG").click().run()
    test.button(key="no-ebay_us-US-KETTLE-POT").click().run()
    test.text_input[0].input("LAMP-1")
    next(b for b in test.button if b.label == "Bind").click().run()
    assert [call[:4] for call in shop.calls] == [
        ("bind", "shop", "CUP-9", "MUG"),
        ("reject_binding", "ebay_us", "KETTLE", "POT"),
        ("bind", "shop", "LAMP", "LAMP-1"),
    ]
    assert not test.exception


def test_a_newer_policy_is_taken_over_by_one_click(shop: FakeApp) -> None:
    test = opened("policies")
    lines = test.dataframe[0].value
    assert list(lines["Line"]) == ["guards.approval.message_persons", "guards.bid_band.most.USD"]
    assert list(lines["Found"]) == ["—", "—"]
    assert list(lines["Wanted"]) == ["1", "'3.00'"]
    test.button(key="take-guards").click().run()
    assert shop.calls == [("take_policy_offer", "guards", 4, "operator")]
    assert "2 lines missing" not in text(test)


def test_a_policy_is_changed_as_yaml_and_a_wrong_line_is_told(shop: FakeApp) -> None:
    test = opened("policies")
    assert test.button(key="save-policy").disabled
    for typed, said in (("default: [", "wanted YAML"), ("5", "names with values"), ("nonsense: 1", "that line")):
        test.text_area[0].input(typed).run()
        test.button(key="save-policy").click().run()
        assert said in test.error[0].value
    assert not shop.calls
    test.text_area[0].input("default: 7").run()
    test.button(key="save-policy").click().run()
    assert shop.calls == [("set_policy", "streams", {"default": 7}, "operator")]
    assert not test.error


@pytest.mark.parametrize(
    ("screen", "stream"), [("inbox", "messages"), ("bindings", "listings"), ("overview", "orders")]
)
def test_a_screen_tells_from_what_and_when_it_was_read(shop: FakeApp, screen: str, stream: str) -> None:
    told = next(line for line in text(opened(screen)).splitlines() if line.startswith(f"From the stream {stream}"))
    assert ("last read: amazon\\_us" in told) == any(s.stream == stream for s in shop.health().streams)
    assert told.endswith(("ago", "never", "now"))
