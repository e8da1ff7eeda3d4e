"""The stock book on a real database: counts, what orders took since, what channels show and may still promise."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from store_kit import ATV, US, a_level, a_line, a_listing, an_order, at

from ecom_agent import invariants
from ecom_agent.ids import AccountId, Sku
from ecom_agent.records.bindings import Binding
from ecom_agent.records.orders import Order, OrderStatus
from ecom_agent.records.pools import EntryKind, PoolBook, PoolEntry, Shelf
from ecom_agent.store.bindings import BindingStore
from ecom_agent.store.catalog import ListingStore
from ecom_agent.store.db import Database
from ecom_agent.store.orders import OrderStore
from ecom_agent.store.policies import PolicyStore, seed_policies
from ecom_agent.store.pools import PoolStore
from ecom_agent.store.pulls import RunStore
from ecom_agent.store.stock import StockStore

pytestmark = pytest.mark.services
MUG, CUP, PAIR = Sku("CUP-OWN"), Sku("MUG-01"), Sku("PAIR-OWN")
SHOP = AccountId("shop_main")
LATER = at(60)


def entry(units: int, when: float = 0, kind: EntryKind = EntryKind.COUNT, sku: Sku = MUG) -> PoolEntry:
    return PoolEntry(sku, kind, units, at(when), "anna")


def bound(account: AccountId, our: Sku = MUG, sku: str = "MUG-01") -> Binding:
    return Binding(account, ATV, Sku(sku), our, bound=True, why="by hand", by="anna", at=at(0))


def order(number: str, when: float, status: OrderStatus = OrderStatus.UNSHIPPED, **other: Any) -> Order:
    made = replace(an_order(number, updated=when, status=status), purchased_at=at(when), fulfilment="fbm")
    return replace(made, **other)


@pytest.fixture
def stocked(database: Database) -> Database:
    """A mug sold on two accounts, 10 counted at minute 0."""
    with database.unit() as unit:
        seed_policies(unit.session, at=at(0))
        for account in (US, SHOP):
            ListingStore(unit.session).upsert([a_listing(account=account)])
            level = replace(a_level(fulfillable=4), account=account, location="main")
            StockStore(unit.session).upsert([level])
        BindingStore(unit.session).put([bound(US), bound(SHOP)])
        PoolStore(unit.session).add([entry(99, -5), entry(10), entry(5, -1, EntryKind.MOVE)])
    return database


def book(database: Database, now: datetime = LATER, **asked: Any) -> PoolBook:
    with database.unit() as unit:
        return PoolStore(unit.session).book(now, **asked)


def put(database: Database, *orders: Order) -> None:
    with database.unit() as unit:
        OrderStore(unit.session).upsert(orders, seen_at=at(61))


def test_the_newest_count_and_what_moved_after_it_make_the_shelf(stocked: Database) -> None:
    assert book(stocked).shelves == {MUG: Shelf(MUG, 10, 0, at(0))}
    with stocked.unit() as unit:
        PoolStore(unit.session).add([entry(6, 5, EntryKind.MOVE), entry(-1, 6, EntryKind.MOVE)])
    assert book(stocked).shelves[MUG].on_hand == 15
    with stocked.unit() as unit:
        PoolStore(unit.session).add([entry(3, 7)])
        assert [e.units for e in PoolStore(unit.session).entries(MUG)] == [3, -1, 6, 10, 5, 99]
    assert book(stocked).shelves[MUG].on_hand == 3


def test_orders_of_all_accounts_hold_units_until_they_are_shipped_and_then_they_are_gone(stocked: Database) -> None:
    put(
        stocked,
        order("1", -9),
        order("2", 5, account=SHOP, lines=(a_line(quantity=2),)),
        order("3", 6, OrderStatus.CANCELLED),
        order("4", 7, OrderStatus.SHIPPED),
        order("5", -8, OrderStatus.SHIPPED),
        order("6", 8, OrderStatus.UNMAPPED),
        order("7", 9, fulfilment="fba"),
        order("8", 9, lines=(replace(a_line(), sku=Sku("OTHER")),)),
        order("9", 9, account=AccountId("not_bound")),
    )
    assert book(stocked).shelves[MUG] == Shelf(MUG, 9, 4, at(0))
    put(stocked, order("1", 20, OrderStatus.SHIPPED, purchased_at=at(-9)))
    assert book(stocked).shelves[MUG] == Shelf(MUG, 8, 3, at(0))


def test_what_channels_show_stands_beside_when_it_and_their_orders_were_read(stocked: Database) -> None:
    put(stocked, order("1", 5, lines=(a_line(quantity=3),)))
    with stocked.unit() as unit:
        runs = RunStore(unit.session)
        good = runs.begin(US, "orders", cursor=None, at=at(30))
        runs.finish(good, at=at(31))
    first, second = book(stocked).outlets
    assert (first.key, first.own, first.shown, first.seen_at) == ((US, ATV, CUP, "main"), MUG, 4, at(0))
    assert (first.orders_at, first.sold, first.sent, first.under_way) == (at(30), 3, None, False)
    assert (second.account, second.orders_at, second.sold) == (SHOP, None, 0)
    assert [o.account for o in book(stocked, account=US).outlets] == [US, SHOP]
    assert book(stocked, at(60 * 24 * 8)).outlets == ()


def test_bundles_take_their_parts_and_lead_to_all_that_sell_them(stocked: Database) -> None:
    with stocked.unit() as unit:
        store = PolicyStore(unit.session)
        _, body = store.current("allocation")
        store.set("allocation", {**body, "bundles": {PAIR: {MUG: 2, "BOX": 1}}}, "anna", at=at(1))
        BindingStore(unit.session).put([bound(SHOP, PAIR, "SET-2")])
        ListingStore(unit.session).upsert([a_listing("SET-2", account=SHOP)])
        StockStore(unit.session).upsert([replace(a_level("SET-2"), account=SHOP, location="main")])
        PoolStore(unit.session).add([entry(7, sku=Sku("BOX"))])
        assert PoolStore(unit.session).skus() == {MUG, PAIR, Sku("BOX")}
    put(stocked, order("1", 5, account=SHOP, lines=(replace(a_line(quantity=2), sku=Sku("SET-2")),)))
    found = book(stocked, account=US)
    assert {sku: (s.on_hand, s.reserved) for sku, s in found.shelves.items()} == {MUG: (10, 4), "BOX": (7, 2)}
    assert sorted(o.own for o in found.outlets) == [MUG, MUG, PAIR]


def test_what_nobody_bound_is_in_no_pool(stocked: Database) -> None:
    with stocked.unit() as unit:
        found = PoolStore(unit.session)
        assert found.book(at(60), account=AccountId("elsewhere")) == PoolBook(
            policy=book(stocked).policy, policy_version=1
        )
        assert found.book_of((US, ATV), [Sku("OTHER")], at(60)).shelves == {}
        assert len(found.book_of((US, ATV), [CUP], at(60)).outlets) == 2


def broken(database: Database, now: datetime) -> dict[str, str]:
    return {b.subject: b.detail for b in invariants.find(database, now) if b.invariant == "pool_held"}


def test_the_watchman_finds_what_is_promised_and_not_there_but_lets_channels_follow_first(stocked: Database) -> None:
    assert broken(stocked, at(40)) == {}
    put(stocked, order("1", 5, lines=(a_line(quantity=3),)))
    assert broken(stocked, at(34)) == {}
    assert broken(stocked, at(36)) == {MUG: "all channels show 8, there are 7"}
    with stocked.unit() as unit:
        store = PolicyStore(unit.session)
        _, body = store.current("allocation")
        store.set("allocation", {**body, "mode": "shared", "overlap": "1.5"}, "anna", at=at(1))
    assert broken(stocked, at(36)) == {}
    put(stocked, order("2", 6, lines=(a_line(quantity=9),)))
    assert broken(stocked, at(40)) == {MUG: "all channels show 8, there are 0"}
