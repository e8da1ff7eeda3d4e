"""Prices for companies follow the consumer price: with its moves, and by themselves where the rule's plan is new."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson
import pytest
from pricing_facts import (
    ACCOUNT,
    ASIN,
    MARKET,
    NOON,
    OURS,
    SKU,
    FakeFacts,
    a_listing,
    a_page,
    an_offer,
    some_limits,
    usd,
)

from ecom_agent.actions import business
from ecom_agent.actions.model import Action, Mode
from ecom_agent.automation import Run
from ecom_agent.records.business import NOT_OFFERED, BusinessPrices
from ecom_agent.records.catalog import Listing, SalePrice
from ecom_agent.records.rules import Circumstance, RuleAssignment, RuleBook, RuleVersion
from pricing.repricing import AUTOMATION
from pricing.repricing.inputs import RepricePolicy
from pricing.repricing.lane import Lane

RULE = "rule: mine\nbusiness: {discount: 2 %, tiers: {5: 4 %, 10: 6 %}}\nclauses: [{target: lowest, offset: -1 %}]\n"
BOOK = RuleBook(
    {"mine": RuleVersion("mine", 1, RULE, "ann", NOON, "")},
    {"default": RuleAssignment("default", 1, "mine", "ann", NOON, "")},
)
CHEAPER = a_page(an_offer(OURS, 2_000), an_offer("ARIVAL", 1_899))
ALONE = a_page(an_offer(OURS, 2_000))
FORMER = BusinessPrices(usd(1_950), ((5, usd(1_900)), (10, usd(1_850))))


def _price(amount: float) -> dict[str, Any]:
    return {"Amount": amount, "CurrencyCode": "USD"}


NOTICE = orjson.dumps(
    {
        "NotificationType": "ANY_OFFER_CHANGED",
        "NotificationMetadata": {"NotificationId": "n-1"},
        "Payload": {
            "AnyOfferChangedNotification": {
                "OfferChangeTrigger": {
                    "MarketplaceId": MARKET,
                    "ASIN": ASIN,
                    "ItemCondition": "New",
                    "TimeOfOfferChange": "2026-03-01T12:00:00Z",
                },
                "Summary": {"BuyBoxPrices": []},
                "Offers": [
                    {"SellerId": seller, "ListingPrice": _price(amount), "Shipping": _price(0.0)}
                    for seller, amount in ((OURS, 20.0), ("ARIVAL", 18.99))
                ],
            }
        },
    }
)


def facts(listing: Listing, page: Any = CHEAPER, **more: Any) -> FakeFacts:
    return FakeFacts([listing], [some_limits()], (), [page], book=BOOK, **more)


def sweep(found: FakeFacts) -> list[Action]:
    return list(
        AUTOMATION.propose(Run(ACCOUNT, MARKET, NOON, Mode.SANDBOX, found, {"seller_ids": {str(ACCOUNT): OURS}}, 7))
    )


def in_lane(found: FakeFacts) -> list[Action]:
    lane = Lane(ACCOUNT, OURS, Mode.SANDBOX, RepricePolicy.read({}), 3)
    lane.load(FakeFacts(found.all_listings, found.limits, book=found.book), [MARKET], NOON)
    return list(lane.actions(lane.on_event(NOTICE, NOON + timedelta(seconds=5))))


@pytest.mark.parametrize("way", [sweep, in_lane])
def test_a_move_takes_them_along_where_the_plan_stands_already(way: Any) -> None:
    (action,) = way(facts(a_listing(business=FORMER)))
    assert (action.before, action.after) == (usd(2_000), usd(1_880))
    assert business.wished(action) == BusinessPrices(usd(1_843), ((5, usd(1_805)), (10, usd(1_768))))
    assert business.former(action) == FORMER
    assert "companies: 1+: 18.43 USD, 5+: 18.05 USD, 10+: 17.68 USD" in action.reason


@pytest.mark.parametrize("way", [sweep, in_lane])
@pytest.mark.parametrize("shown", [None, NOT_OFFERED, BusinessPrices(usd(1_950))])
def test_a_move_never_waits_for_a_new_plan(way: Any, shown: BusinessPrices | None) -> None:
    (action,) = way(facts(a_listing(business=shown)))
    assert not business.says_any(action)
    assert action.after == usd(1_880)


@pytest.mark.parametrize("way", [sweep, in_lane])
def test_a_move_never_waits_for_a_plan_that_is_far_off(way: Any) -> None:
    deep = RULE.replace("10: 6 %", "10: 30 %")
    book = RuleBook({"mine": RuleVersion("mine", 1, deep, "ann", NOON, "")}, BOOK.assignments)
    found = facts(a_listing(business=FORMER))
    (action,) = way(FakeFacts(found.all_listings, found.limits, (), found.pages, book=book))
    assert (action.after, business.says_any(action)) == (usd(1_880), False)


def test_a_new_plan_is_wished_for_alone() -> None:
    (action,) = sweep(facts(a_listing(business=NOT_OFFERED), ALONE))
    assert action.before == action.after == usd(2_000)
    assert business.wished(action) == BusinessPrices(usd(1_960), ((5, usd(1_920)), (10, usd(1_880))))
    assert business.former(action) == NOT_OFFERED


def test_nothing_is_wished_for_where_they_pay_that_or_none_can_be_set() -> None:
    as_it_should_be = BusinessPrices(usd(1_960), ((5, usd(1_920)), (10, usd(1_880))))
    assert sweep(facts(a_listing(business=as_it_should_be), ALONE)) == []
    assert sweep(facts(a_listing(), ALONE)) == []


def test_what_may_not_be_shown_yet_is_not_wished_for_again() -> None:
    def wishes(shown: BusinessPrices, changed_minutes_ago: int) -> int:
        changed = {SKU: Circumstance(changed_at=NOON - timedelta(minutes=changed_minutes_ago))}
        return len(sweep(facts(a_listing(business=shown), ALONE, seen=changed)))

    assert wishes(FORMER, 50) == 0, "the record is an hour old: our change may be what it lacks"
    assert wishes(FORMER, 60) == 1
    assert wishes(NOT_OFFERED, 50) == 1, "moves carry no new plan"


@pytest.mark.parametrize("way", [sweep, in_lane])
def test_while_a_sale_runs_the_listing_is_left_alone(way: Any) -> None:
    day = timedelta(days=1)
    assert way(facts(a_listing(sale=SalePrice(usd(1_500), NOON - day, NOON + day)))) == []
    assert len(way(facts(a_listing(sale=SalePrice(usd(1_500), NOON + day, None))))) == 1


def test_the_lane_says_why_a_listing_on_sale_stays_as_it_is() -> None:
    lane = Lane(ACCOUNT, OURS, Mode.SANDBOX, RepricePolicy.read({}), 3)
    listing = a_listing(sale=SalePrice(usd(1_500), None, None))
    problems = lane.load(FakeFacts([listing], [some_limits()], book=BOOK), [MARKET], NOON)
    assert problems[MARKET, SKU] == "a sale at 15.00 USD runs for good: buyers would not see another price"
