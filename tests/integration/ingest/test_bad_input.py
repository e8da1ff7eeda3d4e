"""What platforms hand out at their worst: each fault ends in a clear word, and everything else goes on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from five_kit import CHANNELS, Five, account, channels, with_body
from simulated_kit import START

from ecom_agent.connector import Receipt
from ecom_agent.errors import Rejected, TransientError
from ecom_agent.ingest.pull import pull
from ecom_agent.money import Money
from ecom_agent.ports.writes import PriceChange
from ecom_agent.records.orders import Order, OrderStatus
from ecom_agent.store.catalog import ListingStore
from ecom_agent.store.db import Database
from ecom_agent.store.orders import OrderStore
from ecom_agent.store.pulls import RunStore

pytestmark = pytest.mark.services
WALMART = account("walmart")


@pytest.fixture
def five(tmp_path: Path) -> Iterator[Five]:
    with channels(tmp_path, days=0.7) as made:
        yield made


def bring(five: Five, database: Database, name: str, stream: str) -> Any:
    return pull(stream, account(name), five.connectors[name], database, five.clock)


def stored(database: Database, name: str) -> dict[str, Order]:
    with database.unit() as unit:
        found = OrderStore(unit.session).purchased_between(account(name), START, START + timedelta(days=9))
    return {order.order_id: order for order in found}


def asked_for(five: Five) -> int:
    return len([request for request in five.sent("/reportRequests") if request.method == "POST"])


def test_a_truncated_file_is_fetched_again_and_else_told(five: Five, database: Database) -> None:
    bring(five, database, "walmart", "listings")
    torn = 0

    def cut(request: httpx.Request, answer: httpx.Response) -> httpx.Response | None:
        nonlocal torn
        if not answer.content.startswith(b"\x1f\x8b"):
            return None
        torn += 1
        return httpx.Response(200, content=answer.content[: len(answer.content) // 2])

    five.twist = cut
    with pytest.raises(TransientError, match="report"):
        bring(five, database, "walmart", "offers")
    assert torn == 2  # once more by a new link
    assert asked_for(five) == 1
    assert bring(five, database, "walmart", "orders").written > 0
    five.twist = None
    assert bring(five, database, "walmart", "offers").written > 0
    assert asked_for(five) == 1  # the report itself was good


def test_a_report_that_never_finishes_is_told_and_given_up(five: Five, database: Database) -> None:
    bring(five, database, "walmart", "listings")
    five.sim.world.faults.set({"stuck_report": 1.0})
    assert bring(five, database, "walmart", "offers").written == 0
    five.pass_time(minutes=70)
    with pytest.raises(TransientError, match="over an hour"):
        bring(five, database, "walmart", "offers")
    with database.unit() as unit:
        (run,) = [r for r in RunStore(unit.session).last_of_each() if r.stream == "offers"]
        assert "over an hour" in (run.error or "")
    assert bring(five, database, "walmart", "orders").written > 0
    assert asked_for(five) == 1
    five.sim.world.faults.set({})
    five.pass_time(hours=4)
    anew = bring(five, database, "walmart", "offers").written
    five.pass_time(minutes=5)
    assert anew + bring(five, database, "walmart", "offers").written > 0
    assert asked_for(five) == 2


def test_lines_of_a_feed_fail_one_by_one(five: Five, database: Database) -> None:
    bring(five, database, "walmart", "listings")
    with database.unit() as unit:
        listings = [one for one in ListingStore(unit.session).all(WALMART) if one.price is not None]
    changes = [
        PriceChange(one, Money(one.price.minor + 5, "USD"), idempotency_key=one.sku) for one in listings if one.price
    ]
    assert len(changes) > 12
    five.sim.world.faults.set({"failed_feed_lines": 0.5})
    fates = five.connectors["walmart"].set_prices(changes)
    five.sim.world.faults.set({})
    assert len(fates) == len(changes)
    refused = [fate for fate in fates if isinstance(fate, Rejected)]
    taken = [change for change, fate in zip(changes, fates, strict=True) if isinstance(fate, Receipt)]
    assert (bool(refused), bool(taken), len(refused) + len(taken)) == (True, True, len(changes))
    five.pass_time(minutes=20)  # what was taken goes live a little later
    live = five.connectors["walmart"].live_price
    assert all(live(change.listing.sku, change.listing.marketplace) == change.price for change in taken[:3])
    assert all(fate.issues for fate in refused)


@pytest.mark.parametrize("name", CHANNELS)
def test_a_status_that_nobody_knows_is_kept_and_put_right_by_its_next_version(
    five: Five, database: Database, name: str
) -> None:
    five.sim.world.faults.set({"unknown_status": 1.0})
    report = bring(five, database, name, "orders")
    five.sim.world.faults.set({})
    found = stored(database, name)
    odd = [order for order in found.values() if order.status is OrderStatus.UNMAPPED]
    assert (report.quarantined, report.written) == (0, len(found))
    assert odd
    assert all(order.status_raw for order in odd)
    bring(five, database, name, "orders")  # the overlap alone need not show them
    five.pass_time(hours=8)
    bring(five, database, name, "orders")
    left = {o.order_id for o in stored(database, name).values() if o.status is OrderStatus.UNMAPPED}
    assert left <= {order.order_id for order in odd}


@pytest.mark.parametrize("name", CHANNELS)
def test_a_field_that_nobody_knows_is_kept_and_told(five: Five, database: Database, name: str) -> None:
    five.sim.world.faults.set({"extra_fields": 1.0})
    report = bring(five, database, name, "orders")
    assert (report.quarantined, report.written > 0) == (0, True)
    with database.unit() as unit:
        (run,) = RunStore(unit.session).last_of_each()
    assert run.unknown_fields


def test_a_body_that_is_no_json_or_another_shape_moves_nothing(five: Five, database: Database) -> None:
    def broken(request: httpx.Request, answer: httpx.Response) -> httpx.Response | None:
        if not request.url.path.endswith("/v3/orders"):
            return None
        return with_body(answer, lambda _body: {"list": {"elements": {"order": "none"}}})

    five.twist = broken
    with pytest.raises(Exception, match="order") as told:
        bring(five, database, "walmart", "orders")
    assert "Traceback" not in str(told.value)
    five.twist = None
    assert bring(five, database, "walmart", "orders").written > 0
