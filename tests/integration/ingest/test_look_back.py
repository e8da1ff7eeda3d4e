"""The nightly look-back: newest days first, a bounded part a night, and no day left out however few calls there are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import takewhile

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store_kit import T0, US, an_order

from ecom_agent.clock import FrozenClock
from ecom_agent.connector import Page, Window
from ecom_agent.errors import BadInput, OutOfQuota, ParseFailed
from ecom_agent.ids import OrderId
from ecom_agent.ingest.look_back import DAY, look_back_name, pages_looking_back, slice_before
from ecom_agent.ingest.pull import pull_pages
from ecom_agent.ingest.spans import SLICE
from ecom_agent.records.orders import Order
from ecom_agent.records.sync import Reading
from ecom_agent.records.views import PullReport
from ecom_agent.store.db import Database
from ecom_agent.store.pulls import CursorStore

TODAY = T0.replace(hour=0, minute=0)


@dataclass
class Seller:
    """Two orders every day, one a page. So many `calls` are allowed a night."""

    calls: int = 10**9
    asked: list[datetime] = field(default_factory=list)

    def span_cursor(self, stream: str, start: datetime, end: datetime) -> str | None:
        return orjson.dumps([start, end]).decode() if stream == "orders" else None

    def pull_orders(self, cursor: str | None) -> Iterator[Page[Order]]:
        at, end = map(datetime.fromisoformat, orjson.loads(cursor or "null"))
        window = Window(at, end)
        while at < end:
            if not self.calls:
                raise OutOfQuota("shop", "search", "no token", 60.0)
            self.calls -= 1
            self.asked.append(at)
            after, order = at + DAY / 2, an_order(f"{at:%m%dT%H}")
            yield Page((order,), orjson.dumps([after, end]).decode(), after < end, "search", repr(at).encode(),
                       window=window)  # fmt: skip
            at = after

    def get_order(self, order_id: OrderId) -> Order:
        return an_order(order_id)

    def days_asked(self) -> set[datetime]:
        return {at.replace(hour=0) for at in self.asked}


def night(seller: Seller, database: Database, clock: FrozenClock, pages: int = 200, days: int = 20) -> PullReport:
    parts = pages_looking_back("orders", seller, clock.now(), days, pages)
    return pull_pages(
        look_back_name("orders"), US, parts, database, clock, kind=Reading.LOOK_BACK, of="orders"
    )  # fmt: skip


def span(newest: int, oldest: int, today: datetime = TODAY) -> set[datetime]:
    return {today - number * DAY for number in range(newest, oldest + 1)}


@pytest.mark.services
def test_a_night_with_calls_enough_reads_all_days_once_and_the_newest_first(database: Database) -> None:
    seller, clock = Seller(), FrozenClock(T0)
    night(seller, database, clock)
    assert (len(seller.asked), seller.days_asked()) == (42, span(0, 20))
    assert [at.day for at in seller.asked[:6]] == [
        n.day for n in (TODAY, TODAY, *[TODAY - 2 * DAY] * 2, *[TODAY - DAY] * 2)
    ]
    clock.sleep(DAY.total_seconds())
    night(seller, database, clock)
    assert seller.asked[42] == TODAY + DAY  # a new round
    with database.unit() as unit:
        assert [one.stream for one in CursorStore(unit.session).all()] == ["look_back:orders"]


@pytest.mark.services
@pytest.mark.parametrize("by_quota", [True, False])
def test_with_few_calls_a_night_it_goes_on_from_night_to_night(database: Database, by_quota: bool) -> None:
    seller, clock, nights = Seller(), FrozenClock(T0), 0
    while max(seller.asked, default=TODAY) < TODAY + DAY:  # until a new round begins
        if by_quota:
            seller.calls = 12
            with suppress(OutOfQuota):
                night(seller, database, clock)
        else:
            night(seller, database, clock, pages=12)
        nights += 1
        assert len(seller.asked) <= 12 * nights
        if nights == 1:
            assert seller.days_asked() >= span(0, 2)
        clock.sleep(DAY.total_seconds())
    first_round = list(takewhile(lambda at: at < TODAY + DAY, seller.asked))
    assert nights == 5  # 42 calls, and then the first night of a new round
    assert len(set(first_round)) == len(first_round)  # nothing of it twice
    assert {at.replace(hour=0) for at in first_round} >= span(0, 18)  # the days before had left the twenty by then


@pytest.mark.services
def test_one_that_was_left_off_long_ago_begins_anew(database: Database) -> None:
    seller, clock = Seller(), FrozenClock(T0)
    night(seller, database, clock, pages=3)
    clock.sleep(40 * DAY.total_seconds())
    night(seller, database, clock)
    assert seller.asked[3] == TODAY + 40 * DAY
    assert len(seller.asked) == 3 + 42


@given(st.integers(1, 60), st.sampled_from([timedelta(days=7), timedelta(days=31), timedelta(hours=12)]))
@settings(max_examples=40)
def test_slices_follow_one_another_and_grow_up_to_the_longest(many: int, longest: timedelta) -> None:
    until, lengths = TODAY, list[timedelta]()
    for _ in range(many):
        since = slice_before(TODAY, until, longest)
        lengths.append(until - since)
        assert timedelta() < lengths[-1] <= longest
        until = since
    assert lengths == sorted(lengths)
    assert lengths[0] == min(DAY, longest)


def test_the_days_of_a_month_are_few_slices() -> None:
    until, many = TODAY, 0
    while until > TODAY - 30 * DAY:
        until, many = slice_before(TODAY, until, SLICE), many + 1
    assert many == 7


def test_what_cannot_be_looked_back_at_or_gone_on_with_is_said() -> None:
    with pytest.raises(BadInput, match="tells over time"):
        pages_looking_back("stock", Seller(), T0, 20)
    with pytest.raises(ParseFailed, match="not one of a look-back"):
        next(pages_looking_back("orders", Seller(), T0, 20)('{"slice": 1}'))
