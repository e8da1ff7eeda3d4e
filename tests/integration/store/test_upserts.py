"""Bulk upserts: newest wins, whole; nothing regresses; the same again writes nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session
from store_kit import ATV, T0, US, a_level, a_line, a_listing, a_quote, a_snapshot, an_expected_price, an_order, at, usd

from ecom_agent.ids import OrderId, Sku
from ecom_agent.money import Money
from ecom_agent.records.business import NOT_OFFERED, BusinessPrices
from ecom_agent.records.catalog import ListingStatus, SalePrice
from ecom_agent.records.orders import Order, OrderStatus
from ecom_agent.store.bulk import Written
from ecom_agent.store.catalog import ListingStore
from ecom_agent.store.db import Database, Unit
from ecom_agent.store.expected_prices import ExpectedPriceStore
from ecom_agent.store.facts import FactStore
from ecom_agent.store.fees import FeeStore
from ecom_agent.store.line import driver
from ecom_agent.store.offers import OfferStore
from ecom_agent.store.orders import OrderStore
from ecom_agent.store.stock import StockStore

pytestmark = pytest.mark.services

Write = Callable[[Session, Sequence[Any]], Written]
Read = Callable[[Session], Sequence[Any]]


def write_orders(session: Session, records: Sequence[Any]) -> Written:
    return OrderStore(session).upsert(records, seen_at=T0)


def read_orders(session: Session) -> Sequence[Any]:
    return FactStore(session).orders_between(US, at(-1), at(1))


# name: write, read all, older record, newer record (the same key)
KINDS: dict[str, tuple[Write, Read, Any, Any]] = {
    "orders": (
        write_orders,
        read_orders,
        an_order(updated=0),
        an_order(updated=1, status=OrderStatus.SHIPPED, lines=(a_line("1", quantity=2), a_line("2"))),
    ),
    "listings": (
        lambda s, r: ListingStore(s).upsert(r),
        lambda s: FactStore(s).listings(US, ATV),
        a_listing(updated=0),
        a_listing(updated=1, seen=1, price=1300, status=ListingStatus.SUPPRESSED),
    ),
    "listings with a sale and prices for companies": (
        lambda s, r: ListingStore(s).upsert(r),
        lambda s: FactStore(s).listings(US, ATV),
        replace(a_listing(updated=0), sale=SalePrice(usd(900), at(-1), None), business=NOT_OFFERED),
        replace(a_listing(updated=1, seen=1), business=BusinessPrices(usd(1_100), ((5, usd(1_000)), (10, usd(950))))),
    ),
    "listings without an update time": (
        lambda s, r: ListingStore(s).upsert(r),
        lambda s: FactStore(s).listings(US),
        a_listing(updated=None, seen=0),
        a_listing(updated=None, seen=1, price=None),
    ),
    "stock": (
        lambda s, r: StockStore(s).upsert(r),
        lambda s: FactStore(s).stock(US),
        a_level(updated=0),
        a_level(updated=1, seen=1, fulfillable=-2),
    ),
    "fees": (
        lambda s, r: FeeStore(s).upsert(r),
        lambda s: FactStore(s).fee_quotes(US, ATV),
        a_quote(quoted=0),
        a_quote(quoted=1, referral=190),
    ),
    "expected prices": (
        lambda s, r: ExpectedPriceStore(s).upsert(r),
        lambda s: ExpectedPriceStore(s).all(US, ATV),
        an_expected_price(seen=0),
        an_expected_price(seen=1, expected=None, competing=None),
    ),
    "expected prices that are not told": (
        lambda s, r: ExpectedPriceStore(s).upsert(r),
        lambda s: ExpectedPriceStore(s).all(US, ATV),
        an_expected_price(seen=0, expected=None),
        an_expected_price(seen=1, competing=None),
    ),
    "offers": (
        lambda s, r: OfferStore(s).upsert(r),
        lambda s: FactStore(s).newest_offers(US, ATV),
        a_snapshot(changed=0),
        a_snapshot(changed=1, seen=1, rival=1099),
    ),
}
kinds = pytest.mark.parametrize("kind", KINDS)


@kinds
def test_what_goes_in_comes_out_the_same(database: Database, kind: str) -> None:
    write, read, older, _ = KINDS[kind]
    with database.unit() as unit:
        assert write(unit.session, [older]) == Written(1, 0)
    with database.unit() as unit:
        assert list(read(unit.session)) == [older]


@kinds
def test_a_newer_version_replaces_the_older_whole(database: Database, kind: str) -> None:
    write, read, older, newer = KINDS[kind]
    with database.unit() as unit:
        write(unit.session, [older])
        assert write(unit.session, [newer]) == Written(1, 0)
        assert list(read(unit.session)) == [newer]


@kinds
def test_an_older_version_never_comes_back(database: Database, kind: str) -> None:
    write, read, older, newer = KINDS[kind]
    with database.unit() as unit:
        write(unit.session, [newer])
        assert write(unit.session, [older]) == Written(0, 1)
        assert list(read(unit.session)) == [newer]


@kinds
def test_both_versions_in_one_page_leave_the_newer(database: Database, kind: str) -> None:
    write, read, older, newer = KINDS[kind]
    for page in ([older, newer], [newer, older]):
        with database.unit() as unit:
            write(unit.session, page)
            assert list(read(unit.session)) == [newer]


@kinds
def test_the_same_again_writes_no_row(database: Database, kind: str) -> None:
    write, _, older, _ = KINDS[kind]
    with database.unit() as unit:
        write(unit.session, [older])
    before = versions(database)
    with database.unit() as unit:
        assert write(unit.session, [older, older]) == Written(0, 2)
    assert versions(database) == before


def versions(database: Database) -> list[Any]:
    """The physical place of every row: it changes with every write."""
    tables = ("orders", "order_line", "listing", "stock_level", "fee_quote", "expected_price", "offer_snapshot")
    with database.unit() as unit:
        connection = driver(unit.session)
        return [connection.execute(f"SELECT ctid::text FROM {t} ORDER BY 1".encode()).fetchall() for t in tables]


@pytest.mark.parametrize(
    ("kind", "other", "shown"),
    [
        ("listings", a_listing(seen=3), "seen_at"),
        ("stock", a_level(seen=3), "seen_at"),
        ("offers", a_snapshot(seen=3), "seen_at"),
    ],
)
def test_seeing_the_same_again_only_moves_the_time_seen(database: Database, kind: str, other: Any, shown: str) -> None:
    write, read, older, _ = KINDS[kind]
    with database.unit() as unit:
        write(unit.session, [older])
        assert write(unit.session, [other]) == Written(0, 1)
        write(unit.session, [older])  # seen earlier: does not move it back
        assert list(read(unit.session)) == [replace(older, **{shown: at(3)})]


def test_other_content_of_the_same_version_is_taken(database: Database) -> None:
    """Platforms do correct an order without moving its update time; its lines count too."""
    first, second = an_order(), an_order(lines=(a_line(title="Mug, 400 ml"),))
    with database.unit() as unit:
        write_orders(unit.session, [first])
        assert write_orders(unit.session, [second]) == Written(1, 0)
        assert list(read_orders(unit.session)) == [second]


def test_other_stock_of_the_same_version_seen_earlier_is_not_taken(database: Database) -> None:
    with database.unit() as unit:
        StockStore(unit.session).upsert([a_level(fulfillable=5, seen=2)])
        StockStore(unit.session).upsert([a_level(fulfillable=9, seen=1)])
        assert [level.fulfillable for level in FactStore(unit.session).stock(US)] == [5]


def test_lines_that_are_gone_go(database: Database) -> None:
    many = tuple(a_line(str(n)) for n in range(4))
    with database.unit() as unit:
        write_orders(unit.session, [an_order("a", lines=many), an_order("b", lines=many)])
        fewer = an_order("a", updated=1, lines=many[1:3])
        write_orders(unit.session, [fewer])
        stands = {o.order_id: o for o in read_orders(unit.session)}
    assert stands[OrderId("a")] == fewer
    assert len(stands[OrderId("b")].lines) == 4


@pytest.mark.parametrize(
    "title",
    [
        "tab\there",
        "line\nend\r",
        "back\\slash",
        "\\N",
        "",
        "“quotes” 'n' \"all\"",
        "杯子 ☕",
        "\\.",
        "a\x00b",
        "None",
        "None\there",
    ],
)
def test_any_text_comes_back_as_it_was(database: Database, title: str) -> None:
    order = an_order(lines=(a_line(title=title), replace(a_line("2"), sku=None, unit_price=None)))
    with database.unit() as unit:
        write_orders(unit.session, [order, an_order("plain")])
        found = OrderStore(unit.session).get(US, order.order_id)
    assert found is not None
    assert found.lines[0].title == title.replace("\0", "\ufffd")
    assert found.lines[1] == order.lines[1]


def test_a_unit_that_fails_leaves_nothing(database: Database) -> None:
    def fail(unit: Unit) -> None:
        write_orders(unit.session, [an_order()])
        ListingStore(unit.session).upsert([a_listing()])
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), database.unit() as unit:
        fail(unit)
    with database.unit() as unit:
        assert read_orders(unit.session) == []
        assert FactStore(unit.session).listings(US) == []


def test_a_price_read_back_is_kept_unless_something_later_was_seen(database: Database) -> None:
    listing = a_listing(seen=2)
    with database.unit() as unit:
        store = ListingStore(unit.session)
        store.upsert([listing])
        store.saw_price(US, ATV, Sku("MUG-01"), a_listing(price=999).price or listing.price, seen_at=at(1))
        assert store.get(US, ATV, Sku("MUG-01")) == listing
        store.saw_price(US, ATV, Sku("MUG-01"), a_listing(price=1111).price or listing.price, seen_at=at(3))
        unit.session.expire_all()
        now = replace(listing, price=a_listing(price=1111).price, seen_at=at(3))
        assert store.get(US, ATV, Sku("MUG-01")) == now
        for_companies = BusinessPrices(Money(1080, "USD"), ((5, Money(1050, "USD")),))
        store.saw_business(US, ATV, Sku("MUG-01"), NOT_OFFERED, seen_at=at(2))
        store.saw_business(US, ATV, Sku("MUG-01"), for_companies, seen_at=at(3))
        unit.session.expire_all()
        assert store.get(US, ATV, Sku("MUG-01")) == replace(now, business=for_companies)


versions_of_orders = st.lists(
    st.builds(
        lambda name, updated, lines, shipped: an_order(
            name,
            updated=updated,
            lines=tuple(a_line(str(n), quantity=q) for n, q in enumerate(lines)),
            status=OrderStatus.SHIPPED if shipped else OrderStatus.UNSHIPPED,
        ),
        st.sampled_from("abc"),
        st.integers(0, 4),
        st.lists(st.integers(1, 3), max_size=3),
        st.booleans(),
    ),
    max_size=12,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(arriving=versions_of_orders, page=st.integers(1, 5))
def test_however_orders_arrive_the_newest_version_stands(database: Database, arriving: list[Order], page: int) -> None:
    newest: dict[str, Order] = {}
    with database.unit() as unit:
        driver(unit.session).execute("TRUNCATE orders, order_line")
    for start in range(0, len(arriving), page):
        some = arriving[start : start + page]
        for order in some:
            if order.order_id not in newest or order.updated_at >= newest[order.order_id].updated_at:
                newest[order.order_id] = order
        with database.unit() as unit:
            write_orders(unit.session, some)
    with database.unit() as unit:
        assert {o.order_id: o for o in read_orders(unit.session)} == newest
