"""Which strategy prices a listing: the rule lets one, the lab chooses its genes, and both ways in follow it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pricing_facts import ACCOUNT, MARKET, NOON, OURS, SKU, FakeFacts, a_listing, a_page, an_offer, some_limits, usd

from ecom_agent.actions.model import Action, Mode
from ecom_agent.automation import Run
from ecom_agent.ids import Sku
from ecom_agent.records.catalog import ListingStatus
from ecom_agent.records.finance import FeeQuote
from ecom_agent.records.rules import Circumstance, RuleAssignment, RuleBook, RuleVersion
from ecom_agent.records.strategies import Stage, StrategyBook, StrategyPlace, StrategyRecord
from native_pricer.minds import identity
from native_pricer.strategies import Strategy, strategy
from pricing.lab.stages import in_canary
from pricing.repricing import AUTOMATION
from pricing.repricing.inputs import RepricePolicy
from pricing.repricing.lane import Lane
from pricing.repricing.pages import event
from pricing.repricing.strategic import Assignments, named_strategies
from pricing.rules import Library

DEFAULT, TUNED, MATCH = strategy("beat"), strategy("beat", below_minor=7), strategy("match")
PAGE = a_page(an_offer(OURS, 2_000), an_offer("ARIVAL", 1_899))
WE = {"seller_ids": {str(ACCOUNT): OURS}}
KNOWN: dict[str, Any] = {
    "limits": [some_limits(unit_cost=usd(900))],
    "quotes": [FeeQuote(ACCOUNT, MARKET, SKU, usd(2_000), usd(300), usd(320), NOON)],
    "seen": {SKU: Circumstance(usual=usd(2_000))},
}
ALL = {"stages": {"canary_share_bp": 2_000}}


def record(one: Strategy) -> StrategyRecord:
    return StrategyRecord(identity(one), one.species, one.genes, (), NOON)


def place(one: Strategy, stage: Stage) -> StrategyPlace:
    return StrategyPlace(ACCOUNT, MARKET, identity(one), stage, NOON)


def lab(*stages: tuple[Strategy, Stage], **policy: Any) -> StrategyBook:
    return StrategyBook([place(*x) for x in stages], [record(one) for one, _ in stages], policy)


def facts(target: str, book: StrategyBook | None = None, **changes: Any) -> FakeFacts:
    document = f"rule: mine\nclauses: [{{target: {target}}}]"
    rules = RuleBook(
        {"mine": RuleVersion("mine", 1, document, "ann", NOON, "")},
        {"default": RuleAssignment("default", 1, "mine", "ann", NOON, "")},
    )
    given: dict[str, Any] = {"all_listings": [a_listing()], "limits": [some_limits()], "pages": [PAGE]}
    return FakeFacts(**{**given, "book": rules, "strategy_book": book or StrategyBook(), **changes})


def swept(found: FakeFacts) -> list[Action]:
    return list(AUTOMATION.propose(Run(ACCOUNT, MARKET, NOON, Mode.SANDBOX, found, WE, 7, True)))


@pytest.mark.parametrize(
    ("target", "book", "chosen", "price"),
    [
        ("{strategy: beat}", lab(), DEFAULT, 1_898),
        ("{strategy: beat}", lab((TUNED, Stage.LIVE)), TUNED, 1_892),
        ("{strategy: beat}", lab((TUNED, Stage.SHADOW)), DEFAULT, 1_898),
        ("{strategy: beat}", lab((MATCH, Stage.LIVE)), DEFAULT, 1_898),
        ("{strategy: lab}", lab((TUNED, Stage.LIVE)), TUNED, 1_892),
        ("{strategy: lab}", lab((TUNED, Stage.RETIRED)), MATCH, 1_899),
        ("{strategy: lab}", lab(incumbent="beat"), DEFAULT, 1_898),
    ],
)
def test_the_sweep_prices_by_the_strategy_at_work_and_says_its_name(
    target: str, book: StrategyBook, chosen: Strategy, price: int
) -> None:
    (action,) = swept(facts(target, book))
    assert action.after == usd(price)
    assert action.evidence["rule"] == f"strategy {identity(chosen)}"


def learned(lane: Lane, minutes: range) -> bytes | None:
    """What the lane's strategy knows of the rival once it undercut by a cent every ten minutes."""
    for n in minutes:
        at = NOON + timedelta(minutes=10 * n)
        page = a_page(an_offer(OURS, 2_000), an_offer("ARIVAL", 1_899 - n), changed_at=at, seen_at=at)
        lane.engine.on_offers(event(page), at, at)
    return lane.engine.memory(MARKET, SKU)


def test_a_lane_that_begins_anew_goes_on_with_what_its_strategies_knew() -> None:
    def begun(found: FakeFacts) -> Lane:
        lane = Lane(ACCOUNT, OURS, Mode.SANDBOX, RepricePolicy.read({}), 3)
        assert lane.load(found, [MARKET], NOON) == {}
        assert lane.recall(found, NOON) == len(found.memories)
        return lane

    whole = begun(facts("{strategy: rival_model}", **KNOWN))
    half = learned(begun(facts("{strategy: rival_model}", **KNOWN)), range(3))
    assert half is not None
    went_on = begun(facts("{strategy: rival_model}", memories={SKU: half}, **KNOWN))
    assert went_on.engine.memory(MARKET, SKU) == half
    assert learned(went_on, range(3, 6)) == learned(whole, range(6))


def test_another_strategys_memory_is_passed_over() -> None:
    lane = Lane(ACCOUNT, OURS, Mode.SANDBOX, RepricePolicy.read({}), 3)
    found = facts("{strategy: beat}", memories={SKU: b"mind of another"})
    lane.load(found, [MARKET], NOON)
    assert lane.recall(found, NOON) == 0


