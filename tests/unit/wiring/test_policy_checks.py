"""What may be stored as business policy, and how a writer is told what is wrong."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
import yaml

from ecom_agent.errors import BadInput
from ecom_agent.store.policies import plain, shipped_policies
from ecom_agent.wiring import policy_checks
from ecom_agent.wiring.policy_checks import check_automation
from pricing.repricing import AUTOMATION

SHIPPED = shipped_policies()
SHOP = policy_checks.Shop(("amazon_us", "shop_main"), [AUTOMATION], ("amazon", "shopify"))


def edited(name: str, path: str, value: Any) -> dict[str, Any]:
    """The shipped policy with one line changed; `...` takes it out."""
    body = copy.deepcopy(SHIPPED[name])
    *sections, last = path.split("/")
    at = body
    for section in sections:
        at = at[section]
    if value is ...:
        del at[last]
    else:
        at[last] = value
    return body


def check(name: str, body: Mapping[str, Any]) -> None:
    policy_checks.check(name, body, SHIPPED[name], SHOP)


@pytest.mark.parametrize("name", SHIPPED)
def test_what_is_shipped_is_right_also_after_a_walk_through_yaml(name: str) -> None:
    check(name, SHIPPED[name])
    check(name, yaml.safe_load(yaml.safe_dump(plain(name, SHIPPED[name]))))


RIGHT = [
    ("streams", "streams/orders", 0),
    ("streams", "accounts", {"amazon_us": {"orders": 2}}),
    ("streams", "default", ...),
    ("autonomy", "levels", {AUTOMATION.name: {"*": "off", "amazon_us/ATVPDKIKX0DER": "auto"}}),
    ("autonomy", "supervised", ...),
    ("guards", "change_rate/step_share", 0.25),
    ("breakers", "moved/most_share", "1"),
    ("guards", "approval/four_eyes_price_change", {"USD": "20", "CHF": "18.50"}),
    ("guards", "quiet_hours/windows", [{"days": ["sat", "sun"], "from": "22:00", "to": "06:00"}]),
    ("guards", "verify/applied_after_min", [1]),
]


@pytest.mark.parametrize(("name", "path", "value"), RIGHT)
def test_a_sellers_own_way_is_taken(name: str, path: str, value: Any) -> None:
    check(name, edited(name, path, value))


WRONG = [
    ("streams", "streams/orders", "often", "stream orders"),
    ("streams", "streams/orders", 2.5, "stream orders"),
    ("streams", "streams/moods", 5, "moods"),
    ("streams", "default", -1, "minutes"),
    ("streams", "accounts", {"amazon_uk": {"orders": 2}}, "amazon_uk"),
    ("streams", "accounts", {"amazon_us": {"order": 2}}, "order"),
    ("streams", "accounts", ["amazon_us"], "streams.accounts"),
    ("streams", "every", 5, "every"),
    ("autonomy", "default", "always", "one of off, suggest"),
    ("autonomy", "levels", {AUTOMATION.name: {"amazon_us": False}}, 'write "off"'),
    ("autonomy", "levels", {"pricing.repricer": {"*": "auto"}}, "pricing.repricer"),
    ("autonomy", "levels", {AUTOMATION.name: {"amazon_uk": "auto"}}, "amazon_uk"),
    ("autonomy", "levels", {AUTOMATION.name: "auto"}, "names with values"),
    ("autonomy", "supervised/stock_units", "many", "stock_units"),
    ("guards", "change_rate", ..., "would deny everything"),
    ("guards", "change_rate/step_share", ..., "would deny everything"),
    ("guards", "change_rate/step_share", "10 %", "step_share"),
    ("guards", "change_rate/step_share", "10", "between 0 and 1"),
    ("guards", "change_rate/step_share", float("nan"), "step_share"),
    ("guards", "change_rate/cooldown_s", True, "whole number"),
    ("guards", "change_rate/cooldown_s", -1, "whole number"),
    ("sending", "write_budget/platforms/ebay", "many", "whole number"),
    ("sending", "write_budget/platforms/etsy", 100, "etsy"),
    ("sending", "write_budget/per_listing", ..., "per_listing"),
    ("sending", "judge_again_s", ..., "judge_again_s"),
    ("sending", "ranking/units_per_day", "some", "number"),
    ("streams", "silent_after_h", 0, "silent_after_h"),
    ("guards", "change_rate/fast", 1, "fast"),
    ("guards", "approval/four_eyes_price_change", {"DOLLAR": "20"}, "DOLLAR"),
    ("guards", "quiet_hours/windows", [{"from": "25:00", "to": "06:00"}], "windows"),
    ("guards", "quiet_hours/timezone", "Europe/Nowhere", "windows"),
    ("breakers", "errors", ..., "would deny everything"),
    ("breakers", "errors/then", "paused", "wanted reducing or halted"),
    ("breakers", "runaway/factor", "0.5", "more than 1"),
    ("breakers", "at_floor/most_share", "50 %", "most_share"),
    ("guards", "quiet_hours/blackouts", [{"from": "2026-11-27"}], "blackouts"),
    ("guards", "verify/applied_after_min", [1, "soon"], r"applied_after_min\[1\]"),
]


@pytest.mark.parametrize(("name", "path", "value", "told"), WRONG)
def test_what_is_wrong_is_named(name: str, path: str, value: Any, told: str) -> None:
    with pytest.raises(BadInput, match=told):
        check(name, edited(name, path, value))


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"target": "cheapest"}, "target"),
        ({"cooldown_s": "soon"}, "cooldown_s"),
        ({"offset_minor": -1}, "exactly one of offset_bp and offset_minor"),
        ({"seller_ids": ["A1"]}, "seller_ids"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_an_automations_policy_is_read_as_the_automation_reads_it(body: dict[str, Any], told: str) -> None:
    check_automation(AUTOMATION, {"offset_minor": -1, "offset_bp": None, "max_step_bp": 500})
    with pytest.raises(BadInput, match=told):
        check_automation(AUTOMATION, body)


def test_without_a_reader_an_automations_policy_has_the_kinds_of_its_defaults() -> None:
    plainer = replace(AUTOMATION, check=None)
    check_automation(plainer, {"cooldown_s": 60})
    for body in ({"cooldown_s": "60"}, {"rivals": {"chanel": "any"}}, {"may_raise": 1}):
        with pytest.raises(BadInput):
            check_automation(plainer, body)
