"""What is set aside is asked for again: malformed in one answer, it heals; malformed for good, it stops nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from store_kit import T0, US, a_listing, a_snapshot, an_order
from test_pull import Cut

from ecom_agent.clock import FrozenClock
from ecom_agent.connector import Page, Poison, Window
from ecom_agent.errors import StoreError, TransientError
from ecom_agent.ids import OrderId
from ecom_agent.ingest.again import MOST
from ecom_agent.ingest.pull import pull, pull_pages
from ecom_agent.records.catalog import Listing
from ecom_agent.records.offers import OfferSnapshot
from ecom_agent.records.orders import Order
from ecom_agent.records.sync import Outcome, Reading
from ecom_agent.records.views import QuarantineView
from ecom_agent.store.catalog import ListingStore
from ecom_agent.store.db import Database
from ecom_agent.store.facts import FactStore
from ecom_agent.store.line import driver
from ecom_agent.store.pulls import CursorStore
from ecom_agent.store.quarantine import QuarantineStore
from ecom_agent.store.windows import WindowStore

pytestmark = pytest.mark.services
HOUR = timedelta(hours=1)
BROKEN = TransientError("shop", "search", "gone")


@dataclass
class Source:
    """Orders 0…4 in pages of two, each page with a cursor of its own, in the window up to the clock's now.

    Order 1 is malformed in the first `spoils` answers; `named`: with its id. A pull from a cursor shows what comes
    behind it only: the window's own, or what is left of it.
    """

    clock: FrozenClock
    spoils: int = 1
    told: int | None = 5
    named: bool = True
    tells_window: bool = True
    dies_after: int | None = None
    asked: list[str | None] = field(default_factory=list)
    readings: int = 0

    def pull_orders(self, cursor: str | None) -> Iterator[Page[Order]]:
        self.asked.append(cursor)
        begin = int((cursor or "0").partition("/")[0])
        if begin >= 5:
            yield Page((), "5", False, "search", b"[]", window=self._window(0))
            return
        for start in range(begin, 5, 2):
            if start == self.dies_after:
                self.dies_after = None
                raise BROKEN
            names = [n for n in range(start, min(start + 2, 5)) if not self._spoilt(n)]
            poison = () if len(names) == min(2, 5 - start) else (self._poison(),)
            records = tuple(an_order(str(n)) for n in names)
            raw = repr((start, self.readings, poison)).encode()
            more = start + 2 < 5
            window = self._window(None if self.told is None else self.told - begin)
            yield Page(records, str(start + 2) if more else "5", more, "search", raw, poison, window=window)

    def _spoilt(self, order: int) -> bool:
        if order != 1:
            return False
        self.readings += 1
        return self.readings <= self.spoils

    def _poison(self) -> Poison:
        return Poison("1" if self.named else None, "no date", {"id": 1, "total": "x"})

    def _window(self, told: int | None) -> Window | None:
        return Window(T0 - HOUR, self.clock.now(), told) if self.tells_window else None

    def get_order(self, order_id: OrderId) -> Order:
        return an_order(order_id)


def stored(database: Database) -> set[str]:
    with database.unit() as unit:
        return {o.order_id for o in FactStore(unit.session).orders_between(US, T0 - 9 * HOUR, T0 + 9 * HOUR)}


def aside(database: Database) -> Sequence[QuarantineView]:
    with database.unit() as unit:
        return QuarantineStore(unit.session).open()


def cursors(database: Database) -> dict[str, str]:
    with database.unit() as unit:
        return {cursor.stream: cursor.value for cursor in CursorStore(unit.session).all()}


def ever_aside(database: Database) -> int:
    with database.unit() as unit:
        found = driver(unit.session).execute("SELECT count(*) FROM quarantine").fetchone()
    return int(found[0]) if found else 0


WHOLE = {"0", "1", "2", "3", "4"}


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize(("told", "window"), [(5, True), (None, True), (None, False)])
def test_malformed_in_one_answer_it_is_there_after_the_same_run(
    database: Database, told: int | None, window: bool, named: bool
) -> None:
    source = Source(FrozenClock(T0), told=told, named=named, tells_window=window)
    report = pull("orders", US, source, database, source.clock)
    assert (source.asked, report.quarantined, report.written) == ([None, None], 1, 5)
    assert (stored(database), aside(database), cursors(database)) == (WHOLE, [], {"orders": "5"})
    with database.unit() as unit:
        second, first = WindowStore(unit.session).recent(US, "orders")
        assert WindowStore(unit.session).alarms(T0) == []
    assert (first.kind, first.outcome, second.kind) == (Reading.PULL, Outcome.REPAIRED, Reading.REPAIR)
    pull("orders", US, source, database, source.clock)
    assert source.asked[2:] == ["5"]


@pytest.mark.parametrize("spoils", [2, 4, MOST])
@pytest.mark.parametrize("told", [5, None])
def test_malformed_for_some_cycles_it_is_there_after_the_next_good_one(
    database: Database, told: int | None, spoils: int
) -> None:
    source = Source(FrozenClock(T0), spoils=spoils, told=told)
    while source.readings <= spoils:
        assert stored(database) < WHOLE
        pull("orders", US, source, database, source.clock)
        source.clock.sleep(300)
    assert (stored(database), aside(database), cursors(database)) == (WHOLE, [], {"orders": "5"})
    assert set(source.asked) == {None}


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("told", [5, None])
def test_malformed_for_good_it_is_read_again_five_times_and_then_the_cursor_moves(
    database: Database, told: int | None, named: bool
) -> None:
    source = Source(FrozenClock(T0), spoils=10**9, told=told, named=named)
    for _ in range(9):
        pull("orders", US, source, database, source.clock)
        source.clock.sleep(300)
    assert source.readings == 1 + MOST
    assert source.asked == [None] * (1 + MOST) + ["5"] * 4
    assert (stored(database), cursors(database)) == (WHOLE - {"1"}, {"orders": "5"})
    assert (len(aside(database)), ever_aside(database)) == (1, 1)


def test_what_stands_in_quarantine_for_good_is_no_reason_to_read_later_windows_again(database: Database) -> None:
    """As a sweep of the present state shows a malformed listing each time."""
    source = Source(FrozenClock(T0), spoils=10**9)
    for _ in range(MOST):
        pull("orders", US, source, database, source.clock)
        source.clock.sleep(300)
    with database.unit() as unit:
        CursorStore(unit.session).drop(US, "orders")
    before = source.readings
    pull("orders", US, source, database, source.clock)
    assert (source.readings, cursors(database), ever_aside(database)) == (before + 1, {"orders": "5"}, 1)


def test_a_run_that_breaks_off_behind_it_forgets_nothing(database: Database) -> None:
    """The cursor of the page behind it is saved already: the note is what leads back."""
    source = Source(FrozenClock(T0), dies_after=2)
    with pytest.raises(TransientError):
        pull("orders", US, source, database, source.clock)
    assert cursors(database)["orders"] == "2"
    pull("orders", US, source, database, source.clock)
    assert (source.asked, stored(database), aside(database)) == ([None, None], WHOLE, [])
    assert cursors(database) == {"orders": "5"}


def test_cut_off_at_any_statement_it_is_there_in_the_end(database: Database) -> None:
    for step in range(4, 90, 9):
        with database.unit() as unit:
            driver(unit.session).execute(
                "TRUNCATE orders, order_line, stream_cursor, pull_run, sync_window, quarantine"
            )
        source = Source(FrozenClock(T0))
        with Cut(step), suppress(StoreError):
            pull("orders", US, source, database, source.clock)
        source.clock.sleep(300)
        pull("orders", US, source, database, source.clock)
        assert (stored(database), aside(database)) == (WHOLE, []), f"cut at statement {step}"


def test_a_reading_that_never_comes_to_its_end_stops_nothing_for_ever(database: Database) -> None:
    source = Source(FrozenClock(T0), spoils=10**9)
    for _ in range(1 + MOST):
        source.dies_after = 4
        with pytest.raises(TransientError):
            pull("orders", US, source, database, source.clock)
        source.clock.sleep(300)
    pull("orders", US, source, database, source.clock)
    assert (source.asked, cursors(database)) == ([None] * (1 + MOST) + ["4"], {"orders": "5"})


@pytest.mark.parametrize(("spoils", "readings"), [(1, 2), (10**9, 2)])
def test_a_slice_of_a_span_is_read_again_at_once_or_not_at_all(database: Database, spoils: int, readings: int) -> None:
    source = Source(FrozenClock(T0), spoils=spoils)
    span = {"kind": Reading.LOOK_BACK, "of": "orders"}
    pull_pages("look_back:orders:1", US, source.pull_orders, database, source.clock, **span)  # type: ignore[arg-type]
    assert (source.readings, cursors(database)) == (readings, {"look_back:orders:1": "5"})
    assert [one.stream for one in aside(database)] == ["orders"] * (spoils > 1)


def test_what_a_look_back_lands_stands_in_quarantine_no_more(database: Database) -> None:
    source = Source(FrozenClock(T0), spoils=1 + MOST)
    for _ in range(MOST):
        pull("orders", US, source, database, source.clock)
        source.clock.sleep(300)
    assert [one.external_id for one in aside(database)] == ["1"]
    pull_pages(
        "look_back:orders:1", US, source.pull_orders, database, source.clock, kind=Reading.LOOK_BACK, of="orders"
    )
    assert (stored(database), aside(database), ever_aside(database)) == (WHOLE, [], 1)


def test_a_file_is_read_once(database: Database) -> None:
    source = Source(FrozenClock(T0), spoils=10**9)
    pull_pages("file:a", US, source.pull_orders, database, source.clock, rereads=False)
    assert (source.readings, cursors(database), len(aside(database))) == (1, {"file:a": "5"}, 1)


@dataclass
class Reports:
    """Figures by report: the first is there at once, each other one in the next run; line 1 is never readable."""

    clock: FrozenClock
    made: int = 0

    def pull_orders(self, cursor: str | None) -> Iterator[Page[Order]]:
        if cursor in (None, "done"):
            self.made += 1
            if self.made > 1:
                yield Page((), "made", False, "report", b"", waits=True)
                return
        poison = (Poison(None, "no date", ["line", 1]),)
        yield Page((an_order("0"),), "done", False, "report", repr(self.made).encode(), poison)

    def get_order(self, order_id: OrderId) -> Order:
        return an_order(order_id)


def test_a_report_with_a_line_that_nobody_can_read_is_made_as_often_as_ever(database: Database) -> None:
    source = Reports(FrozenClock(T0))
    for _ in range(12):
        pull("orders", US, source, database, source.clock)
        source.clock.sleep(300)
    assert source.made == 2 + 5  # one for the line's sake; of the other eleven runs five asked, and six read
    assert (len(aside(database)), ever_aside(database)) == (1, 1)


@dataclass
class Market:
    """Offers of the listings asked about; the first `spoils` answers are malformed."""

    spoils: int
    asked: int = 0

    def offers(self, listings: Sequence[Listing]) -> Iterator[Page[Any]]:
        self.asked += 1
        bad = self.asked <= self.spoils
        found: tuple[OfferSnapshot, ...] = () if bad else (a_snapshot(),)
        poison = (Poison(a_snapshot().external_id, "no price", {"asked": self.asked}),) if bad else ()
        yield Page(found, None, False, "offers", repr((self.asked, poison)).encode(), poison)


@pytest.mark.parametrize(("spoils", "asked"), [(1, 2), (10**9, 6)])
def test_a_stream_asked_by_listing_is_asked_again(database: Database, spoils: int, asked: int) -> None:
    with database.unit() as unit:
        ListingStore(unit.session).upsert([a_listing("A")])
    market, clock = Market(spoils), FrozenClock(T0)
    for _ in range(1 if spoils == 1 else MOST):
        pull("offers", US, market, database, clock)
        clock.sleep(300)
    assert (market.asked, len(aside(database)), cursors(database)) == (asked, spoils > 1, {})
    pull("offers", US, market, database, clock)
    assert market.asked == asked + 1  # as usual: no more for its sake
