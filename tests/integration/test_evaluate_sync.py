"""The evaluation of sync: its measure sees what is lost, doubled or gone back, and a short run of it has nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from ecom_agent.errors import BadInput
from ecom_agent.evaluate import sync
from ecom_agent.evaluate.base import Options, evaluations
from ecom_agent.evaluate.sync import watch
from ecom_agent.evaluate.sync.compare import Verdict
from ecom_agent.evaluate.sync.crashes import Crash, Cutter, CutWire, cutting_database, killed
from ecom_agent.evaluate.sync.cycle import p95
from ecom_agent.evaluate.sync.news import heard
from ecom_agent.evaluate.sync.truth import KnownListing, KnownOrder, books
from ecom_agent.evaluate.sync.turns import turns_of_events
from ecom_agent.store.db import Database
from platforms._shared.wire import Through
from platforms.simulated.accounts import WITH_ADS, accounts

pytestmark = pytest.mark.services
AT = datetime(2026, 1, 5, 8, tzinfo=UTC)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_an_hour_through_all_faults_and_some_crashes_loses_nothing() -> None:
    """A little more than an hour: the first figures of ads are there when it is over."""
    measured = sync.measure(3, days=0.045, crashes=6, cycles=2, products=45, progress=lambda _line: None)
    assert (measured.figures["lost"], measured.figures["doubled"]) == (0, 0), measured.details["examples"]
    assert measured.figures["regressed"] == 0, measured.details["examples"]
    assert (measured.figures["crashes"] or 0) - measured.details["API killed"] == 6
    assert measured.figures["rate_429"] == 0
    compared = ("orders", "listings", "ad_figures", "search_terms", "events")
    assert [name for name in compared if not measured.figures[name]] == [], "nothing was there to compare"
    assert measured.figures["cycles"] == 2
    assert set(measured.figures) == set(sync.FIGURES)
    assert set(measured.baselines) == set(sync.BASELINES)


def test_a_figure_that_is_no_number_is_told() -> None:
    with pytest.raises(BadInput, match="days"):
        evaluations()["sync"].run(Options(data=None, seed=7, arguments={"days": "many"}))


def test_missing_stale_and_strange_rows_are_counted() -> None:
    verdict = Verdict()
    verdict.rows("orders", "a", {"1": "shipped", "2": "shipped", "3": "new"}, {"1": "shipped", "2": "new", "9": "x"})
    assert (verdict.lost["orders"], verdict.doubled["orders"], verdict.checked["orders"]) == (2, 1, 3)
    assert len(verdict.examples) == 3


def test_the_cutter_ends_the_process_once_at_the_moment_it_was_armed_for() -> None:
    cutter = Cutter(1)
    cutter.moment("here")
    cutter.arm(2)
    cutter.moment("here")
    with pytest.raises(Crash):
        cutter.moment("there")
    cutter.moment("here")
    assert cutter.where == {"there": 1}


def test_a_crash_is_no_exception_that_anybody_catches() -> None:
    assert not issubclass(Crash, Exception)


def test_calls_are_cut_on_both_sides() -> None:
    cutter = Cutter(1)
    answering = Through(httpx.MockTransport(lambda _request: httpx.Response(200)), 5)
    client = httpx.Client(transport=CutWire(answering, cutter))
    cutter.arm(2)
    with pytest.raises(Crash, match="after a call"):
        client.get("http://x.example")


def test_statements_and_commits_are_cut_only_meanwhile(database: Database) -> None:
    cutter = Cutter(1)
    with cutting_database(cutter):
        cutter.arm(1)
        with pytest.raises(Crash):
            ask(database)
    seen = cutter.moments
    ask(database)
    assert cutter.moments == seen > 0


def ask(database: Database) -> None:
    with database.unit() as unit:
        unit.session.connection().exec_driver_sql("SELECT 1")


def test_a_copy_is_killed_unless_it_was_done() -> None:
    assert not killed(lambda: None, 1.0)
    assert killed(lambda: __import__("time").sleep(60), 0.05)


@pytest.fixture
def watched(database: Database, postgres_url: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        watch.set_up(connection)
        yield connection
        for table in watch.VERSIONS:
            connection.execute(f"DROP TRIGGER IF EXISTS evaluated_older ON {table}".encode())
        for table in ("orders", "return_case", "stock_level", "charge", "message"):
            connection.execute(f"DROP TRIGGER IF EXISTS evaluated_gone ON {table}".encode())
        connection.execute(
            b"DROP TRIGGER evaluated_backwards ON orders; DROP TRIGGER evaluated_reopened ON charge;"
            b" DROP FUNCTION evaluated_regress; DROP FUNCTION evaluated_rank; DROP TABLE evaluated_regress"
        )


def test_rows_that_go_back_or_away_are_seen(watched: psycopg.Connection[Any]) -> None:
    columns = (
        b"account, order_id, marketplace, status, status_raw, purchased_at, updated_at, lines_sum, lines_moved, seen_at"
    )
    insert = b"INSERT INTO orders (" + columns + b") VALUES ('a', '1', 'm', 'shipped', 's', %s, %s, 0, false, %s)"
    watched.execute(insert, (AT, AT, AT))
    watched.execute(b"UPDATE orders SET updated_at = %s", (AT + timedelta(hours=1),))
    assert watch.went_back(watched)[0].total() == 0
    watched.execute(b"UPDATE orders SET updated_at = %s", (AT,))
    watched.execute(b"UPDATE orders SET status = 'pending'")
    watched.execute(b"DELETE FROM orders")
    assert dict(watch.went_back(watched)[0]) == {
        "orders UPDATE an older version": 1, "orders UPDATE an order went back": 1, "orders DELETE gone": 1,
    }  # fmt: skip


def test_truth_is_told_in_our_words() -> None:
    amazon, shop, _ebay, walmart, *_ = accounts("http://x", WITH_ADS)
    line = {"sku": "A", "quantity": 2, "shipped": 1, "cancelled": 0}
    order = {"status": "pending", "total_minor": 500, "refunded_minor": 200, "lines": [line, {**line, "quantity": 1}]}
    truth = {
        "orders": {"amazon": {"1": order}, "shopify": {"1": order}, "walmart": {"1": {**order, "status": "paid"}}},
        "channels": {},
        "listings": [],
    }
    units = (("A", 3),)
    assert books(truth, amazon).orders == {"1": KnownOrder("pending", None, units)}
    assert books(truth, shop).orders == {"1": KnownOrder("pending", 300, units)}
    assert books(truth, walmart).orders == {"1": KnownOrder("partially_shipped", 500, units)}
    hidden = {**truth, "orders": {"walmart": {"1": order}}}
    assert books(hidden, walmart).orders == {}


def test_listings_are_told_as_each_platform_shows_them() -> None:
    amazon, shop, ebay, walmart, *_ = accounts("http://x", WITH_ADS)
    row = {"sku": "A", "title": "A mug", "external_id": "page", "price_minor": 990, "units": 0, "shown": 4}
    rows = [{**row, "channel": one.channel, "status": "ended"} for one in (ebay, walmart)]
    rows += [{**row, "channel": one.channel} for one in (amazon, shop)]
    truth = {"orders": {}, "channels": {}, "listings": rows}
    assert books(truth, amazon).listings == {"A": KnownListing("page", "A mug", "inactive", 990)}
    assert books(truth, shop).listings == {"A": KnownListing("page", "A mug - Default Title", "active", 990)}
    assert books(truth, walmart).listings == {"A": KnownListing("page", "A mug", "inactive", 990)}
    assert books(truth, ebay).listings == {"A": KnownListing(None, "A mug", "inactive", 990)}
    assert (books(truth, ebay).stock, books(truth, walmart).stock) == ({"A": 4}, {"A": 0})


def test_events_and_second_readings_are_counted(watched: psycopg.Connection[Any]) -> None:
    assert heard(watched) == (Counter(), 0, 0, 0)
    put = b"INSERT INTO event_seen (notification_id, account, type, seen_at) VALUES ('1', 'a', 'ORDER_CHANGE', %s)"
    watched.execute(put, (AT,))
    assert heard(watched).by_source == {"amazon ORDER_CHANGE": 1}
    assert heard(watched).kept == 1


def test_events_are_taken_in_beside_the_streams() -> None:
    turns = turns_of_events(accounts("http://x", WITH_ADS, 2))
    assert [turn.name for turn in turns] == ["inbox", "amazon queue", "amazon queue"]
    assert len({turn.key for turn in turns}) == 3


def test_the_95th_of_a_hundred() -> None:
    assert p95([float(n) for n in range(1, 101)]) == 95.0
    assert p95([3.0]) == 3.0


def test_accounts_of_two_sellers_are_named_apart(tmp_path: Path) -> None:
    names = [account.name for account in accounts("http://x", WITH_ADS, 2)]
    assert len(set(names)) == len(names) == 12
