"""The live engine decides by a listing's rule: on events, in the sweep, and for listings that have no rivals."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pricing_facts import ACCOUNT, MARKET, NOON, OURS, SKU, FakeFacts, a_listing, a_page, an_offer, some_limits, usd

from ecom_agent.actions.model import Action, Mode
from ecom_agent.automation import Run
from ecom_agent.money import Money
from ecom_agent.records.catalog import ListingStatus
from ecom_agent.records.finance import FeeQuote
from ecom_agent.records.rules import Circumstance, RuleAssignment, RuleBook, RuleVersion
from ecom_agent.records.stock import StockLevel
from native_pricer import Engine, ListingConfig
from native_pricer.strategies import strategy
from pricing.repricing import AUTOMATION
from pricing.repricing.inputs import RepricePolicy
from pricing.repricing.lane import CIRCUMSTANCES_EVERY, Lane
from pricing.repricing.ruled import ANEW_MINUTES, open_desk

PLACE = (ACCOUNT, MARKET, SKU)
PAGE = a_page(an_offer(OURS, 2_000), an_offer("ARIVAL", 1_899))
WE = {"seller_ids": {str(ACCOUNT): OURS}}


def book(lines: str, scope: str = "default") -> RuleBook:
    document = f"rule: mine\n{lines}"
    return RuleBook(
        {"mine": RuleVersion("mine", 1, document, "ann", NOON, "")},
        {scope: RuleAssignment(scope, 1, "mine", "ann", NOON, "")},
    )


def facts(rule_lines: str, **changes: Any) -> FakeFacts:
    given: dict[str, Any] = {"all_listings": [a_listing()], "limits": [some_limits()], "pages": [PAGE]}
    return FakeFacts(**{**given, "book": book(rule_lines), **changes})


def sweep(found: FakeFacts, *, shows_offers: bool = True, policy: dict[str, Any] = WE) -> list[Action]:
    run = Run(ACCOUNT, MARKET, NOON, Mode.SANDBOX, found, policy, 7, shows_offers)
    return list(AUTOMATION.propose(run))


def after(found: FakeFacts, **more: Any) -> list[Money]:
    return [a.after for a in sweep(found, **more) if isinstance(a.after, Money)]


def test_the_sweep_decides_by_the_rule_and_names_the_clause() -> None:
    rule = "clauses:\n  - {name: a, when: {buy_box: held}, target: own}\n  - {name: b, target: lowest, offset: -1 %}\n"
    (action,) = sweep(facts(rule))
    assert action.after == usd(1_880)
    assert action.evidence["clause"] == "mine/b"


def test_another_scopes_rule_leaves_a_listing_to_the_policy() -> None:
    found = facts("", book=book("clauses: [{target: lowest, offset: -5 %}]", "sku:amazon_us/ATVPDKIKX0DER/OTHER"))
    assert after(found) == [usd(1_889)]


def test_a_rule_narrows_the_band_that_the_engine_guards() -> None:
    assert after(facts("limits: {min: {amount: 19.50}}\nclauses: [{target: lowest, offset: -10 %}]")) == [usd(1_950)]
    assert after(facts("limits: {min: {amount: 10.00}}\nclauses: [{target: lowest, offset: -10 %}]")) == [usd(1_800)]
    assert after(facts("limits: {max: {amount: 19.90}}\nclauses: [{target: own, offset: +5 %}]")) == [usd(1_990)]
    assert after(facts("limits: {min: {margin: 10 %}}\nclauses: [{target: lowest, offset: -10 %}]")) == []


@pytest.mark.parametrize(
    "rule",
    [
        "clauses: [{target: lowest, offset: -0.01 EUR}]",
        "reference: 1.005\nclauses: [{target: lowest}]",
        "clauses: [{target: lowst}]",
    ],
)
def test_a_listing_whose_rule_cannot_be_run_is_left_alone(rule: str) -> None:
    assert sweep(facts(rule)) == []
    lane = Lane(ACCOUNT, OURS, Mode.SANDBOX, RepricePolicy.read({}), 3)
    problems = lane.load(facts(rule), [MARKET], NOON)
    assert "rule mine" in problems[MARKET, SKU]


def test_a_pause_is_kept_from_the_last_change_on() -> None:
    rule = "pause: 1 day\nclauses: [{target: own, offset: -2 %}]"
    assert after(facts(rule, seen={SKU: Circumstance(changed_at=NOON - timedelta(hours=20))})) == []
    assert after(facts(rule, seen={SKU: Circumstance(changed_at=NOON - timedelta(hours=25))})) == [usd(1_960)]


def test_stock_and_sales_decide_where_there_are_no_rivals() -> None:
    rule = (
        "clauses:\n  - {name: scarce, when: {days_of_cover: below 14 days}, target: own, offset: +3 %}\n"
        "  - {name: slow, when: {velocity: below 0.5 a day}, target: own, offset: -2 %}\n"
    )
    long = {"sales_known_days": 100, "first_seen_at": NOON - timedelta(days=100)}
    levels = [StockLevel(ACCOUNT, MARKET, SKU, "FBA", None, 20, 0, 0, 0, NOON, NOON)]
    shop: dict[str, Any] = {"pages": [], "levels": levels}
    found = facts(rule, seen={SKU: Circumstance(28, 60, **long)}, **shop)
    assert after(found, shows_offers=False, policy={}) == [usd(2_060)]
    assert after(found) == []  # where rivals are shown, a page that is not known yet is no page without rivals
    slow = facts(rule, seen={SKU: Circumstance(0, 3, **long)}, **shop)
    assert after(slow, shows_offers=False) == [usd(1_960)]
    assert after(facts(rule, seen={}, **shop), shows_offers=False) == []
    assert after(facts("", book=RuleBook(), **shop), shows_offers=False) == []


def test_a_listing_that_was_taken_down_is_led_back_by_a_clause_that_asks_for_it_and_by_no_other() -> None:
    rule = (
        "reference: 21.00\nclauses:\n  - {name: down, when: {status: deactivated}, target: reference}\n"
        "  - {name: usual, target: lowest, offset: -5 %}\n"
    )
    down = [a_listing(status=ListingStatus.INACTIVE)]
    assert after(facts(rule, all_listings=down)) == [usd(2_100)]
    assert after(facts("clauses: [{target: lowest, offset: -5 %}]", all_listings=down)) == []
    assert after(facts(rule, all_listings=[a_listing(status=ListingStatus.DELETED)])) == []


def test_sleep_follows_the_rules_own_clock() -> None:
    """Noon in UTC is seven in the morning in New York."""
    rule = "time_zone: America/New_York\nsleep: [06:00 to 08:00]\nclauses: [{target: lowest}]"
    assert after(facts(rule)) == []
    assert after(facts(rule.replace("America/New_York", "UTC"))) == [usd(1_899)]


def test_no_rival_that_matches_never_means_a_lower_price() -> None:
    for without, expected in (("hold", []), ("raise 1 %", [usd(2_020)])):
        rule = f"rivals: {{only: NOBODY}}\nclauses: [{{target: lowest, offset: -10 %, without: {without}}}]"
        assert after(facts(rule)) == expected


def test_the_lane_runs_the_same_rule_and_asks_for_sales_once_in_a_while() -> None:
    asked = []

    class Counting(FakeFacts):
        def circumstances(self, *given: Any, **more: Any) -> Any:
            asked.append(more["usual"])
            return super().circumstances(*given, **more)

    rule = "clauses: [{name: b, target: reference, offset: match}]"
    found = Counting(
        [a_listing()], [some_limits()], (), [PAGE], book=book(rule), seen={SKU: Circumstance(usual=usd(2_050))}
    )
    lane = Lane(ACCOUNT, OURS, Mode.SANDBOX, RepricePolicy.read({}), 3)
    for minutes in (0, 1, 14):
        lane.load(found, [MARKET], NOON + timedelta(minutes=minutes))
    assert asked == [True]
    lane.load(found, [MARKET], NOON + CIRCUMSTANCES_EVERY)
    assert asked == [True, True]
    desk = open_desk(found, ACCOUNT, MARKET, policy=RepricePolicy.read({}), seller_id=OURS, now=NOON, mode="sandbox")
    ruled = desk.ruled(a_listing())
    assert ruled is not None
    assert ruled.facts.reference_minor == 2_050
    why = lane.engine.explain(MARKET, SKU, None, NOON)
    assert why.clause == "mine/b"


def test_the_engine_is_told_again_only_of_what_is_new() -> None:
    class Counting(Engine):
        told = 0

        def configure(self, listing: ListingConfig) -> None:
            self.told += 1
            super().configure(listing)

    engine = Counting()
    lane = Lane(ACCOUNT, OURS, Mode.SANDBOX, RepricePolicy.read({}), 3, engine)
    rule = "clauses: [{target: lowest, offset: -1 %}]"
    found = facts(rule)

    def load(minutes: float, **changes: Any) -> int:
        before = engine.told
        lane.load(replace(found, **changes), [MARKET], NOON + timedelta(minutes=minutes))
        return engine.told - before

    assert load(0) == 1
    assert load(0.5) == 0
    assert load(0.5, limits=[some_limits(hard_min=usd(1_500))]) == 1
    assert load(0.5, limits=[some_limits(hard_min=usd(1_500))], book=book(rule.replace("-1 %", "-2 %"))) == 1
    assert load(0.5) == 1
    assert load(0.5, all_listings=[a_listing(price=usd(1_950))]) == 1
    assert load(0.5, all_listings=[]) == 0
    assert load(0.5) == 1, "a listing that came back is told of again"
    assert sum(load(minutes) for minutes in range(1, 61)) == 60 // ANEW_MINUTES


def test_a_strategy_is_named_by_the_rule_and_gets_the_costs_of_a_unit() -> None:
    quote = FeeQuote(ACCOUNT, MARKET, SKU, usd(2_000), usd(300), usd(320), NOON)
    found = facts(
        "clauses: [{target: {strategy: beat}}]",
        limits=[some_limits(unit_cost=usd(700), ad_cost=usd(50))],
        quotes=[quote],
    )
    desk = open_desk(found, ACCOUNT, MARKET, policy=RepricePolicy.read({}), seller_id=OURS, now=NOON, mode="sandbox")
    ruled = desk.ruled(a_listing())
    assert ruled is not None
    assert ruled.cfg.strategy == strategy("beat")
    assert (ruled.facts.unit_cost_minor, ruled.facts.fee_bp) == (700 + 50 + 320, 1_500)
    assert after(found) == [usd(1_898)]
