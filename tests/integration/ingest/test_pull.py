"""Pulling: one transaction a page, whatever happens between any two statements."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

import orjson
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store_kit import T0, US, a_line, a_listing, a_quote, a_snapshot, an_order, at

from ecom_agent.clock import FrozenClock
from ecom_agent.connector import Page, Poison
from ecom_agent.errors import NotFound, ParseFailed, StoreError, TransientError
from ecom_agent.ids import OrderId
from ecom_agent.ingest.land import land
from ecom_agent.ingest.pull import pull, pull_pages
from ecom_agent.ingest.reparse import reparse
from ecom_agent.money import Money
from ecom_agent.records.catalog import Listing, ListingStatus
from ecom_agent.records.finance import FeeQuote
from ecom_agent.records.offers import OfferSnapshot
from ecom_agent.records.orders import Order
from ecom_agent.store.catalog import ListingStore
from ecom_agent.store.db import Database
from ecom_agent.store.facts import FactStore
from ecom_agent.store.line import driver
from ecom_agent.store.pulls import CursorStore, RunStore
from ecom_agent.store.quarantine import QuarantineStore
from ecom_agent.store.raw import RawPayload, RawStore
from ecom_agent.telemetry import QUARANTINED, RECORDS_IN

pytestmark = pytest.mark.services
CLOCK = FrozenClock(T0)


def page_of(records: Sequence[Any], cursor: str | None, *, more: bool = True, **rest: Any) -> Page[Any]:
    raw = orjson.dumps([str(cursor), *records], default=str)
    return Page(tuple(records), cursor, more, "searchOrders", raw, **rest)


@dataclass
class Shop:
    """A connector over fixed pages; the cursor is the number of the next page. `dies_before` raises there once."""

    pages: list[Page[Order]]
    dies_before: int | None = None
    asked: list[str | None] = field(default_factory=list)

    def pull_orders(self, cursor: str | None) -> Iterator[Page[Order]]:
        self.asked.append(cursor)
        for number in range(int(cursor or 0), len(self.pages)):
            if number == self.dies_before:
                self.dies_before = None
                raise TransientError("shop", "searchOrders", "429", 2.0)
            yield self.pages[number]

    def get_order(self, order_id: OrderId) -> Order:
        return next(o for p in self.pages for o in p.records if o.order_id == order_id)


def three_pages() -> Shop:
    pages = [page_of([an_order(f"{n}-{i}", updated=n) for i in range(3)], str(n + 1), more=n < 2) for n in range(3)]
    return Shop(pages)


def stored(database: Database) -> set[str]:
    with database.unit() as unit:
        return {o.order_id for o in FactStore(unit.session).orders_between(US, at(-1), at(1))}


def cursor_of(database: Database) -> str | None:
    with database.unit() as unit:
        return CursorStore(unit.session).get(US, "orders")


def test_all_pages_land_and_the_next_run_goes_on_from_there(database: Database) -> None:
    shop = three_pages()
    first = pull("orders", US, shop, database, CLOCK)
    assert (first.pages, first.fetched, first.written, first.unchanged, first.cursor) == (3, 9, 9, 0, "3")
    second = pull("orders", US, shop, database, CLOCK)
    assert (second.pages, second.fetched, second.cursor) == (0, 0, "3")
    assert shop.asked == [None, "3"]
    with database.unit() as unit:
        assert RawStore(unit.session).count() == 3


def test_an_error_in_the_middle_keeps_the_pages_before_it_and_is_recorded(database: Database) -> None:
    shop = three_pages()
    shop.dies_before = 2
    with pytest.raises(TransientError):
        pull("orders", US, shop, database, CLOCK)
    assert (len(stored(database)), cursor_of(database)) == (6, "2")
    with database.unit() as unit:
        (run,) = RunStore(unit.session).last_of_each()
        assert (run.pages, run.written, run.error) == (2, 6, "shop searchOrders: 429")
        assert not RunStore(unit.session).last_of_each(only_ok=True)
    assert pull("orders", US, shop, database, CLOCK).written == 3
    assert len(stored(database)) == 9


def test_cut_off_at_any_statement_nothing_is_lost_or_doubled(database: Database) -> None:
    """The server ends the connection at the n-th statement of a run, as a crash would; then the run is repeated."""
    whole = Cut(10_000)
    with whole:
        pull("orders", US, three_pages(), database, CLOCK)
    assert whole.met > 30
    for step in range(whole.met):
        empty(database)
        shop = three_pages()
        with Cut(step), suppress(StoreError):  # a connection that is gone before it is used is simply made anew
            pull("orders", US, shop, database, CLOCK)
        landed, cursor = stored(database), int(cursor_of(database) or 0)
        assert landed == {f"{n}-{i}" for n in range(cursor) for i in range(3)}, f"cut at statement {step}"
        pull("orders", US, shop, database, CLOCK)
        with database.unit() as unit:
            lines = driver(unit.session).execute("SELECT count(*) FROM order_line").fetchone()
        assert (len(stored(database)), lines) == (9, (9,)), f"cut at statement {step}"


def empty(database: Database) -> None:
    with database.unit() as unit:
        driver(unit.session).execute("TRUNCATE orders, order_line, stream_cursor, pull_run, raw_payload")


class Cut:
    """Breaks the connection instead of running its n-th statement from now on."""

    def __init__(self, step: int) -> None:
        self._step, self.met = step, 0
        self._execute, self._copy = psycopg.Cursor.execute, psycopg.Cursor.copy

    def __enter__(self) -> None:
        def broken(how: Any) -> Any:
            def call(cursor: psycopg.Cursor[Any], *args: Any, **kwargs: Any) -> Any:
                self.met += 1
                if self.met == self._step + 1:
                    cursor.connection.close()
                    raise psycopg.OperationalError("cut off by the test")
                return how(cursor, *args, **kwargs)

            return call

        psycopg.Cursor.execute = broken(self._execute)  # type: ignore[method-assign]  # the only seam below SQLAlchemy
        psycopg.Cursor.copy = broken(self._copy)  # type: ignore[method-assign]

    def __exit__(self, *_: object) -> None:
        psycopg.Cursor.execute, psycopg.Cursor.copy = self._execute, self._copy  # type: ignore[method-assign]


def test_poison_is_set_aside_and_the_page_goes_on(database: Database) -> None:
    good, twice = an_order("good"), an_order("twice", lines=(a_line("1"), a_line("1")))
    huge = an_order("huge", lines=(replace(a_line(), total=Money(2**63, "USD")),))
    shop = Shop([page_of([good, twice, huge], "1", poison=(Poison("bad", "no date", {"id": "bad"}),))])
    written, quarantined = (metric.labels(US, "orders")._value.get() for metric in (RECORDS_IN, QUARANTINED))
    report = pull("orders", US, shop, database, CLOCK)
    assert (report.fetched, report.written, report.quarantined) == (4, 1, 3)
    assert RECORDS_IN.labels(US, "orders")._value.get() == written + 1
    assert QUARANTINED.labels(US, "orders")._value.get() == quarantined + 3
    assert stored(database) == {"good"}
    with database.unit() as unit:
        found = {q.external_id: q.reason for q in QuarantineStore(unit.session).open()}
    assert found["bad"] == "no date"
    assert "the same id" in found["twice"]
    assert "out of range" in found["huge"]


def test_a_negative_price_is_set_aside(database: Database) -> None:
    with database.unit() as unit:
        listings = [a_listing("OK"), a_listing("BAD", price=-1)]
        done = land(unit.session, US, "listings", listings, operation="one", raw=b"[]", at=T0)
        assert (done.written, done.quarantined) == (1, 1)
        assert [x.sku for x in FactStore(unit.session).listings(US)] == ["OK"]
        assert "price_minor" in QuarantineStore(unit.session).open()[0].reason


@dataclass
class Market:
    """A connector that answers for listings."""

    asked: list[str] = field(default_factory=list)

    def offers(self, listings: Sequence[Listing]) -> Iterator[Page[OfferSnapshot]]:
        self.asked += [x.sku for x in listings]
        yield page_of([a_snapshot()], None, more=False)

    def fees(self, listings: Sequence[Listing]) -> Iterator[Page[FeeQuote]]:
        self.asked += [x.sku for x in listings]
        yield page_of([a_quote(x.sku) for x in listings], None, more=False)


def test_sweeps_ask_for_the_listings_that_matter(database: Database) -> None:
    with database.unit() as unit:
        ListingStore(unit.session).upsert(
            [a_listing("A"), a_listing("B", price=None), a_listing("C", status=ListingStatus.INACTIVE)]
        )
    offers, fees = Market(), Market()
    assert pull("offers", US, offers, database, CLOCK).written == 1
    assert pull("fees", US, fees, database, CLOCK).written == 2
    assert (offers.asked, fees.asked) == (["A", "B"], ["A", "C"])
    assert cursor_of(database) is None


@pytest.mark.parametrize(("stream", "told"), [("orders", "does not offer read_orders"), ("moods", "there are: orders")])
def test_a_stream_that_is_not_there_is_named(database: Database, stream: str, told: str) -> None:
    with pytest.raises(NotFound, match=told):
        pull(stream, US, Market(), database, CLOCK)


def test_a_better_parser_reads_the_kept_payloads_again(database: Database) -> None:
    shop = Shop([page_of([an_order("a")], "1", poison=(Poison("b", "odd", {}),)), page_of([], "2")])
    pull("orders", US, shop, database, CLOCK)

    def better(payload: RawPayload) -> Page[Order]:
        if b'"1"' not in payload.body:
            raise ParseFailed("orders", "missing")
        return page_of([an_order("a"), an_order("b")], None)

    report = reparse("orders", US, better, database, CLOCK)
    assert (report.pages, report.written, report.unchanged, report.quarantined) == (2, 1, 1, 1)
    assert stored(database) == {"a", "b"}
    with database.unit() as unit:
        assert [q.reason for q in QuarantineStore(unit.session).open()] == ["orders: missing"]


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pages=st.lists(st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 3)), max_size=4), max_size=5))
def test_every_fetched_record_is_accounted_for(database: Database, pages: list[list[tuple[str, int]]]) -> None:
    """The ledger: fetched = written + unchanged + quarantined, and no order is lost."""
    with database.unit() as unit:
        driver(unit.session).execute("TRUNCATE orders, order_line, stream_cursor, pull_run")
    made = [
        page_of([an_order(name, updated=version) for name, version in some], str(number + 1))
        for number, some in enumerate(pages)
    ]
    report = pull_pages("orders", US, Shop(made).pull_orders, database, CLOCK)
    assert report.fetched == sum(map(len, pages)) == report.written + report.unchanged + report.quarantined
    assert stored(database) == {name for some in pages for name, _ in some}
