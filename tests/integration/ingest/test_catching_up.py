"""Look-backs, backfills, intervals and paused accounts, as App's verbs do them: real connectors, a real database."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from five_kit import Five, account, channels
from postgres_kit import VAULT
from simulated_kit import START

from ecom_agent.actions.model import Mode
from ecom_agent.errors import AuthFailed, BadInput, NotFound, OutOfQuota, TransientError
from ecom_agent.ids import AccountId
from ecom_agent.ingest.streams import lane_of
from ecom_agent.records.orders import OrderStatus
from ecom_agent.records.sync import Lane, Outcome, Reading, Work
from ecom_agent.records.views import PullReport
from ecom_agent.store.db import Database
from ecom_agent.store.ledger import PgLedger
from ecom_agent.store.line import driver
from ecom_agent.store.orders import OrderStore
from ecom_agent.store.policies import seed_policies
from ecom_agent.store.pulls import RunStore
from ecom_agent.wiring.accounts import Account, Accounts, Pauses
from ecom_agent.wiring.catching_up import CatchingUp
from ecom_agent.wiring.parts import Parts
from ecom_agent.wiring.syncing import Syncing
from flows.schedules import table
from flows.serve import changed
from platforms import registry

pytestmark = pytest.mark.services
DAY = timedelta(days=1)


class Half(CatchingUp, Syncing):
    """App without the rooms."""

    def __init__(self, five: Five, database: Database, folder: Path) -> None:
        opened = {
            account(name): Account(account(name), registry.spec(name), c, tuple(c.marketplaces), tuple(c.base_urls))
            for name, c in five.connectors.items()
        }
        nothing: Any = None
        self.five, self.lanes = five, {}
        self.parts = Parts(
            Mode.SANDBOX, five.clock, "anna", folder, None, database, Accounts(opened, {}), nothing,
            Pauses(database, five.clock), five.quota, PgLedger(database), nothing, nothing, nothing, (), lambda: VAULT,
        )  # fmt: skip

    def automations(self) -> tuple[()]:
        return ()

    def count(self, what: str) -> int:
        with self.parts.database.unit() as unit:
            found = driver(unit.session).execute(f"SELECT count(*) FROM {what}".encode()).fetchone()
        return int(found[0]) if found else 0

    def paused(self) -> list[str]:
        with self.parts.database.unit() as unit:
            found = driver(unit.session).execute("SELECT account FROM paused_account ORDER BY 1").fetchall()
        return [name for (name,) in found]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Five]:
    with channels(tmp_path_factory.mktemp("five"), days=3) as five:
        yield five


@pytest.fixture
def half(world: Five, database: Database, tmp_path: Path) -> Iterator[Half]:
    with database.unit() as unit:
        seed_policies(unit.session, at=START)
    world.requests.clear()
    yield Half(world, database, tmp_path)
    world.twist = None


TOLD = [("ebay", s) for s in ("orders", "returns", "charges", "messages")]
TOLD += [("walmart", s) for s in ("orders", "returns", "charges")]
TOLD += [("tiktok_shop", s) for s in ("orders", "returns", "charges", "messages")]
TABLES = {"orders": "orders", "returns": "return_case", "charges": "charge", "messages": "message"}


@pytest.mark.parametrize(("name", "stream"), TOLD)
def test_a_backfill_brings_what_the_sync_brings_once(half: Half, name: str, stream: str) -> None:
    lines: list[str] = []
    done = half.backfill(stream, account(name), START - 9 * DAY, None, lines.append)
    after = half.count(TABLES[stream])
    assert half.pull(account(name), stream).written <= 3  # what came within the last minutes
    assert (done.quarantined, half.count(TABLES[stream]) - after <= 3) == (0, True)
    (told,) = half.sync_status().backfills
    assert (told.state, told.share, told.written) == (Work.DONE, 1.0, done.written)
    assert "100%" in lines[-1]
    again = half.backfill(stream, account(name), told.since, told.until)
    assert (again.pages, len(half.sync_status().backfills)) == (0, 1)


def test_killed_in_the_middle_it_goes_on_from_there_and_reads_nothing_twice(half: Half) -> None:
    name = account("tiktok_shop")
    half.five.requests.clear()

    def dies(request: httpx.Request, answer: httpx.Response) -> httpx.Response | None:
        searches = half.five.sent("/orders/search")
        return httpx.Response(500, json={}) if len(searches) > 2 else None

    half.five.twist = dies
    with pytest.raises(TransientError):
        half.backfill("orders", name, START - 20 * DAY, None)
    (broken,) = half.sync_status().backfills
    assert (broken.state, broken.error is not None) == (Work.FAILED, True)
    assert START - 20 * DAY < broken.done_until < broken.until
    half.five.twist = None
    half.five.requests.clear()
    half.backfill("orders", name, START - 20 * DAY, None)
    (whole,) = half.sync_status().backfills
    assert (whole.state, whole.until) == (Work.DONE, broken.until)
    first = half.five.sent("/orders/search")[0].content
    assert int(broken.done_until.timestamp()) <= int(json.loads(first)["update_time_ge"])


def test_one_asked_for_elsewhere_is_worked_on_in_turns(half: Half) -> None:
    """As the console asks and the scheduler works: a turn that is over leaves the rest to the next one."""
    asked = half.ask_backfill("orders", account("ebay"), START - 30 * DAY, None, "anna")
    assert half.ask_backfill("orders", account("ebay"), START - 30 * DAY, asked.until, "bert").id == asked.id
    assert half.work_backfill(minutes=0)["backfill"] == asked.id  # no time at all: one page
    (waits,) = half.sync_status().backfills
    assert (waits.state, 0 < waits.share < 1) == (Work.WAITING, True)
    half.stop_backfill(asked.id)
    assert half.work_backfill() == {}
    with pytest.raises(NotFound, match="under way"):
        half.stop_backfill(asked.id)
    half.ask_backfill("orders", account("ebay"), START - 30 * DAY, None, "anna")
    half.work_backfill()
    (done,) = half.sync_status().backfills
    assert (done.state, done.share) == (Work.DONE, 1.0)
    assert half.work_backfill() == {}


def test_without_tokens_a_backfill_waits_and_a_pull_goes_first(half: Half) -> None:
    name, quota = account("walmart"), half.five.quota
    bucket = next(b for a, o, b in quota._state.all() if (a, o) == (name, "getAllOrders"))
    keep = int(bucket.burst * 0.6)
    half.ask_backfill("orders", name, START - 20 * DAY, None, "anna")
    with quota.lane(Lane.PRICES, half.five.clock.now()), suppress(OutOfQuota):
        for _ in range(keep):
            quota.acquire(name, "getAllOrders")
    told = half.work_backfill(minutes=0)
    assert "put_off" in told
    assert half.sync_status().backfills[0].state is Work.WAITING
    assert half.pull(name, "orders").fetched > 0


@pytest.mark.parametrize(
    ("stream", "name", "days", "wanted"),
    [
        ("stock", "ebay", 9, "told over time"),
        ("messages", "walmart", 9, "a stream of"),
        ("orders", "ebay", -9, "a first moment before the last"),
    ],
)
def test_what_cannot_be_brought_in_is_said(half: Half, stream: str, name: str, days: int, wanted: str) -> None:
    with pytest.raises(BadInput, match=wanted):
        half.backfill(stream, account(name), half.five.clock.now() - days * DAY, half.five.clock.now())


def test_the_nightly_look_back_finds_what_the_pulls_missed(half: Half) -> None:
    """Two orders that no pull brought, as if they had been shown hours after they were stamped."""
    name = account("ebay")
    half.pull(name, "orders")
    with half.parts.database.unit() as unit:
        lost = "(SELECT order_id FROM orders ORDER BY updated_at LIMIT 2)"
        driver(unit.session).execute(f"DELETE FROM order_line WHERE order_id IN {lost}".encode())
        driver(unit.session).execute(f"DELETE FROM orders WHERE order_id IN {lost}".encode())
    half.five.pass_time(minutes=20)
    before = half.count("orders")
    report = half.look_back(name, "orders")
    assert (report.written >= 2, report.quarantined) == (True, 0)
    assert half.count("orders") >= before + 2
    status = next(s for s in half.sync_status().streams if (s.account, s.stream) == (name, "orders"))
    assert status.found_later == report.written
    kinds = {w.kind for w in half.sync_windows(name, "orders")}
    assert kinds == {Reading.PULL, Reading.LOOK_BACK}
    hour, rows = half.look_backs()
    assert (hour, (name, "orders", 30) in rows, (name, "stock", 30) in rows) == (3, True, False)


def test_what_is_due_is_pulled_once(half: Half, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: dict[str, list[str]] = defaultdict(list)

    def pull(name: str, stream: str) -> PullReport:
        taken[name].append(stream)
        with half.parts.database.unit() as unit:
            run = RunStore(unit.session).begin(AccountId(name), stream, cursor=None, at=half.parts.clock.now())
        why = "throttled" if stream == "charges" else None
        with half.parts.database.unit() as unit:
            RunStore(unit.session).finish(run, at=half.parts.clock.now(), error=why)
        if why is not None:
            raise TransientError("any", stream, why)
        return PullReport(name, stream, 1, 1, 1, 0, 0, None, 0.0)

    monkeypatch.setattr(half, "pull", pull)
    after: list[str] = []
    counts = half.pull_due(lambda report: after.append(report.stream))
    failed = sum(streams.count("charges") for streams in taken.values())
    assert counts == {"pulled": len(half.streams()) - failed, "failed": failed}
    assert len(after) == counts["pulled"], "what comes after a pull is done for each"
    assert not half._due({}), "what was begun a moment ago is not due"
    taken.clear()
    assert half.pull_due() == {}
    half.five.clock.sleep(300)
    half.pull_due()
    every = {(name, stream): minutes for name, stream, minutes in half.streams()}
    again = {(name, stream) for name, streams in taken.items() for stream in streams}
    assert again == {key for key, minutes in every.items() if minutes <= 5 or key[1] == "charges"}


def test_an_interval_that_is_changed_is_followed_without_a_restart(half: Half) -> None:
    served = table(half)  # type: ignore[arg-type]  # all of App that the table asks for
    now = {(row.flow.name, row.name): row.when for row in served}
    key = (account("ebay"), "orders")
    for minutes in (11, 0, 3):
        version = half.set_interval(*key, minutes, "anna")
        rows = changed(now, table(half))  # type: ignore[arg-type]
        assert [(row.name, row.active) for row in rows] == [("-".join(key), False)], "run by hand only"
        due = half._due({}).get((AccountId(key[0]), lane_of(key[1])), ())
        assert (key[1] in due) is (minutes > 0), "the next sync knows"
        if minutes:
            assert rows[0].every == timedelta(minutes=minutes)
        assert half.set_interval(*key, minutes, "anna") == version
        now[rows[0].flow.name, rows[0].name] = rows[0].when
    with pytest.raises(BadInput, match="not set by software"):
        half.set_interval(*key, 1, "system:scheduler")
    with pytest.raises(BadInput, match="a stream of"):
        half.set_interval(account("walmart"), "messages", 1, "anna")


def test_status_says_how_fresh_how_whole_and_what_is_not_offered(half: Half) -> None:
    for name in half.five.connectors:
        half.pull(account(name), "orders")
    status = half.sync_status()
    for name in half.five.connectors:
        (one,) = [s for s in status.streams if (s.account, s.stream) == (account(name), "orders")]
        assert one.last is not None
        assert (one.last.outcome, one.alarm, one.every_minutes) == (Outcome.COMPLETE, None, 5)
        assert one.last.expected == one.last.fetched > 20
        assert one.fresh_at is not None
        assert status.at - timedelta(minutes=3) <= one.fresh_at <= status.at
        assert one.next_due == one.last.started_at + timedelta(minutes=5)
    missing = dict(status.missing)
    assert "messages" in missing[account("walmart")]
    assert "messages" not in missing[account("ebay")]


def test_an_account_whose_token_is_revoked_is_paused_and_the_others_go_on(database: Database, tmp_path: Path) -> None:
    with database.unit() as unit:
        seed_policies(unit.session, at=START)
    with channels(tmp_path, days=0.5) as five:
        half = Half(five, database, tmp_path)

        def revoked(request: httpx.Request, answer: httpx.Response) -> httpx.Response | None:
            refusal = {"error": "invalid_grant", "error_description": "revoked"}
            return httpx.Response(401, json=refusal) if "ebay" in str(request.url) else None

        five.twist = revoked
        with pytest.raises(AuthFailed) as told:
            half.pull(account("ebay"), "orders")
        assert "401" in str(told.value)
        assert half.paused() == [account("ebay")]
        for name in ("walmart", "tiktok_shop"):
            assert half.pull(account(name), "orders").written > 0
        window = half.sync_windows(account("ebay"), "orders")
        assert window == []  # nothing was read
        five.twist = None
        five.pass_time(hours=3)
        assert half.pull(account("ebay"), "orders").written > 0
        assert half.paused() == []


def test_a_clock_that_is_ahead_loses_and_regresses_nothing(database: Database, tmp_path: Path) -> None:
    """Channels whose clocks are up to 90 s off, and orders stamped minutes before they can be seen."""
    with database.unit() as unit:
        seed_policies(unit.session, at=START)
    with channels(tmp_path, days=0) as five:
        five.sim.world.faults.set({"clock_skew": 1.0, "late_updates": 0.3})
        half = Half(five, database, tmp_path)
        for _ in range(16):
            five.pass_time(minutes=30)
            for name in five.connectors:
                half.pull(account(name), "orders")
        five.pass_time(minutes=20)
        for name, connector in five.connectors.items():
            half.pull(account(name), "orders")
            truth = {o.order_id: o for page in connector.pull_orders(None) for o in page.records}
            with database.unit() as unit:
                span = (START - DAY, START + DAY)
                found = {o.order_id: o for o in OrderStore(unit.session).purchased_between(account(name), *span)}
            assert found == truth
            assert OrderStatus.UNMAPPED not in {o.status for o in found.values()}
