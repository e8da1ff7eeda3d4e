"""Read models: right numbers with their freshness, and the exceptions a person must see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

import pytest
from sqlmodel import Session
from store_kit import ATV, T0, US, a_level, a_line, a_listing, a_quote, a_snapshot, an_expected_price, an_order, at, usd

from ecom_agent.actions.halts import Halt
from ecom_agent.actions.model import Action, Kind, Mode, State
from ecom_agent.actions.record import ActionRecord
from ecom_agent.connector import Poison
from ecom_agent.errors import NotFound
from ecom_agent.ids import Sku
from ecom_agent.records.catalog import ListingStatus
from ecom_agent.records.offers import PricePoint
from ecom_agent.records.orders import OrderStatus
from ecom_agent.records.views import LimitsView, Overview, ProcessHealth, Tile
from ecom_agent.store.actions import ActionStore
from ecom_agent.store.catalog import ListingStore
from ecom_agent.store.db import Database
from ecom_agent.store.expected_prices import ExpectedPriceStore
from ecom_agent.store.fees import FeeStore
from ecom_agent.store.halts import HaltStore
from ecom_agent.store.limits import LimitsStore
from ecom_agent.store.offers import OfferStore, PriceStoryStore
from ecom_agent.store.orders import OrderStore
from ecom_agent.store.processes import PausedAccountStore, ProcessStore
from ecom_agent.store.pulls import RunStore
from ecom_agent.store.quarantine import QuarantineStore
from ecom_agent.store.stock import StockStore
from ecom_agent.store.views import ViewStore

pytestmark = pytest.mark.services
STREAMS = ((US, "orders", 5), (US, "stock", 5))


def views(session: Session, now: datetime = T0) -> ViewStore:
    return ViewStore(session, now=now, mode=Mode.SANDBOX, streams=STREAMS, database="postgresql://db/ecom")


def tiles(overview: Overview) -> Mapping[str, Tile]:
    return {tile.name: tile for tile in overview.tiles}


def run(session: Session, stream: str, minutes: float, error: str | None = None) -> None:
    runs = RunStore(session)
    runs.finish(runs.begin(US, stream, cursor="c", at=at(minutes)), at=at(minutes), error=error)


def test_an_empty_shop_has_no_figures_and_no_exceptions(database: Database) -> None:
    with database.unit() as unit:
        seen = views(unit.session).overview()
        assert views(unit.session).listings() == []
    assert seen.exceptions == ()
    assert {n: t.value for n, t in tiles(seen).items()} == {
        "orders_today": None, "buy_box_share": None, "changes_verified": 0, "changes_under_way": 0,
        "changes_denied": 0, "changes_failed": 0, "pending_approvals": 0, "no_minimum": None, "sold_out": None,
        "quarantined": 0,
    }  # fmt: skip


def test_sales_are_counted_by_currency_and_hour(database: Database) -> None:
    late = replace(an_order("late", total=None, lines=(a_line(quantity=2),)), purchased_at=at(-61))
    yesterday = replace(an_order("old"), purchased_at=at(-60 * 13))
    with database.unit() as unit:
        orders = [an_order("a"), late, yesterday, an_order("gone", status=OrderStatus.CANCELLED)]
        OrderStore(unit.session).upsert(orders, seen_at=T0)
        run(unit.session, "orders", -2)
        seen = views(unit.session).overview()
    assert tiles(seen)["orders_today"] == Tile("orders_today", "Orders today", 2, "count", "orders", at(-2))
    assert (tiles(seen)["revenue_today_USD"].value, tiles(seen)["revenue_today_USD"].unit) == (3690, "USD")
    assert [(hour.hour, orders, revenue) for hour, _, orders, revenue in seen.sales_by_hour] == [
        (23, 1, 1230),
        (10, 1, 2460),
        (12, 1, 1230),
    ]


def test_listings_show_their_floor_and_who_holds_the_buy_box(database: Database) -> None:
    with database.unit() as unit:
        session = unit.session
        ListingStore(session).upsert(
            [a_listing("A"), a_listing("B", external_id="B2"), a_listing("X", status=ListingStatus.DELETED)]
        )
        LimitsStore(session).set(
            [LimitsView(US, ATV, "A", "USD", "9.00", "20.00", None, "5.00", "1.00", 0)], by="ann", at=T0
        )
        FeeStore(session).upsert([a_quote("A")])
        OfferStore(session).upsert([a_snapshot("B2", rival=1500)])
        story = [PricePoint(at(n), usd(1230), usd(1250), usd(1230), n == 1) for n in (0, 1)]
        PriceStoryStore(session).add(US, ATV, Sku("A"), "USD", story)
        StockStore(session).upsert([a_level("A", fulfillable=0), a_level("B")])
        a, b = views(session).listings()
        overview = tiles(views(session).overview())
        told = views(session, at(5)).story(US, ATV, Sku("A"))
        with pytest.raises(NotFound, match="no listing NONE"):
            views(session).story(US, ATV, Sku("NONE"))
    assert (a.sku, a.buy_box, a.lowest_rival, a.we_hold_buy_box) == ("A", usd(1230), usd(1250), True)
    assert (a.floor, a.floor_reason) == (usd(1086), "break-even + margin")  # 85 % of it = 5.00 + 1.00 + 3.22
    assert (b.buy_box, b.lowest_rival, b.floor, b.floor_reason) == (usd(1500), None, None, "no minimum set")
    assert {n: overview[n].value for n in ("buy_box_share", "no_minimum", "sold_out")} == {
        "buy_box_share": 1.0, "no_minimum": 1, "sold_out": 1,
    }  # fmt: skip
    assert told.points == tuple(story)


def test_an_expected_price_is_shown_for_a_day(database: Database) -> None:
    told = [an_expected_price("A"), an_expected_price("B", expected=None), an_expected_price("C", seen=-1440)]
    with database.unit() as unit:
        ListingStore(unit.session).upsert([a_listing(sku) for sku in "ABCD"])
        ExpectedPriceStore(unit.session).upsert(told)
        now = views(unit.session).listings()
        later = views(unit.session, at(1)).story(US, ATV, Sku("C")).listing
    assert [x.expected_price for x in now] == [usd(1201), None, usd(1201), None]
    assert later.expected_price is None


def an_action(sku: str, state: State, *, mode: Mode = Mode.SANDBOX) -> ActionRecord:
    action = Action(Kind.PRICE_SET, US, ATV, Sku(sku), usd(1230), usd(1199), "rival", "pricing", T0, mode, 1)
    record = ActionRecord(action=action, state=state, why="the price drifted", created_at=T0, updated_at=T0)
    sent = state in (State.VERIFIED, State.APPLIED)
    return replace(record, claimed_by="p", claimed_at=T0, verify_due_at=T0) if sent else record


def test_changes_are_counted_in_their_mode_and_those_that_need_a_person_are_told(database: Database) -> None:
    with database.unit() as unit:
        store = ActionStore(unit.session)
        for sku, state in {"A": State.VERIFIED, "B": State.HELD, "C": State.FAILED, "D": State.APPLIED}.items():
            store.insert(an_action(sku, state))
        store.insert(an_action("A", State.HELD, mode=Mode.LIVE))
        store.flush()
        seen = views(unit.session, at(1)).overview()
        story = views(unit.session)
        ListingStore(unit.session).upsert([a_listing("A")])
        assert {a.state for a in story.story(US, ATV, Sku("A")).actions} == {"verified", "held"}
    shown = {n: t.value for n, t in tiles(seen).items() if n.startswith(("changes", "pending"))}
    assert shown == {
        "changes_verified": 1, "changes_under_way": 1, "changes_denied": 0, "changes_failed": 1, "pending_approvals": 1,
    }  # fmt: skip
    assert [(e.severity, e.title, e.screen) for e in seen.exceptions] == [
        ("error", "Change of C failed", "audit"),
        ("warning", "1 waiting for approval", "approvals"),
    ]


def test_what_stopped_is_told_first(database: Database) -> None:
    with database.unit() as unit:
        session = unit.session
        HaltStore(session).open(Halt("all", "too many refusals", "breaker", T0))
        PausedAccountStore(session).pause(US, "credentials are refused", at=T0)
        ProcessStore(session).report(ProcessHealth("events", None, "died", 3, "exit 1", T0), at=T0)
        ProcessStore(session).report(ProcessHealth("api", 7, "running", 0, None, T0), at=T0)
        QuarantineStore(session).add(US, "orders", [Poison("o", "no date", {})], digest="d", at=T0)
        ListingStore(session).upsert([a_listing()])
        run(session, "orders", 0)
        run(session, "stock", 38, "amazon 429")
        seen = views(session, at(40))
        overview, health = seen.overview(), seen.health()
        assert [q.reason for q in seen.quarantine()] == ["no date"]
    assert [(e.severity, e.title) for e in overview.exceptions] == [
        ("error", "Halted: all"),
        ("error", "Account amazon_us is paused"),
        ("error", "events does not run"),
        ("warning", "amazon_us: orders is out of date"),
        ("warning", "amazon_us: stock fails"),
        ("warning", "1 record set aside"),
        ("info", "1 listing without a minimum"),
    ]
    orders, stock = health.streams
    assert (orders.cursor, orders.last_ok_at, orders.last_error, orders.every_minutes) == ("c", T0, None, 5)
    assert (stock.last_ok_at, stock.last_error) == (None, "amazon 429")
    assert [h.scope for h in health.halts] == ["all"]
    assert health.paused_accounts == ((US, "credentials are refused"),)
    assert (health.mode, health.database, len(health.processes)) == ("sandbox", "postgresql://db/ecom", 2)
