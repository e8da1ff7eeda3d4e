"""Business policy through the App: only persons change it, checked before it is stored, each change in the audit."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ecom_agent.clock import FrozenClock
from ecom_agent.errors import BadInput, NotFound
from ecom_agent.wiring import App, build, demo_values, prepare_database

pytestmark = pytest.mark.services
NOW = datetime(2026, 1, 5, 8, tzinfo=UTC)
REPRICING = "pricing.repricing"


@pytest.fixture
def shop(postgres_url: str, tmp_path: Path) -> Iterator[App]:
    """An App nobody calls outside with."""
    prepare_database(postgres_url, NOW)
    app = build(demo_values("http://127.0.0.1:9", postgres_url, tmp_path), FrozenClock(NOW))
    yield app
    app.close()


def edited(shop: App, name: str, **lines: Any) -> dict[str, Any]:
    return {**shop.policy(name), **lines}


def test_everything_that_can_be_governed_is_listed(shop: App) -> None:
    listed = {name: (version, by) for name, version, by in shop.policies()}
    assert listed[REPRICING] == (0, "shipped")
    assert {name: listed[name] for name in ("autonomy", "guards", "streams")} == dict.fromkeys(
        ("autonomy", "guards", "streams"), (1, "shipped")
    )
    for name in listed:
        assert shop.policy(name)


def test_a_change_is_in_force_at_once_and_in_the_audit_once(shop: App) -> None:
    wanted = edited(shop, "streams", accounts={"amazon_us": {"orders": 2}})
    assert shop.set_policy("streams", wanted, "anna") == 2
    assert shop.set_policy("streams", wanted, "anna") == 2
    assert ("amazon_us", "orders", 2) in shop.streams()
    assert ("streams", 2, "anna") in shop.policies()
    (event,) = shop.audit_events()
    assert (event.step, event.actor, dict(event.detail)) == ("policy set", "anna", {"name": "streams", "version": 2})
    assert shop.audit_verify().ok


def test_rates_and_fee_tables_are_read_before_they_are_kept(shop: App) -> None:
    rate = {"base": "EUR", "quote": "USD", "rate": "1.0842", "on": "2026-01-02", "source": "ECB"}
    assert shop.set_policy("fx", {"rates": [rate]}, "anna") == 2
    with pytest.raises(BadInput, match=r"fx\.rates\[0\]"):
        shop.set_policy("fx", {"rates": [{**rate, "rate": "-1"}]}, "anna")
    with pytest.raises(BadInput, match="referral is missing"):
        shop.set_policy("fees", {"tables": [{"currency": "USD"}]}, "anna")
    assert shop.wars() == []


def test_an_automations_policy_may_be_said_in_part(shop: App) -> None:
    assert shop.set_policy(REPRICING, {"cooldown_s": 600}, "anna") == 1
    assert (shop.policy(REPRICING)["cooldown_s"], shop.policy(REPRICING)["target"]) == (600, "lowest")
    assert shop.set_policy(REPRICING, shop.policy(REPRICING), "anna") == 2


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("streams", {"default": "often"}),
        ("autonomy", {"default": "always"}),
        ("guards", {"change_rate": {}}),
        ("allocation", {"mode": "both"}),
        (REPRICING, {"target": "cheapest"}),
        (REPRICING, {"seller_ids": {1, 2}}),
    ],
)
def test_what_is_wrong_is_refused_and_nothing_is_stored(shop: App, name: str, lines: dict[str, Any]) -> None:
    before = shop.policy(name), shop.policies()
    with pytest.raises(BadInput):
        shop.set_policy(name, edited(shop, name, **lines), "anna")
    assert (shop.policy(name), shop.policies()) == before
    assert not shop.audit_events()


def test_software_changes_no_policy_and_an_unknown_name_is_told_the_known(shop: App) -> None:
    for by in ("system:schedules", "automation:pricing.repricing", " "):
        with pytest.raises(BadInput, match="a person"):
            shop.set_policy("streams", shop.policy("streams"), by)
    for asked in (lambda: shop.policy("margins"), lambda: shop.set_policy("margins", {}, "anna")):
        with pytest.raises(NotFound, match=r"allocation, autonomy, .*fees, fx, guards, .*streams"):
            asked()


def test_levels_set_one_by_one_and_as_a_whole_are_the_same_policy(shop: App) -> None:
    shop.set_autonomy(REPRICING, "amazon_us", "auto", "anna")
    body = shop.policy("autonomy")
    assert body["levels"] == {REPRICING: {"amazon_us": "auto"}}
    shop.set_policy("autonomy", {**body, "levels": {REPRICING: {"*": "off"}}}, "ben")
    levels = shop.autonomy()
    assert {level for name, level in levels.items() if name.startswith(REPRICING)} == {"off"}
