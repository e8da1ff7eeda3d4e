"""The flows as plain functions, and the table of schedules; nothing here starts Prefect."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fake_app import FakeApp
from prefect.states import Failed

from ecom_agent.errors import AuthFailed, OutcomeUnknown, StoreError, TransientError
from flows import actions, automations, ingest, serve, watch
from flows._base import waiting_helps
from flows.schedules import ONE_AT_A_TIME, Schedule, table

SLOT = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def test_a_pull_asks_app_for_one_stream(shop: FakeApp) -> None:
    report = ingest.pull_stream.fn("amazon_us", "orders")
    assert report["fetched"] == 120
    assert shop.calls == [("pull", "amazon_us", "orders"), ("reallocate", shop.clock.now())], "orders take stock"


def test_a_sync_pulls_what_is_due_and_stock_follows_orders(shop: FakeApp) -> None:
    assert ingest.pull_due.fn() == {"pulled": 2}
    assert shop.calls == [("pull_due",), ("reallocate", shop.clock.now())]
    assert not ingest.pull_due.retries, "what failed is due again by itself"


def test_proposing_is_as_of_the_slot(shop: FakeApp) -> None:
    automations.propose_for.fn("pricing.repricing", "amazon_us", "ATVPDKIKX0DER", SLOT)
    assert shop.calls == [("propose", "pricing.repricing", "amazon_us", "ATVPDKIKX0DER", SLOT)]


def test_each_automation_is_a_flow_of_its_own_name(shop: FakeApp) -> None:
    (automation,) = shop.automations()
    assert automations.as_flow(automation).name == "pricing.repricing"


def test_a_watch_looks_at_the_breakers_and_asks_the_invariants(shop: FakeApp) -> None:
    assert watch.watch.fn() == {"tripped": 0, "broken": 0}


def test_a_round_recovers_and_expires_before_it_sends(shop: FakeApp) -> None:
    for step in (actions.trip, actions.recover, actions.expire, actions.execute, actions.verify, actions.inbox):
        step.fn()
    assert [c[0] for c in shop.calls] == ["trip", "recover", "expire", "execute", "verify", "process_inbox"]


def test_sending_is_never_retried_reading_and_proposing_are() -> None:
    sending = (actions.trip, actions.recover, actions.expire, actions.execute, actions.verify, actions.inbox)
    assert {step.retries for step in sending} == {0}
    assert actions.act.retries in (None, 0)
    assert ingest.pull_stream.retries == automations.propose_for.retries == 3


@pytest.mark.parametrize(
    ("error", "again"),
    [
        (TransientError("amazon", "searchOrders", "throttled", 2.0), True),
        (StoreError("the database does not answer"), True),
        (AuthFailed("amazon", "token", "refused"), False),
        (OutcomeUnknown("amazon", "patchListingsItem", "no answer"), False),
        (ZeroDivisionError(), False),
    ],
)
def test_only_what_waiting_helps_is_tried_again(error: Exception, again: bool) -> None:
    assert waiting_helps(None, None, Failed(data=error)) is again


def rows(app: FakeApp) -> dict[tuple[str, str], Schedule]:
    return {(r.flow.name, r.name): r for r in table(app)}  # type: ignore[arg-type]  # the fake stands in for App


def test_the_table_has_every_stream_and_every_automation_in_every_place(shop: FakeApp) -> None:
    found = rows(shop)
    offered, look_backs = len(shop.intervals()), 1
    assert len(found) == len(table(shop)) == 7 + offered + look_backs + 3  # type: ignore[arg-type]
    assert found["look-back", "nightly-amazon_us-orders"].at == timedelta(hours=3)
    assert (found["sync", "accounts"].every, found["sync", "accounts"].active) == (timedelta(minutes=1), True)
    assert not any(row.active for (flow, _name), row in found.items() if flow == "pull"), "by hand only"
    assert found["tidy", "daily"].every == timedelta(days=1)
    assert found["pull", "amazon_us-orders"].every == timedelta(minutes=5)
    assert found["pull", "amazon_us-fees"].every == timedelta(minutes=720)
    one = found["pricing.repricing", "amazon_us-ATVPDKIKX0DER"]
    assert one.parameters == {
        "automation": "pricing.repricing",
        "account": "amazon_us",
        "marketplace": "ATVPDKIKX0DER",
    }


def test_every_row_is_an_anchored_interval_and_runs_one_at_a_time(shop: FakeApp) -> None:
    for row in table(shop):  # type: ignore[arg-type]
        made = row.deployment()
        (schedule,) = made.schedules or ()
        assert schedule.schedule.interval == row.every
        assert schedule.schedule.anchor_date.year == 2026
        assert made.concurrency_limit == ONE_AT_A_TIME.limit
        assert made.entrypoint


def test_a_changed_interval_is_followed_and_only_that(shop: FakeApp, monkeypatch: pytest.MonkeyPatch) -> None:
    served, applied, stopped = table(shop), [], threading.Event()  # type: ignore[arg-type]
    looks = iter([[replace(r, every=r.every * 2) if r.name == "amazon_us-orders" else r for r in served], served])
    monkeypatch.setattr(serve, "LOOK_EVERY_S", 0)

    class Deployment:
        def __init__(self, row: Schedule) -> None:
            self.row = row

        def apply(self) -> None:
            applied.append((self.row.name, self.row.every))

    monkeypatch.setattr(Schedule, "deployment", lambda row: Deployment(row))

    def read() -> Any:
        try:
            return next(looks)
        except StopIteration:
            stopped.set()
            raise StoreError("away for a moment") from None

    serve.follow(served, read, stopped)
    assert applied == [("amazon_us-orders", timedelta(minutes=10)), ("amazon_us-orders", timedelta(minutes=5))]
