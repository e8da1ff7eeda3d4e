"""Limits, policies, events, inbox, quotas, quarantine, runs, pauses: each promise once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime

import pytest
from store_kit import ATV, T0, US, at, usd

from ecom_agent.connector import Poison
from ecom_agent.errors import BadInput, NotFound
from ecom_agent.ids import AccountId, Sku
from ecom_agent.records.offers import PricePoint
from ecom_agent.records.views import LimitsView, ProcessHealth
from ecom_agent.store.db import Database
from ecom_agent.store.events import EventStore, InboxStore
from ecom_agent.store.facts import FactStore
from ecom_agent.store.limits import LimitsStore, view
from ecom_agent.store.line import driver
from ecom_agent.store.offers import PriceStoryStore
from ecom_agent.store.policies import PolicyStore, seed_policies, shipped_policies
from ecom_agent.store.processes import PausedAccountStore, ProcessStore
from ecom_agent.store.pulls import CursorStore, RunStore
from ecom_agent.store.quarantine import QuarantineStore
from ecom_agent.store.quotas import QuotaStore
from ecom_agent.store.raw import RawStore

pytestmark = pytest.mark.services

LIMITS = LimitsView(US, ATV, "MUG-01", "USD", "9.99", "19.99", None, "4.20", "1.00", 0)


def test_limits_are_stored_as_versions_and_read_back_as_typed(database: Database) -> None:
    with database.unit() as unit:
        store = LimitsStore(unit.session)
        assert store.set([LIMITS], by="ann", at=T0) == 1
        assert store.set([LIMITS], by="bob", at=at(1)) == 0
        assert store.set([replace(LIMITS, hard_min="10.5", version=1)], by="bob", at=at(2)) == 1
        (stands,) = FactStore(unit.session).price_limits(US, ATV)
    assert (stands.version, stands.hard_min, stands.updated_by) == (2, usd(1050), "bob")
    assert view(stands) == replace(LIMITS, hard_min="10.50", version=2, costs_on=T0.date().isoformat())


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"hard_min": "20.00"}, "hard_min of MUG-01.*20.00 USD above 19.99 USD.*raise the ceiling"),
        ({"map_price": "30"}, "map_price of MUG-01"),
        ({"unit_cost": "19.00"}, "unit_cost"),
        ({"hard_min": "-1"}, "hard_min of MUG-01.*0 or more"),
        ({"hard_min": "0"}, "above 0"),
        ({"hard_min": "1.234"}, "more digits"),
        ({"ceiling": "NaN"}, "finite"),
        ({"ceiling": "cheap"}, "wanted a decimal number"),
        ({"currency": "XXX"}, "known currency for MUG-01"),
        ({"currency": "usd"}, "ISO 4217"),
    ],
)
def test_limits_that_make_no_sense_are_refused_all_of_them(
    database: Database, changed: dict[str, str], told: str
) -> None:
    good = replace(LIMITS, sku="GOOD")
    with database.unit() as unit:
        with pytest.raises(BadInput, match=told):
            LimitsStore(unit.session).set([good, replace(LIMITS, **changed)], by="ann", at=T0)
        assert FactStore(unit.session).price_limits(US, ATV) == []


def test_an_edit_based_on_an_older_version_is_refused(database: Database) -> None:
    with database.unit() as unit:
        store = LimitsStore(unit.session)
        store.set([LIMITS], by="ann", at=T0)
        store.set([replace(LIMITS, ceiling="25", version=1)], by="ann", at=T0)
        with pytest.raises(BadInput, match="ann changed it meanwhile"):
            store.set([replace(LIMITS, ceiling="30", version=1)], by="bob", at=T0)


def test_policies_are_seeded_once_and_an_edit_stays(database: Database) -> None:
    with database.unit() as unit:
        store = PolicyStore(unit.session)
        assert seed_policies(unit.session, at=T0) == len(shipped_policies())
        assert seed_policies(unit.session, at=T0) == 0
        version, body = store.current("streams")
        assert (version, body["default"]) == (1, 5)
        assert store.set("streams", {**body, "default": 7}, "ann", at=T0) == 2
        assert seed_policies(unit.session, at=T0) == 0
        assert store.current("streams")[1]["default"] == 7
        with pytest.raises(NotFound, match=r"known: .*streams"):
            store.current("nothing")
        with pytest.raises(BadInput):
            store.set("streams", {"a": object()}, "ann", at=T0)


def test_a_policy_that_stands_is_not_changed_by_a_newer_program_but_in_a_demo(database: Database) -> None:
    with database.unit() as unit:
        store = PolicyStore(unit.session)
        store.set("streams", {"default": 99}, "shipped", at=T0)
        store.set("guards", {"own": 1}, "ann", at=T0)
        seed_policies(unit.session, at=T0)
        assert store.current("streams") == (1, {"default": 99})
        assert seed_policies(unit.session, at=T0, follow=True) == 1
        assert store.current("streams") == (2, shipped_policies()["streams"])
        assert store.current("guards") == (1, {"own": 1})
        assert (store.last_shipped("streams"), store.last_shipped("guards")) == (store.current("streams")[1], {})


def test_a_notification_is_new_once(database: Database) -> None:
    with database.unit() as unit:
        assert not EventStore(unit.session).seen("n1", account=US, type="ANY_OFFER_CHANGED", at=T0)
    with database.unit() as unit:
        assert EventStore(unit.session).seen("n1", account=US, type="ANY_OFFER_CHANGED", at=T0)


def test_two_processes_never_claim_the_same_webhook(database: Database) -> None:
    with database.unit() as unit:
        inbox = InboxStore(unit.session)
        assert all(inbox.put(US, "shopify", "orders/updated", f"w{n}", b"{}", at=T0) for n in range(4))
        assert not inbox.put(US, "shopify", "orders/updated", "w1", b"{}", at=T0)
    with database.unit() as first, database.unit() as second:
        mine, yours = InboxStore(first.session).claim(limit=2), InboxStore(second.session).claim(limit=5)
        assert len(mine) == len(yours) == 2
        assert not {e.id for e in mine} & {e.id for e in yours}
        InboxStore(first.session).done(mine[0], at=T0)
        InboxStore(second.session).done(yours[0], at=T0, error="no such order")
    with database.unit() as unit:
        assert [e.id for e in InboxStore(unit.session).claim()] == [mine[1].id, yours[1].id]


@dataclass(frozen=True)
class Bucket:
    per_s: float
    burst: float
    tokens: float
    throttled: int
    updated_at: datetime
    waiting: int | None = None
    waiting_until: datetime | None = None


def test_many_takers_share_one_bucket(database: Database) -> None:
    quotas = QuotaStore(database, Bucket)

    def take(_: int) -> float:
        def less(known: Bucket | None) -> Bucket:
            return Bucket(1, 40, 39, 0, T0) if known is None else replace(known, tokens=known.tokens - 1)

        return quotas.change(US, "searchOrders", less)[1].tokens

    with ThreadPoolExecutor(4) as pool:
        left = sorted(pool.map(take, range(40)))
    assert left == list(range(40))
    assert quotas.all() == [(US, "searchOrders", Bucket(1, 40, 0, 0, T0))]


def test_poison_is_listed_once_until_it_is_resolved(database: Database) -> None:
    poison = [Poison("o1", "no date", {"id": "o1", "weird": {1, 2}, "nul": "a\0b"}), Poison(None, "not JSON", b"\xff")]
    with database.unit() as unit:
        store = QuarantineStore(unit.session)
        store.add(US, "orders", poison, digest="d1", at=T0)
        store.add(US, "orders", poison, digest="d1", at=at(1))
        assert [(q.external_id, q.reason) for q in store.open()] == [(None, "not JSON"), ("o1", "no date")]
        assert store.resolve_payload("d1", at=at(2)) == 2
        assert (store.open(), store.count_open()) == ([], 0)


def test_a_run_counts_its_pages_and_a_cut_off_one_is_marked(database: Database) -> None:
    with database.unit() as unit:
        runs = RunStore(unit.session)
        cut = runs.begin(US, "orders", cursor=None, at=T0)
        run = runs.begin(US, "orders", cursor="c1", at=at(1))
        for field in ("gift", "colour"):
            runs.add_page(run, fetched=3, written=2, unchanged=0, quarantined=1, unknown_fields=(field,), cursor="c2")
        runs.finish(run, at=at(2))
        unit.session.flush()
        unit.session.expire_all()
        former, last = runs.get(cut), runs.get(run)
        assert former is not None
        assert (former.error, former.finished_at) == ("was cut off", at(1))
        assert last is not None
        assert (last.pages, last.fetched, last.unknown_fields, last.cursor) == (2, 6, ("colour", "gift"), "c2")
        assert runs.last_of_each() == runs.last_of_each(only_ok=True) == [last]


def test_the_rest_is_kept_and_given_back(database: Database) -> None:
    point = PricePoint(T0, usd(1200), None, usd(1199), False)
    process = ProcessHealth("api", 12, "running", 1, "exit 1", T0)
    with database.unit() as unit:
        session = unit.session
        digest = RawStore(session).keep(US, "orders", "searchOrders", b"{}\n" * 9, seen_at=T0)
        assert RawStore(session).keep(US, "orders", "searchOrders", b"{}\n" * 9, seen_at=at(5)) == digest
        assert RawStore(session).get_one(digest).body == b"{}\n" * 9
        CursorStore(session).save(US, "orders", "c1", at=T0)
        CursorStore(session).save(US, "orders", "c2", at=at(1))
        assert [(c.value, c.updated_at) for c in CursorStore(session).all()] == [("c2", at(1))]
        story = PriceStoryStore(session)
        assert story.add(US, ATV, Sku("MUG-01"), "USD", [point, replace(point, at=at(5))]) == 2
        assert story.add(US, ATV, Sku("MUG-01"), "USD", [replace(point, our_price=usd(1))]) == 0
        assert story.of(US, ATV, Sku("MUG-01"))[0] == point
        ProcessStore(session).report(replace(process, restarts=0), at=T0)
        ProcessStore(session).report(process, at=T0)
        ProcessStore(session).forget_others(["api"])
        assert ProcessStore(session).all() == [process]
        pauses = PausedAccountStore(session)
        pauses.pause(US, "refused", at=T0)
        pauses.pause(US, "still refused", at=at(1))
        assert [(p.account, p.why, p.since) for p in pauses.all()] == [(US, "still refused", T0)]
        pauses.resume(US)
        assert pauses.get(AccountId(US)) is None


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO price_limits VALUES ('a','m','s',1,'USD',20,10,NULL,NULL,NULL,now(),'x',true)",
        "INSERT INTO price_limits VALUES ('a','m','s',1,'usd',1,10,NULL,NULL,NULL,now(),'x',true)",
        "INSERT INTO listing VALUES ('a','m','s','e',NULL,'t','active',-1,'USD','new',NULL,now(),now(),now())",
        "INSERT INTO price_limits SELECT 'a','m','s',v,'USD',1,2,NULL,NULL,NULL,now(),'x',true"
        " FROM (VALUES (1),(2)) t(v)",
    ],
)
def test_the_database_itself_refuses_nonsense(database: Database, statement: str) -> None:
    with pytest.raises(Exception, match="violates"), database.unit() as unit:
        driver(unit.session).execute(statement.encode())
