"""Brakes through the App: how far each account may go, told with every breaker's count; who may tighten and loosen."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from ecom_agent.clock import FrozenClock
from ecom_agent.errors import BadInput
from ecom_agent.wiring import App, build, demo_values, prepare_database

pytestmark = pytest.mark.services
NOW = datetime(2026, 1, 5, 8, tzinfo=UTC)
SCOPE = "account:amazon_us"


@pytest.fixture
def shop(postgres_url: str, tmp_path: Path) -> Iterator[App]:
    """An App nobody calls outside with."""
    prepare_database(postgres_url, NOW)
    app = build(demo_values("http://127.0.0.1:9", postgres_url, tmp_path), FrozenClock(NOW))
    yield app
    app.close()


def states(shop: App) -> dict[str, str]:
    return {view.account: view.state for view in shop.breakers()}


def test_an_account_is_active_until_somebody_stops_it_and_the_tightest_halt_is_told(shop: App) -> None:
    accounts = [name for name, _, _ in shop.accounts()]
    assert states(shop) == dict.fromkeys(accounts, "active")
    assert shop.halt(SCOPE, "anna", "a falling market", "reducing").level == "reducing"
    assert states(shop) == {**dict.fromkeys(accounts, "active"), "amazon_us": "reducing"}
    shop.halt("all", "system:breaker", "stop")
    assert set(states(shop).values()) == {"halted"}
    with pytest.raises(BadInput):
        shop.resume("all", "system:breaker")
    shop.resume("all", "anna")
    assert states(shop)["amazon_us"] == "reducing"
    with pytest.raises(BadInput, match="reducing, halted"):
        shop.halt(SCOPE, "anna", "why", "paused")
    told = [(e.step, e.actor, e.detail.get("level")) for e in shop.audit_events()]
    assert told == [("resumed", "anna", None), ("halted", "system:breaker", "halted"), ("halted", "anna", "reducing")]


def test_every_breaker_is_told_against_its_limit_and_a_trip_is_opened_by_the_look(shop: App) -> None:
    (view,) = (v for v in shop.breakers() if v.account == "amazon_us")
    assert [line.breaker for line in view.lines] == ["errors", "mismatches", "at_floor", "moved", "gaps", "parity"]
    assert not any(line.over for line in view.lines)
    assert shop.trip() == {"tripped": 0}
    with shop.parts.database.unit() as unit:
        for minutes, error in ((400, "NULL"), (200, "'gone'"), (100, "'gone'"), (10, "'gone'")):
            at = f"timestamptz '{NOW.isoformat()}' - interval '{minutes} minutes'"
            unit.session.connection().execute(
                text(
                    "INSERT INTO pull_run (account, stream, started_at, finished_at, error)"
                    f" VALUES ('amazon_us', 'offers', {at}, {at}, {error})"
                )
            )
    assert shop.trip() == {"tripped": 1}
    assert shop.trip() == {"tripped": 0}
    (halt,) = shop.halts()
    assert (halt.scope, halt.level, halt.by) == (SCOPE, "halted", "system:breaker")
    assert "offers last came 400 min ago, 3 tries failed since" in halt.reason
    assert any(x.title == f"Halted: {SCOPE}" for x in shop.overview().exceptions)
    assert shop.audit_verify().ok


def test_while_the_policy_cannot_be_read_that_is_told_and_nothing_trips(shop: App) -> None:
    with shop.parts.database.unit() as unit:
        unit.session.connection().execute(text("UPDATE policy SET body = body - 'errors' WHERE name = 'breakers'"))
    assert {view.gap for view in shop.breakers()} == {"breakers.errors"}
    assert shop.trip() == {"tripped": 0}
    with pytest.raises(BadInput, match="would deny everything"):
        shop.set_policy("breakers", shop.policy("breakers"), "anna")
