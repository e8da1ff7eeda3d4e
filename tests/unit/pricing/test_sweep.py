"""The sweep: newest offers known → Actions."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pricing_facts import ACCOUNT, MARKET, NOON, OURS, FakeFacts, a_listing, a_page, an_offer, some_limits, usd

from ecom_agent.actions.model import Action, Kind, Mode
from ecom_agent.automation import Run
from ecom_agent.errors import BadInput
from ecom_agent.ids import Sku
from ecom_agent.money import Money
from ecom_agent.records.catalog import ListingStatus
from ecom_agent.records.finance import FeeQuote
from native_pricer import Code
from native_pricer import Kind as Outcome
from pricing.repricing import AUTOMATION
from pricing.repricing.decide import decide
from pricing.repricing.inputs import PriceInputs, RepricePolicy, lowest_price

SLOT = NOON + timedelta(minutes=10)
WE = {"seller_ids": {str(ACCOUNT): OURS}}
PAGE = a_page(an_offer(OURS, 2_000), an_offer("ARIVAL", 1_899))


def sweep(facts: FakeFacts, **policy: Any) -> list[Action]:
    run = Run(ACCOUNT, MARKET, SLOT, Mode.SANDBOX, facts, WE | policy, 7)
    return list(AUTOMATION.propose(run))


def test_a_silent_page_is_repriced_with_its_reason() -> None:
    (action,) = sweep(FakeFacts([a_listing()], [some_limits()], (), [PAGE]))
    assert (action.kind, action.before, action.after) == (Kind.PRICE_SET, usd(2_000), usd(1_889))
    assert action.reason == "lowest rival 18.99 USD landed, lowest -0.5 %, floor 14.00 USD"
    assert (action.slot, action.mode, action.policy_version) == (SLOT, Mode.SANDBOX, 7)
    assert action.evidence["rival_landed_minor"] == 1_899
    assert action.evidence["floor_minor"] == 1_400
    assert action.proposed_by == AUTOMATION.name


def test_the_same_facts_give_the_same_wishes() -> None:
    facts = FakeFacts([a_listing()], [some_limits()], (), [PAGE])
    assert [a.key for a in sweep(facts)] == [a.key for a in sweep(facts)]


def test_the_floor_counts_fees_and_margin() -> None:
    limits = some_limits(unit_cost=usd(1_200), min_margin=usd(100))
    quote = FeeQuote(ACCOUNT, MARKET, limits.sku, usd(2_000), usd(300), usd(320), NOON)
    (action,) = sweep(FakeFacts([a_listing()], [limits], [quote], [PAGE]))
    assert action.after == usd(1_906)  # (12.00 + 1.00 + 3.20) / (1 - 15 %), rounded up
    assert action.evidence["clamp"] == "floor"


@pytest.mark.parametrize(
    "facts",
    [
        FakeFacts([a_listing()], [], (), [PAGE]),
        FakeFacts([a_listing()], [some_limits(hard_min=None)], (), [PAGE]),
        FakeFacts([a_listing()], [some_limits(hard_min=usd(4_000))], (), [PAGE]),
        FakeFacts([a_listing()], [some_limits(currency="EUR")], (), [PAGE]),
        FakeFacts([a_listing(status=ListingStatus.INACTIVE)], [some_limits()], (), [PAGE]),
        FakeFacts([a_listing(price=None)], [some_limits()], (), [PAGE]),
        FakeFacts([a_listing(external_id="B0OTHER")], [some_limits()], (), [PAGE]),
        FakeFacts([a_listing(condition="used")], [some_limits()], (), [PAGE]),
        FakeFacts([a_listing()], [some_limits()], (), []),
        FakeFacts([a_listing()], [some_limits()], (), [a_page(an_offer(OURS, 2_000))]),
        FakeFacts(
            [a_listing()],
            [some_limits()],
            (),
            [a_page(an_offer(OURS, 2_000), an_offer("R", 1_899, listing_price=Money(1_899, "EUR")))],
        ),
    ],
)
def test_no_wish_where_none_is_due(facts: FakeFacts) -> None:
    assert sweep(facts) == []


def test_offers_seen_too_long_ago_move_nothing() -> None:
    old = a_page(*PAGE.offers, seen_at=SLOT - timedelta(hours=3))
    facts = FakeFacts([a_listing()], [some_limits()], (), [old])
    assert sweep(facts) == []
    assert len(sweep(facts, max_sweep_age_s=4 * 3_600)) == 1


def test_a_page_that_changed_long_ago_but_was_seen_now_counts() -> None:
    quiet = a_page(*PAGE.offers, changed_at=NOON - timedelta(days=3))
    assert len(sweep(FakeFacts([a_listing()], [some_limits()], (), [quiet]))) == 1


def test_one_bad_page_does_not_stop_the_next() -> None:
    mixed = a_page(an_offer("R", 1_899, listing_price=Money(1_899, "EUR")), an_offer("S", 1_800), external_id="B0BAD")
    bad = a_listing(sku=Sku("SKU-0"), external_id="B0BAD")
    facts = FakeFacts([bad, a_listing()], [some_limits(), some_limits(sku=Sku("SKU-0"))], (), [mixed, PAGE])
    assert [a.target for a in sweep(facts)] == ["SKU-1"]


def test_without_our_merchant_id_nothing_is_proposed() -> None:
    run = Run(ACCOUNT, MARKET, SLOT, Mode.SANDBOX, FakeFacts([a_listing()], [some_limits()], (), [PAGE]), {}, 1)
    with pytest.raises(BadInput, match="seller_ids"):
        list(AUTOMATION.propose(run))
    shop = Run(ACCOUNT, MARKET, SLOT, Mode.SANDBOX, FakeFacts([a_listing()], [some_limits()]), {}, 1)
    assert list(AUTOMATION.propose(shop)) == []


def test_decide_says_why_not() -> None:
    policy = RepricePolicy.read(WE)
    held = decide(
        PriceInputs(a_listing(), None, lowest_price(None, None), PAGE, OURS, SLOT),
        policy,
    )
    assert (held.kind, held.code) == (Outcome.REJECT, Code.NO_FLOOR)
    elsewhere = a_listing(external_id="B0OTHER")
    with pytest.raises(ValueError, match="page"):
        decide(PriceInputs(elsewhere, None, lowest_price(None, None), PAGE, OURS, SLOT), policy)


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"targt": "lowest"}, "targt"),
        ({"target": "cheapest"}, "target"),
        ({"offset_bp": -50, "offset_minor": -1}, "offset"),
        ({"offset_bp": "-50"}, "offset_bp"),
        ({"may_raise": "yes"}, "may_raise"),
        ({"max_step_bp": 20_000}, "max_step_bp"),
        ({"cooldown_s": -1}, "cooldown_s"),
        ({"max_sweep_age_s": None}, "max_event_age_s"),
        ({"rivals": ["x"]}, "rivals"),
        ({"rivals": {"chanel": "fba"}}, "chanel"),
        ({"rivals": {"channel": "3pl"}}, "channel"),
        ({"rivals": {"exclude": "ARIVAL"}}, "exclude"),
        ({"seller_ids": 3}, "int"),
    ],
)
def test_a_wrong_policy_is_refused_by_name(body: dict[str, Any], named: str) -> None:
    with pytest.raises(BadInput, match=named):
        RepricePolicy.read(body)


def test_a_fixed_step_takes_the_place_of_the_share() -> None:
    rule = RepricePolicy.read({"offset_minor": -1}).rule
    assert (rule.offset_bp, rule.offset_minor) == (None, -1)
    assert RepricePolicy.read(AUTOMATION.policy) == RepricePolicy.read({})