def test_the_sweep_decides_with_what_the_lane_knew() -> None:
    """A strategy that wrote a moment ago waits in the sweep too; without memory it would write again."""
    found = facts("{strategy: share_first}", **KNOWN)
    before, long_before = NOON - timedelta(minutes=1), NOON - timedelta(hours=1)
    older = a_page(an_offer(OURS, 2_000), changed_at=long_before, seen_at=long_before)
    lane = Lane(ACCOUNT, OURS, Mode.SANDBOX, RepricePolicy.read({}), 3)
    lane.load(facts("{strategy: share_first}", pages=[older], **KNOWN), [MARKET], NOON)
    page = a_page(an_offer(OURS, 2_000), an_offer("ARIVAL", 1_899), changed_at=before, seen_at=before)
    (d,) = lane.engine.on_offers(event(page), before, before)
    assert d.to_minor is not None
    memory = lane.engine.memory(MARKET, SKU)
    assert memory is not None
    assert len(swept(found)) == 1
    assert swept(facts("{strategy: share_first}", memories={SKU: memory}, **KNOWN)) == []


def test_the_lab_never_touches_a_listing_whose_rule_follows_no_strategy() -> None:
    asked = []

    class Asked(FakeFacts):
        def strategies(self, *given: Any) -> StrategyBook:
            asked.append(given)
            return lab((TUNED, Stage.LIVE))

    rule = facts("lowest")
    (action,) = swept(Asked(rule.all_listings, rule.limits, pages=rule.pages, book=rule.book))
    assert action.evidence["rule"] == "lowest +0 %"
    assert asked == []


def test_the_lane_goes_over_to_another_strategy_when_its_place_changes() -> None:
    lane = Lane(ACCOUNT, OURS, Mode.SANDBOX, RepricePolicy.read({}), 3)

    def genes(book: StrategyBook, minutes: float) -> str:
        assert lane.load(facts("{strategy: beat}", book), [MARKET], NOON + timedelta(minutes=minutes)) == {}
        lane.engine.forget(MARKET, PAGE.external_id, "new")
        (d,) = lane.engine.on_offers(event(PAGE), NOON, NOON)
        return d.rule or ""

    assert genes(lab(), 0) == f"strategy {identity(DEFAULT)}"
    assert genes(lab((TUNED, Stage.LIVE)), 0.5) == f"strategy {identity(TUNED)}"
    assert genes(lab((TUNED, Stage.SHADOW)), 1) == f"strategy {identity(DEFAULT)}"


@given(st.text("ABC-0123456789", min_size=1, max_size=12).map(Sku))
def test_a_canary_prices_its_share_of_the_listings_and_the_others_stay(sku: Sku) -> None:
    found = Assignments.of(lab((TUNED, Stage.CANARY), **ALL))
    chosen = found.strategy("beat", sku)
    assert chosen == (TUNED if in_canary(identity(TUNED), sku, 2_000) else DEFAULT)
    assert found.strategy("match", sku) == MATCH
    assert found.strategy(None, sku) is None


SKUS = [Sku(f"SKU-{n}") for n in range(200)]


def test_a_canary_is_judged_by_listings_that_it_may_price() -> None:
    found = Assignments.of(lab((TUNED, Stage.CANARY), (strategy("match"), Stage.LIVE), **ALL))
    named = dict(zip(SKUS, ("beat", "match", "lab", "oscillate") * 50, strict=True))
    ours, others = found.sides(identity(TUNED), named)
    drawn = {sku for sku in SKUS if in_canary(identity(TUNED), sku, 2_000)}
    assert set(ours) | set(others) == {sku for sku, name in named.items() if name in ("beat", "lab")}
    assert set(ours) == drawn & (set(ours) | set(others))
    assert all(found.strategy(named[sku], sku) == TUNED for sku in ours)
    assert all(found.strategy(named[sku], sku) != TUNED for sku in others)
    assert ours
    assert others


def test_listings_of_another_canary_are_on_neither_side() -> None:
    other = strategy("beat", below_minor=9)
    found = Assignments.of(lab((TUNED, Stage.CANARY), (other, Stage.CANARY), **ALL))
    named = dict.fromkeys(SKUS, "beat")
    one, two = found.sides(identity(TUNED), named), found.sides(identity(other), named)
    assert not set(one[0]) & set(two[0])
    assert set(one[1]) == set(two[1]) == set(SKUS) - set(one[0]) - set(two[0])
    assert found.sides("gone-1", named) == ([], [])


def test_only_listings_on_sale_whose_rule_names_a_strategy_count() -> None:
    listings = [
        a_listing(), a_listing(sku=Sku("OFF"), status=ListingStatus.INACTIVE), a_listing(sku=Sku("NONE"), price=None),
    ]  # fmt: skip
    for target, named in (("{strategy: beat}", {SKU: "beat"}), ("{strategy: lab}", {SKU: "lab"}), ("lowest", {})):
        assert named_strategies(listings, Library(facts(target).book), NOON) == named


def test_strategies_that_this_program_does_not_know_or_may_not_use_are_left_out() -> None:
    old = StrategyRecord("beat-old", "beat", (1, 2, 3, 4), (), NOON)
    gone = StrategyRecord("gone-1", "gone", (), (), NOON)
    leader = record(strategy("price_leader", study=True))
    coaxing = record(strategy("rival_model", follow_up=1))
    able = record(strategy("rival_model"))
    everyone = [old, gone, leader, coaxing, able]
    places = [StrategyPlace(ACCOUNT, MARKET, x.id, Stage.LIVE, NOON) for x in everyone]
    found = Assignments.of(StrategyBook(places, everyone))
    assert set(found.members) == {able.id}
    assert found.strategy("beat", SKU) == DEFAULT
