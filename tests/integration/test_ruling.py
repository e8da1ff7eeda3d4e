"""Rules through the App: only persons edit, nothing wrong is stored, previews write nothing, any moment comes back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from store_kit import a_level, a_listing

from ecom_agent.clock import FrozenClock
from ecom_agent.errors import BadInput, NotFound
from ecom_agent.ids import AccountId, MarketplaceId, Sku
from ecom_agent.money import Money
from ecom_agent.records.offers import Offer, OfferSnapshot
from ecom_agent.records.views import LimitsView
from ecom_agent.store.catalog import ListingStore
from ecom_agent.store.kept_events import EventKeeper, Recorded
from ecom_agent.store.offers import OfferStore
from ecom_agent.store.stock import StockStore
from ecom_agent.wiring import App, build, demo_values, prepare_database
from native_pricer import Clause, ListingConfig
from native_pricer.journal import Recorder

pytestmark = pytest.mark.services
NOW = datetime(2026, 11, 3, 8, tzinfo=UTC)
US, ATV = "amazon_us", "ATVPDKIKX0DER"
MUG, CUP = f"sku:{US}/{ATV}/MUG-01", f"sku:{US}/{ATV}/CUP-01"
DOCUMENT = "rule: beat\nabout: Below the lowest.\nclauses:\n  - {name: below, target: lowest, offset: -1 %}\n"


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock(NOW)


@pytest.fixture
def shop(postgres_url: str, tmp_path: Path, clock: FrozenClock) -> Iterator[App]:
    """Two listings on amazon_us with a rival at 11.99, limits on one of them; nobody calls outside."""
    prepare_database(postgres_url, NOW)
    app = build(demo_values("http://127.0.0.1:9", postgres_url, tmp_path), clock)
    with app.parts.database.unit() as unit:
        ListingStore(unit.session).upsert([a_listing(), a_listing("CUP-01", external_id="B000000002")])
        StockStore(unit.session).upsert([a_level()])
        ours = app.parts.accounts.get(US).connector.seller_id
        usd = [Offer(s, Money(p, "USD"), Money(0, "USD"), *[None] * 8) for s, p in ((ours, 1230), ("RIVAL", 1199))]
        page = OfferSnapshot(
            AccountId(US), MarketplaceId(ATV), "B000000001", "new", tuple(usd), Money(1199, "USD"), NOW, NOW, "x", None
        )
        OfferStore(unit.session).upsert([page])
    app.set_limits([limits("9.00", "20.00")], "anna")
    yield app
    app.close()


def limits(hard_min: str | None, ceiling: str | None, **more: Any) -> LimitsView:
    return LimitsView(US, ATV, "MUG-01", "USD", hard_min, ceiling, None, None, None, 0, **more)


def steps(shop: App) -> list[str]:
    return [event.step for event in shop.audit_events()]


def test_a_document_that_is_wrong_is_told_by_line_and_never_stored(shop: App) -> None:
    wrong = DOCUMENT.replace("lowest,", "lowst,")
    assert [(p.line, p.column) for p in shop.check_rule(wrong)] == [(4, 27)]
    assert shop.check_rule(DOCUMENT) == []
    with pytest.raises(BadInput, match="line 4, column 27: wanted one of lowest"):
        shop.set_rule(wrong, "anna")
    with pytest.raises(NotFound):
        shop.rule("beat")
    assert "rule set" not in steps(shop)


def test_only_persons_edit_and_every_edit_is_in_the_audit_once(shop: App) -> None:
    for by in ("automation:pricing.repricing", "system:lane", " "):
        with pytest.raises(BadInput, match="a person"):
            shop.set_rule(DOCUMENT, by)
    assert shop.set_rule(DOCUMENT, "anna", "start").version == 1
    assert shop.set_rule(DOCUMENT, "anna").version == 1
    assert shop.set_rule(DOCUMENT.replace("-1 %", "-2 %"), "ben").version == 2
    assert shop.rule("beat", 1).document == DOCUMENT
    assert steps(shop).count("rule set") == 2
    assert shop.audit_verify().ok


def test_the_narrowest_scope_decides_and_why_names_all(shop: App) -> None:
    shop.set_rule(DOCUMENT, "anna")
    assert shop.assign_rule(["default"], "match-lowest", "anna") == 1  # a preset is taken with its assignment
    assert shop.assign_rule(["tag:Winter", MUG], "beat", "anna", "season") == 2
    data = b'account,marketplace,sku,tags\namazon_us,ATVPDKIKX0DER,CUP-01,"Winter, brand:Acme"\n'
    preview = shop.preview_import("tags", data, "csv")
    assert shop.apply_import("tags", data, "csv", preview.digest, "anna") == 1
    mug, cup = shop.why_rule(US, ATV, "MUG-01"), shop.why_rule(US, ATV, "CUP-01")
    assert (mug.rule, mug.scope, mug.overridden) == ("beat", MUG, (("default", "match-lowest"),))
    assert (cup.rule, cup.scope, cup.overridden) == ("beat", "tag:winter", (("default", "match-lowest"),))
    assert (mug.clause, mug.price, mug.wanted, mug.problem) == ("beat/below", "12.30 USD", "11.87 USD", None)
    assert "9.00 USD (hard minimum)" in mug.floor
    assert dict(mug.seen)["stock"] == "5 units"
    assert cup.problem == "the offers on its page are not known yet"
    told = {v.name: (v.version, v.scopes, v.listings) for v in shop.rules()}
    assert told["beat"] == (1, (MUG, "tag:winter"), 2)
    assert told["match-lowest"] == (1, ("default",), 0)
    assert told["recover"] == (0, (), 0)
    assert [(a.scope, a.listings) for a in shop.assignments()] == [("default", 0), (MUG, 1), ("tag:winter", 1)]


def test_what_the_why_lists_as_missed_is_what_was_lacking(shop: App) -> None:
    rule = (
        "rule: two\nclauses:\n  - {name: rich, when: {stock: above 10 units, buy_box: held}, target: own}\n"
        "  - {name: rest, target: hold}\n"
    )
    shop.set_rule(rule, "anna")
    shop.assign_rule([MUG], "two", "anna")
    found = shop.why_rule(US, ATV, "MUG-01")
    assert (found.clause, found.wanted) == ("two/rest", None)
    (missed,) = found.missed
    assert missed.clause == "two/rich"
    assert set(missed.lacked) == {"buy_box held, seen lost", "stock at least 11 units, seen 5 units"}


def test_a_rule_is_not_taken_from_scopes_that_have_it_nor_given_where_it_cannot_run(shop: App) -> None:
    shop.set_rule(DOCUMENT, "anna")
    shop.assign_rule(["default"], "beat", "anna")
    with pytest.raises(BadInput, match="default: no rule 'beat'"):
        shop.withdraw_rule("beat", "anna")
    with pytest.raises(BadInput, match="no amount in USD"):
        shop.set_rule(DOCUMENT.replace("-1 %", "-0.01 EUR"), "anna")
    with pytest.raises(NotFound, match="no such listing"):
        shop.assign_rule([f"sku:{US}/{ATV}/TYPO"], "beat", "anna")
    with pytest.raises(NotFound, match="match-lowest"):
        shop.assign_rule(["default"], "nothing", "anna")
    assert shop.rule("beat").version == 1
    shop.assign_rule(["default"], None, "anna")
    shop.withdraw_rule("beat", "anna")
    assert [v.version for v in shop.rules() if v.name == "beat"] == []
    assert shop.rule("beat").document is None
    assert sorted(e.becomes for e in shop.rule_history("beat")) == ["beat", "withdrawn", "written"]


def test_a_preview_shows_both_prices_and_stores_nothing(shop: App) -> None:
    shop.assign_rule(["default"], "match-lowest", "anna")
    found = shop.preview_rule(DOCUMENT, MUG)
    assert (found.source, found.decisions, found.different) == ("the newest known offers", 1, 1)
    (line,) = found.lines
    assert (line.sku, line.before, line.now, line.then) == ("MUG-01", "12.30 USD", "11.99 USD", "11.87 USD")
    assert line.clause == "beat/below"
    assert shop.preview_rule(DOCUMENT.replace("-1 %", "-1 EUR")).skipped[-1][0] == "MUG-01"
    with pytest.raises(NotFound):
        shop.rule("beat")
    with pytest.raises(BadInput, match="correct:"):
        shop.preview_rule("rule: x")


def test_a_preview_decides_again_on_recorded_events_where_there_are_any(shop: App) -> None:
    """An hour ago a rival asked 11.50; the newest known offers are others."""
    shop.assign_rule(["default"], "match-lowest", "anna")
    then = NOW - timedelta(hours=1)
    engine = Recorder()
    ours = shop.parts.accounts.get(US).connector.seller_id
    engine.configure(
        ListingConfig(ATV, "B000000001", "new", "MUG-01", ours, "USD", 1230, None, 900, 2000, (Clause(offset_bp=0),))
    )
    engine.observe(notice(ours, then), then)
    with shop.parts.database.unit() as unit:
        EventKeeper(unit.session).keep(AccountId(US), Recorded.of(engine.take(then), 30))
    found = shop.preview_rule(DOCUMENT, MUG, 24)
    assert found.source.startswith("events recorded in the last 24 hours")
    (line,) = found.lines
    assert (line.at, line.sku, line.before, line.now, line.then) == (
        then, "MUG-01", "12.30 USD", "11.50 USD", "11.38 USD",
    )  # fmt: skip
    assert (
        shop.preview_rule(DOCUMENT, MUG, 1).source
        == "events recorded in the last 1 hours, at most 20 listings a marketplace"
    )


def notice(ours: str, at: datetime) -> bytes:
    """One event on the page of MUG-01."""
    offers = [
        {
            "SellerId": seller,
            "ListingPrice": {"Amount": price, "CurrencyCode": "USD"},
            "Shipping": {"Amount": 0.0, "CurrencyCode": "USD"},
        }
        for seller, price in ((ours, 12.30), ("RIVAL", 11.50))
    ]
    trigger = {
        "MarketplaceId": ATV,
        "ASIN": "B000000001",
        "ItemCondition": "new",
        "TimeOfOfferChange": at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
    }
    body = {"OfferChangeTrigger": trigger, "Summary": {}, "Offers": offers}
    told = {"NotificationMetadata": {"NotificationId": "n-1"}, "Payload": {"AnyOfferChangedNotification": body}}
    return orjson.dumps({"NotificationType": "ANY_OFFER_CHANGED", **told})


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("what", ["assignments", "tags", "limits"])
def test_what_is_exported_changes_nothing_when_imported(shop: App, what: str, form: str) -> None:
    shop.assign_rule(["default", MUG], "match-lowest", "anna")
    preview = shop.preview_import(what, shop.export_table(what, form), form)
    assert (preview.changes, preview.errors) == ((), ())
    assert preview.rows >= 1


def test_an_import_tells_every_wrong_row_and_writes_none(shop: App) -> None:
    table = "scope,rule\ndefault,recover\ntag:winter,nothing\nbrand:,recover\nDefault,recover\nsku:a/b/c,recover\n"
    preview = shop.preview_import("assignments", table.encode(), "csv")
    assert [e.partition(":")[0] for e in preview.errors] == ["line 3", "line 4", "line 5", "line 6"]
    assert [(c.subject, c.old, c.new) for c in preview.changes] == [
        ("default", None, "recover"),
        ("sku:a/b/c", None, "recover"),
    ]
    with pytest.raises(BadInput, match="nothing was written"):
        shop.apply_import("assignments", table.encode(), "csv", preview.digest, "anna")
    assert shop.assignments() == []


def test_limits_are_imported_with_old_and_new_values(shop: App) -> None:
    table = f"account,marketplace,sku,hard_min,ceiling\n{US},{ATV},MUG-01,9.50,\n{US},{ATV},CUP-01,5.001,9\n".encode()
    preview = shop.preview_import("limits", table, "csv")
    assert [(c.field, c.old, c.new) for c in preview.changes] == [
        ("hard_min", "9.00", "9.50"),
        ("ceiling", "20.00", None),
    ]
    assert len(preview.errors) == 1
    assert preview.errors[0].startswith("line 3: wanted hard_min")
    good = table.replace(b"5.001", b"5.00")
    preview = shop.preview_import("limits", good, "csv")
    assert shop.apply_import("limits", good, "csv", preview.digest, "anna") == 2
    assert [(r.hard_min, r.ceiling) for r in shop.limits() if r.sku == "MUG-01"] == [("9.50", None)]


def test_changes_that_were_not_previewed_are_not_written(shop: App) -> None:
    table = b"scope,rule\ndefault,recover\n"
    preview = shop.preview_import("assignments", table, "csv")
    shop.assign_rule(["default"], "match-lowest", "ben")
    with pytest.raises(BadInput, match="preview it again"):
        shop.apply_import("assignments", table, "csv", preview.digest, "anna")
    again = shop.preview_import("assignments", table, "csv")
    with pytest.raises(BadInput, match="a person"):
        shop.apply_import("assignments", table, "csv", again.digest, "automation:x")
    assert [a.rule for a in shop.assignments()] == ["match-lowest"]


def test_everything_comes_back_as_it_was_at_any_moment_and_can_be_taken_back_again(
    shop: App, clock: FrozenClock
) -> None:
    shop.set_rule(DOCUMENT, "anna")
    shop.assign_rule(["default"], "beat", "anna")
    clock.sleep(3_600)
    then = clock.now()
    clock.sleep(3_600)
    shop.set_rule(DOCUMENT.replace("-1 %", "-9 %"), "ben")
    shop.assign_rule(["default"], "match-lowest", "ben")
    shop.assign_rule([MUG], "beat", "ben")
    shop.set_limits([limits("1.00", None)], "ben")
    preview = shop.preview_rollback(then, limits=True)
    assert {(c.subject, c.old, c.new) for c in preview.changes} == {
        ("beat", "version 2", "version 1"), ("match-lowest", "version 1", None), ("default", "match-lowest", "beat"),
        (MUG, "beat", None), (f"{US}/{ATV}/MUG-01", "1.00", "9.00"), (f"{US}/{ATV}/MUG-01", None, "20.00"),
    }  # fmt: skip
    with pytest.raises(BadInput, match="preview it again"):
        shop.rollback_rules(then, preview.digest, "anna")
    assert shop.rollback_rules(then, preview.digest, "anna", limits=True) == 5
    assert shop.rule("beat").document == DOCUMENT
    assert shop.rule("beat").version == 3
    assert [(a.scope, a.rule, a.note) for a in shop.assignments()] == [
        ("default", "beat", "back to 2026-11-03 09:00:00 UTC")
    ]
    assert [r.hard_min for r in shop.limits() if r.sku == "MUG-01"] == ["9.00"]
    assert shop.preview_rollback(then, limits=True).changes == ()
    with pytest.raises(BadInput, match="past"):
        shop.preview_rollback(clock.now() + timedelta(hours=1))
    assert shop.audit_verify().ok


def test_the_sweep_proposes_by_the_rule(shop: App) -> None:
    shop.set_rule(DOCUMENT, "anna")
    shop.assign_rule([MUG, CUP], "beat", "anna")
    shop.propose("pricing.repricing", US, ATV, NOW)
    (action,) = shop.actions(sku=Sku("MUG-01"))
    assert (action.before, action.after) == ("12.30 USD", "11.87 USD")
