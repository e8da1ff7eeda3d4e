"""Scopes are checked, only persons lift, levels are found by place."""

import pytest
from actions_kit import AUTOMATION, policy, usd, wish

from ecom_agent.actions.actors import as_proposer, is_person, proposed_by_person
from ecom_agent.actions.approval import signatures_needed
from ecom_agent.actions.autonomy import Level, is_small, level_of, with_level
from ecom_agent.actions.halts import checked, may_lift
from ecom_agent.errors import BadInput
from ecom_agent.money import Money


@pytest.mark.parametrize("scope", ["all", "marketplace:a/b", "automation:pricing.repricing", "sku:a/b/C/with/slash"])
def test_known_scopes(scope):
    assert checked(scope) == scope


@pytest.mark.parametrize("scope", ["", "everything", "all:x", "marketplace:a", "sku:a/b", "sku:a//c", "automation:"])
def test_odd_scopes_are_refused(scope):
    with pytest.raises(BadInput):
        checked(scope)


def test_only_a_person_lifts():
    may_lift("anna")
    for by in ("automation:pricing.repricing", "system:verify", "", "person:system:x"):
        with pytest.raises(BadInput):
            may_lift(by)
    assert is_person("anna@shop.example")
    assert proposed_by_person(as_proposer("anna"))
    assert not proposed_by_person(AUTOMATION)


def test_the_nearest_place_decides_and_the_default_is_to_suggest():
    body = {"levels": {AUTOMATION: {"us": "auto", "us/CA": "off", "*": "supervised"}}}
    assert level_of(body, AUTOMATION, "us", "US") is Level.AUTO
    assert level_of(body, AUTOMATION, "us", "CA") is Level.OFF
    assert level_of(body, AUTOMATION, "eu", "DE") is Level.SUPERVISED
    assert level_of(body, "ads.bidding", "us", "US") is Level.SUGGEST
    assert level_of({}, AUTOMATION, "us", "US") is Level.SUGGEST
    assert level_of({"default": "yes please"}, AUTOMATION, "us", "US") is Level.OFF


def test_setting_a_level_leaves_the_rest_alone():
    body = with_level({"default": "suggest", "supervised": {}}, AUTOMATION, "us", "auto")
    assert with_level(body, AUTOMATION, "eu", "off")["levels"] == {AUTOMATION: {"us": "auto", "eu": "off"}}
    assert body["levels"] == {AUTOMATION: {"us": "auto"}}
    with pytest.raises(BadInput):
        with_level(body, AUTOMATION, "us", "always")


def test_without_limits_nothing_is_small():
    assert not is_small(wish(), {})
    assert not is_small(wish(None), {"supervised": {"price_step_share": "1"}})
    assert not is_small(wish(Money.of("20.00", "EUR")), {"supervised": {"price_step_share": "1"}})
    assert is_small(wish(), {"supervised": {"price_step_share": "0.05"}})


def test_a_sum_that_cannot_be_told_takes_two_persons():
    body = policy("guards")
    assert signatures_needed(wish(), body) == 1
    for odd in (wish(None), wish(Money.of("20.00", "EUR")), wish(usd("90.00"))):
        assert signatures_needed(odd, body) == 2
    assert signatures_needed(wish(), {}) == 2
