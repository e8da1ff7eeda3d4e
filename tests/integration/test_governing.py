"""Business policy through the App: only persons change it, checked before it is stored, each change in the audit."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from ecom_agent.clock import FrozenClock
from ecom_agent.errors import BadInput, NotFound
from ecom_agent.store.policies import PolicyStore
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


def older(shop: App, name: str, by: str, *lines: str) -> dict[str, Any]:
    """The policy as a program that did not know these lines yet seeded it, and a person edited it since."""
    body = copy.deepcopy(dict(shop.policy(name)))
    for line in lines:
        section, _, last = line.rpartition(".")
        del (body[section] if section else body)[last]
    with shop.parts.database.unit() as unit:
        unit.session.execute(text("DELETE FROM policy WHERE name = :name"), {"name": name})
        PolicyStore(unit.session).set(name, {"seeded": 0}, "shipped", at=NOW)
        PolicyStore(unit.session).set(name, body, by, at=NOW)
    return body


def test_missing_lines_are_offered_and_taken_over_by_a_person_only(shop: App) -> None:
    assert (list(shop.policy_offers()), list(shop.policy_news())) == ([], [])
    body = older(shop, "guards", "anna", "approval.message_persons")
    body["change_rate"]["step_share"] = "0.02"
    with shop.parts.database.unit() as unit:
        PolicyStore(unit.session).set("guards", body, "anna", at=NOW)
    (found,) = shop.policy_offers()
    assert [(line.place, line.wanted) for line in found.lines] == [("guards.approval.message_persons", 1)]
    assert (found.refuses, found.version, found.by) == (True, 3, "anna")
    (line,) = shop.policy_news()
    assert "ecom policy take guards" in line
    (warned,) = (e for e in shop.overview().exceptions if e.screen == "policies")
    assert (warned.severity, warned.detail) == ("warning", found.says)
    for by in ("system:schedules", "automation:pricing.repricing"):
        with pytest.raises(BadInput, match="a person"):
            shop.take_policy_offer("guards", 3, by)
    with pytest.raises(BadInput, match="version 3"):
        shop.take_policy_offer("guards", 2, "ben")
    assert not shop.audit_events()
    assert shop.take_policy_offer("guards", 3, "ben") == 4
    assert shop.policy("guards")["approval"]["message_persons"] == 1
    assert shop.policy("guards")["change_rate"]["step_share"] == "0.02"
    (event,) = shop.audit_events()
    assert (event.actor, dict(event.detail)["taken"]) == ("ben", ["guards.approval.message_persons"])
    assert list(shop.policy_offers()) == []
    for name in ("guards", REPRICING):
        with pytest.raises(NotFound, match="nothing is offered"):
            shop.take_policy_offer(name, 4, "ben")


def test_an_offer_that_would_not_be_fit_names_the_line_and_stores_nothing(shop: App) -> None:
    body = older(shop, "guards", "anna", "approval.message_persons")
    with shop.parts.database.unit() as unit:
        PolicyStore(unit.session).set("guards", {**body, "stock_band": {"most_units": "many"}}, "anna", at=NOW)
    with pytest.raises(BadInput, match="most_units"):
        shop.take_policy_offer("guards", 3, "ben")
    assert ("guards", 3, "anna") in shop.policies()
