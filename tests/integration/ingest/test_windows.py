"""The ledger of windows: told against came, in the page's own transaction; gaps are read again; silence is told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store_kit import T0, US, an_order, at
from test_pull import Cut

from ecom_agent.actions.model import Mode
from ecom_agent.api.metrics import gauges
from ecom_agent.clock import FrozenClock
from ecom_agent.connector import Page, Poison, Window
from ecom_agent.errors import OutOfQuota, StoreError, TransientError
from ecom_agent.ids import OrderId
from ecom_agent.ingest.pull import pull
from ecom_agent.ingest.windows import judged, too_quiet
from ecom_agent.records.orders import Order
from ecom_agent.records.sync import Outcome, Reading, SyncWindow
from ecom_agent.store.db import Database
from ecom_agent.store.line import driver
from ecom_agent.store.pulls import CursorStore
from ecom_agent.store.views import ViewStore
from ecom_agent.store.windows import WindowStore

HOUR = timedelta(hours=1)


@dataclass
class Source:
    """Orders 0…n-1 in pages of two; `told` is what it says there are. The first `hides` readings miss order 1."""

    orders: int = 5
    told: int | None = 5
    hides: int = 0
    dies: Exception | None = None
    asked: list[str | None] = field(default_factory=list)

    def pull_orders(self, cursor: str | None) -> Iterator[Page[Order]]:
        self.asked.append(cursor)
        hidden = {1} if len(self.asked) <= self.hides else set[int]()
        window = Window(T0 - HOUR, T0, self.told)
        shown = [an_order(str(n)) for n in range(self.orders) if n not in hidden]
        for start in range(0, max(1, len(shown)), 2):
            more = start + 2 < len(shown)
            if start and self.dies is not None:
                raise self.dies
            part = tuple(shown[start : start + 2])
            yield Page(part, None if more else "done", more, "search", repr(part).encode(), window=window)

    def get_order(self, order_id: OrderId) -> Order:
        return an_order(order_id)


def ledger(database: Database) -> Sequence[SyncWindow]:
    with database.unit() as unit:
        return WindowStore(unit.session).recent(US, "orders")[::-1]


def cursor(database: Database) -> str | None:
    with database.unit() as unit:
        return CursorStore(unit.session).get(US, "orders")


def alarms(database: Database, now: datetime = T0) -> list[Outcome]:
    with database.unit() as unit:
        return [outcome for _, _, outcome, _, _ in WindowStore(unit.session).alarms(now)]


@pytest.mark.services
def test_a_whole_window_is_told_as_it_is(database: Database) -> None:
    pull("orders", US, Source(), database, FrozenClock(T0))
    (one,) = ledger(database)
    assert (one.since, one.until, one.pages, one.expected, one.fetched, one.written) == (T0 - HOUR, T0, 3, 5, 5, 5)
    assert (one.kind, one.outcome, one.finished_at) == (Reading.PULL, Outcome.COMPLETE, T0)
    assert (cursor(database), alarms(database)) == ("done", [])


@pytest.mark.services
def test_a_gap_is_read_again_before_the_cursor_moves_and_counted(database: Database) -> None:
    source = Source(hides=1)
    report = pull("orders", US, source, database, FrozenClock(T0))
    first, second = ledger(database)
    assert (first.outcome, first.fetched, first.detail) == (Outcome.REPAIRED, 4, "a second reading brought 1 more")
    assert (second.kind, second.outcome, second.fetched, second.written) == (Reading.REPAIR, Outcome.COMPLETE, 5, 1)
    assert (source.asked, report.written, cursor(database), alarms(database)) == ([None, None], 5, "done", [])


@pytest.mark.services
def test_a_gap_that_stays_is_an_alarm_and_stops_nothing(database: Database) -> None:
    pull("orders", US, Source(hides=9), database, FrozenClock(T0))
    assert [one.outcome for one in ledger(database)] == [Outcome.SHORT, Outcome.SHORT]
    assert (cursor(database), alarms(database)) == ("done", [Outcome.SHORT, Outcome.SHORT])
    pull("orders", US, Source(), database, FrozenClock(at(5)))  # later all of the same stretch is there
    assert alarms(database, at(5)) == []


@pytest.mark.services
def test_a_source_that_always_tells_too_many_is_read_twice_and_no_more(database: Database) -> None:
    """Also where its first window begins at another moment each time, as one without a cursor does."""

    class Sliding(Source):
        def pull_orders(self, cursor: str | None) -> Iterator[Page[Order]]:
            for page in super().pull_orders(cursor):
                since = T0 - HOUR + timedelta(seconds=len(self.asked))
                yield replace(page, window=Window(since, T0, 9))

    source = Sliding()
    pull("orders", US, source, database, FrozenClock(T0))
    assert (len(source.asked), cursor(database)) == (2, "done")
    assert [(one.kind, one.outcome) for one in ledger(database)] == [
        (Reading.PULL, Outcome.SHORT),
        (Reading.REPAIR, Outcome.SHORT),
    ]


@pytest.mark.services
def test_cut_off_in_a_gap_the_cursor_stands_before_it(database: Database) -> None:
    """The cursor is kept in the transaction of the page that showed the gap: no crash can lose it."""
    source = Source(hides=1)
    clock = FrozenClock(T0)

    def dies(cursor: str | None) -> Iterator[Page[Order]]:
        if source.asked:
            raise TransientError("shop", "search", "gone")
        yield from Source.pull_orders(source, cursor)

    source.pull_orders = dies  # type: ignore[method-assign]
    with pytest.raises(TransientError):
        pull("orders", US, source, database, clock)
    assert cursor(database) is None
    assert [one.outcome for one in ledger(database)] == [Outcome.SHORT]
    pull("orders", US, Source(), database, FrozenClock(at(5)))
    assert (cursor(database), alarms(database, at(5))) == ("done", [])


@pytest.mark.services
@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (TransientError("shop", "search", "503"), Outcome.FAILED),
        (OutOfQuota("shop", "search", "no token", 60.0), Outcome.PUT_OFF),
    ],
)
def test_a_window_that_breaks_off_says_why(database: Database, error: Exception, outcome: Outcome) -> None:
    with pytest.raises(type(error)):
        pull("orders", US, Source(dies=error), database, FrozenClock(T0))
    (one,) = ledger(database)
    assert (one.outcome, one.fetched, one.detail) == (outcome, 2, str(error))
    assert cursor(database) is None


@pytest.mark.services
def test_a_count_stands_only_with_its_page(database: Database) -> None:
    """A crash at any statement: what the ledger counts is what is stored, page for page."""
    for step in range(12, 60, 7):
        with database.unit() as unit:
            driver(unit.session).execute("TRUNCATE orders, order_line, stream_cursor, pull_run, sync_window")
        with Cut(step), suppress(StoreError):
            pull("orders", US, Source(), database, FrozenClock(T0))
        with database.unit() as unit:
            (stored,) = driver(unit.session).execute("SELECT count(*) FROM orders").fetchone() or (None,)
        assert sum(one.written for one in ledger(database)) == stored, f"cut at statement {step}"


@pytest.mark.services
def test_poison_counts_as_come(database: Database) -> None:
    source = Source(orders=2, told=4)
    pages = list(source.pull_orders(None))
    poison = (Poison("bad", "no date", {}), Poison(None, "no id", {}))

    class Shop(Source):
        def pull_orders(self, cursor: str | None) -> Iterator[Page[Order]]:
            window = Window(T0 - HOUR, T0, 4)
            yield Page(pages[0].records, "done", False, "search", b"[]", poison, window=window)

    pull("orders", US, Shop(), database, FrozenClock(T0))
    for one in ledger(database):  # read again, for another reason than its count
        assert (one.outcome, one.fetched, one.quarantined) == (Outcome.COMPLETE, 4, 2)


@pytest.mark.services
def test_a_stream_that_falls_silent_is_an_alarm_until_it_speaks(database: Database) -> None:
    clock = FrozenClock(T0)
    for _ in range(30):
        pull("orders", US, Source(), database, clock)
        clock.sleep(3600)
    nothing = Source(orders=0, told=None)
    pull("orders", US, nothing, database, clock)
    assert alarms(database, clock.now()) == []  # an hour of silence is as usual
    clock.sleep(4 * 3600)
    pull("orders", US, nothing, database, clock)
    assert alarms(database, clock.now()) == [Outcome.SILENT]
    assert "nothing came since" in (ledger(database)[-1].detail or "")
    pull("orders", US, Source(), database, clock)
    assert alarms(database, clock.now()) == []


@given(st.integers(0, 50) | st.none(), st.integers(0, 50))
@settings(max_examples=30)
def test_whole_means_as_many_as_told(expected: int | None, came: int) -> None:
    assert (judged(expected, came) is Outcome.COMPLETE) == (expected is None or expected == came)
    assert (judged(expected, came) is Outcome.SHORT) == (expected is not None and came < expected)


@given(st.lists(st.tuples(st.integers(1, 600), st.integers(1, 9)), max_size=20), st.integers(0, 3000))
@settings(max_examples=60)
def test_silence_is_never_called_within_twice_the_usual(steps: list[tuple[int, int]], minutes: int) -> None:
    now, filled = T0, list[tuple[datetime, int]]()
    for step, many in steps:
        now += timedelta(minutes=step)
        filled.append((now, many))
    alarm = too_quiet(filled, now + timedelta(minutes=minutes))
    if not steps[1:] or minutes <= 2 * max((step for step, _ in steps[1:]), default=0):
        assert not alarm
    if alarm:  # and it stays called while nothing comes
        assert too_quiet(filled, now + timedelta(minutes=minutes + 60))


@pytest.mark.services
def test_what_is_not_whole_is_shown_first_and_measured(database: Database) -> None:
    pull("orders", US, Source(hides=9), database, FrozenClock(T0))
    with database.unit() as unit:
        view = ViewStore(unit.session, now=at(1), mode=Mode.SANDBOX, streams=[(US, "orders", 5), (US, "stock", 5)])
        (told,) = [e for e in view.overview().exceptions if e.screen == "sync" and "orders" in e.title][:1]
        health = view.health()
    assert (told.title, told.detail) == (f"{US}: orders is not whole", "the source told of 5, 4 came")
    assert [(s.stream, s.alarm is not None) for s in health.streams] == [("orders", True), ("stock", False)]
    (gauge,) = [m for m in gauges(health) if m.name == "ecom_stream_not_whole"]
    assert {sample.labels["stream"]: sample.value for sample in gauge.samples} == {"orders": 1.0, "stock": 0.0}
