"""Faults on demand: each does what its name says, and none touches another's dice."""

from __future__ import annotations

import pytest
from simulated_kit import START, Market

from ecom_agent.errors import BadInput
from platforms.simulated import credentials as demo
from platforms.simulated import faults
from platforms.simulated.dice import Dice
from platforms.simulated.faults import FaultPlan
from platforms.simulated.servers.base import DroppedConnection

SKU = "MUG-STONE-12"


def switch_on(market: Market, **chances: float) -> None:
    assert market.http.post("/_sim/faults", json={"chances": chances}).status_code == 200


def test_presets_and_names_are_read():
    assert faults.read("none") == {}
    assert {*faults.read("all"), "revoked_tokens"} == set(faults.NAMES)
    assert faults.read("lost_events=0.5,throttled") == {"lost_events": 0.5, "throttled": 0.03}
    with pytest.raises(BadInput, match="lost_events"):
        faults.read("lost_event")


@pytest.mark.parametrize("asked", [{"faults": "nonsense"}, {"chances": {"throttled": 2}}, {"chances": {"x": 0.1}}, {}])
def test_faults_that_cannot_be_are_refused(market: Market, asked):
    assert market.http.post("/_sim/faults", json=asked).status_code == 400


def test_deliveries_are_lost_late_doubled_as_asked():
    dice = Dice(1)["faults"]
    plan = FaultPlan({"lost_events": 1.0})
    assert plan.deliveries(START, dice) == []
    plan.set({"duplicate_events": 1.0})
    copies = plan.deliveries(START, dice)
    assert 2 <= len(copies) <= 10
    assert copies[0] == START
    plan.set({"late_events": 1.0})
    assert (plan.deliveries(START, dice)[0] - START).total_seconds() >= 3600
    plan.set({})
    assert plan.deliveries(START, dice) == [START]


def test_a_fault_that_is_off_draws_nothing():
    one, other = Dice(1)["faults"], Dice(1)["faults"]
    FaultPlan({}).deliveries(START, one)
    assert one.random() == other.random()


def test_throttled_and_server_errors_come_with_the_vendors_body(market: Market):
    switch_on(market, throttled=1.0)
    answer = market.sp("GET", "/sellers/v1/marketplaceParticipations")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (429, "QuotaExceeded")
    assert market.shop("{ shop { name } }").json()["errors"][0]["extensions"]["code"] == "THROTTLED"
    switch_on(market, server_error=1.0)
    assert market.sp("GET", "/sellers/v1/marketplaceParticipations").json()["errors"][0]["code"] == "InternalFailure"
    assert market.patch_price(SKU, 30).status_code == 200
    switch_on(market, server_error_on_write=1.0)
    assert market.patch_price(SKU, 31).status_code == 500
    assert [write.price_minor for write in market.world.ledger.writes] == [3000]


def test_a_write_whose_answer_is_dropped_was_done(market: Market):
    switch_on(market, timeout_after_write=1.0)
    with pytest.raises(DroppedConnection):
        market.patch_price(SKU, 30)
    assert [write.price_minor for write in market.world.ledger.writes] == [3000]
    market.pass_time(minutes=3)
    assert market.live_price(SKU) == "30.00"


def test_a_price_that_is_never_applied(market: Market):
    switch_on(market, not_applied=1.0)
    before = market.live_price(SKU)
    assert market.patch_price(SKU, 30).json()["status"] == "ACCEPTED"
    market.pass_time(minutes=10)
    assert market.live_price(SKU) == before


def test_a_token_that_dies_early(market: Market):
    switch_on(market, expiring_tokens=1.0)
    answer = market.sp("GET", "/sellers/v1/marketplaceParticipations")
    assert (answer.status_code, "expired" in answer.text) == (403, True)


def test_poison_and_unknown_fields_in_a_page(market: Market):
    market.pass_time(hours=4)
    switch_on(market, poison_record=1.0, extra_fields=1.0)
    query = {"lastUpdatedAfter": START.isoformat()}
    orders = market.sp("GET", "/orders/2026-01-01/orders", params=query).json()["orders"]
    assert sum(not isinstance(order["orderItems"], list) for order in orders) == 1
    assert all("addedLately" in order for order in orders)


def test_a_silenced_page_stays_silent():
    plan = FaultPlan({"silent_asins": 0.5})
    told = [plan.silences(f"B{n:09}", 7) for n in range(60)]
    assert told == [plan.silences(f"B{n:09}", 7) for n in range(60)]
    assert 15 < sum(told) < 45


def test_faults_survive_in_the_state(market: Market):
    switch_on(market, lost_events=0.25)
    assert market.http.get("/_sim/state").json()["faults"] == {"lost_events": 0.25}
    assert demo.demo_environment("http://x/")["ECOM_AMAZON_US__BASE_URL"] == "http://x/sp-api"


def test_time_moves_forward_only(market: Market):
    assert market.http.post("/_sim/advance", json={"to": "2020-01-01T00:00:00Z"}).status_code == 409
    assert market.http.post("/_sim/advance", json={"to": "soon"}).status_code == 400
