"""Kept events: in order, from where replay can begin, and no further back than asked."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from ecom_agent.ids import AccountId
from ecom_agent.store.db import Database
from ecom_agent.store.kept_events import EventKeeper, Recorded
from native_pricer import Engine, ListingConfig
from native_pricer.journal import Recorder, about_listing, about_page, again

pytestmark = pytest.mark.services

US = AccountId("amazon_us")
PLACE, NOON = "ATVPDKIKX0DER", datetime(2026, 3, 1, 12, tzinfo=UTC)


def listing(n: int) -> ListingConfig:
    return ListingConfig(PLACE, f"B{n}", "new", f"SKU-{n}", "OURS", "USD", 2_000, 0, 1_000, 4_000, cooldown_s=0)


def notice(n: int, at: datetime, price: float) -> bytes:
    offers = [_offer("OURS", 20.0), _offer("A1", price)]
    trigger = {"MarketplaceId": PLACE, "ASIN": f"B{n}", "ItemCondition": "new", "TimeOfOfferChange": at.isoformat()}
    body = {"OfferChangeTrigger": trigger, "Summary": {}, "Offers": offers}
    meta = {"NotificationId": f"{n}-{at.isoformat()}"}
    return json.dumps(
        {
            "NotificationType": "ANY_OFFER_CHANGED",
            "NotificationMetadata": meta,
            "Payload": {"AnyOfferChangedNotification": body},
        }
    ).encode()


def _offer(seller: str, price: float) -> dict[str, Any]:
    money = {"Amount": price, "CurrencyCode": "USD"}
    return {"SellerId": seller, "SubCondition": "new", "ListingPrice": money, "Shipping": money | {"Amount": 0.0}}


def live(database: Database, engine: Recorder, hours: range, *, days: int = 90) -> None:
    """An event of each of two listings every hour, each hour one commit."""
    for hour in hours:
        at = NOON + timedelta(hours=hour)
        for n in (1, 2):
            for decision in engine.on_event(notice(n, at, 19.0 - hour % 5), at):
                if decision.to_minor is not None:
                    engine.applied(PLACE, f"SKU-{n}", decision.to_minor, at)
        with database.unit() as unit:
            recorded = Recorded.of(engine.take(at), days)
            EventKeeper(unit.session).keep(US, recorded)
        engine.kept(recorded.chunks)


def started() -> Recorder:
    engine = Recorder()
    for n in (1, 2):
        engine.configure(listing(n))
    return engine


def replayed(database: Database, since: float, until: float, about: list[str] | None = None) -> list[tuple[str, int]]:
    """(run, decisions that came out the same) per stretch; all others fail the test."""
    found = []
    with database.unit() as unit:
        hours = (NOON + timedelta(hours=since), NOON + timedelta(hours=until))
        for run, calls in EventKeeper(unit.session).stretches(US, *hours, about):
            engine, same = Engine(), 0
            for call in calls:
                decisions = again(call, engine)
                assert decisions == call.decisions
                same += len(decisions)
            found.append((run, same))
    return found


def test_calls_come_back_in_order_and_decide_the_same(database: Database) -> None:
    live(database, started(), range(6))
    live(database, started(), range(6, 9))  # a restart
    (first, second) = replayed(database, 0, 24)
    assert (first[1], second[1]) == (12, 6)
    assert first[0] != second[0]
    with database.unit() as unit:
        assert EventKeeper(unit.session).count(US) == (18, 18)
        assert EventKeeper(unit.session).count(AccountId("other")) == (0, 0)


def test_what_was_kept_without_our_hearing_so_is_kept_once(database: Database) -> None:
    """The commit came through and its answer did not: the next one holds the same calls, and more."""
    engine = started()
    for n, minute in ((1, 0), (2, 1)):
        at = NOON + timedelta(minutes=minute)
        engine.on_event(notice(n, at, 19.0), at)
        recorded = Recorded.of(engine.take(at), 90)
        with database.unit() as unit:
            EventKeeper(unit.session).keep(US, recorded)
    engine.kept(recorded.chunks)
    live(database, engine, range(1, 3))
    assert [n for _, n in replayed(database, -1, 24)] == [2 + 4]


def test_replay_begins_at_the_last_checkpoint_before(database: Database) -> None:
    live(database, started(), range(60))
    assert [n for _, n in replayed(database, 0, 100)] == [120]
    ((_, late),) = replayed(database, 50, 100)
    assert late == 2 * (60 - 37)  # day 3 begins at hour 36, with the commit of that hour


def test_only_what_touches_a_listing_is_read(database: Database) -> None:
    live(database, started(), range(30))
    about = [about_listing(PLACE, "SKU-2"), about_page(PLACE, "B2", "new")]
    ((_, same),) = replayed(database, 0, 100, about)
    assert same == 30


def test_where_calls_were_lost_it_goes_on_from_the_next_checkpoint(database: Database) -> None:
    live(database, started(), range(40))
    with database.unit() as unit:
        unit.session.execute(text("DELETE FROM kept_events WHERE seq = 5"))
    stretches = replayed(database, 0, 100)
    assert [n for _, n in stretches] == [10, 2 * (40 - 13)]


def test_a_commit_that_fails_loses_nothing(database: Database) -> None:
    engine = started()
    engine.on_event(notice(1, NOON, 19.0), NOON)
    with pytest.raises(RuntimeError, match="power"):
        _cut_off(database, engine)
    engine.forget(PLACE, "B1", "new")
    live(database, engine, range(1, 3))
    assert [n for _, n in replayed(database, -1, 100)] == [5]


def _cut_off(database: Database, engine: Recorder) -> None:
    with database.unit() as unit:
        EventKeeper(unit.session).keep(US, Recorded.of(engine.take(NOON), 90))
        raise RuntimeError("power cut")


def test_what_is_old_goes_but_for_where_replay_begins(database: Database) -> None:
    live(database, started(), range(5))
    live(database, started(), range(5, 24 * 5), days=2)
    with database.unit() as unit:
        oldest = unit.session.execute(text("SELECT min(last_at) FROM kept_events")).scalar_one()
        runs = unit.session.execute(text("SELECT count(DISTINCT run) FROM kept_events")).scalar_one()
    assert runs == 1
    newest_checkpoint = NOON + timedelta(hours=24 * 4 + 12)
    assert newest_checkpoint - timedelta(days=4) < oldest <= newest_checkpoint - timedelta(days=2)
    assert [n > 0 for _, n in replayed(database, 24 * 4, 24 * 5)] == [True]


def test_the_table_refuses_what_makes_no_sense(database: Database) -> None:
    live(database, started(), range(1))
    for change in ("seq = -1", "events = -1", "moves = decisions + 1", "last_at = first_at - interval '1 s'"):
        with pytest.raises(Exception, match="check constraint"), database.unit() as unit:
            unit.session.execute(text(f"UPDATE kept_events SET {change}"))
