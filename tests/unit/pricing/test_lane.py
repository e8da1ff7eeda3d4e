"""The fast lane: event bytes → Actions, the page as a record, and what became of every decision."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st
from pricing_facts import ACCOUNT, ASIN, MARKET, NOON, OURS, SKU, FakeFacts, a_listing, a_page, some_limits, usd

from ecom_agent.actions.model import Mode
from ecom_agent.ids import MarketplaceId, Sku
from ecom_agent.records.catalog import ListingStatus
from native_pricer import Clamp, Code, Level, epoch_us
from pricing.repricing.inputs import RepricePolicy
from pricing.repricing.lane import Lane
from pricing.repricing.pages import event, snapshot

NOW = NOON + timedelta(seconds=5)
FACTS = FakeFacts([a_listing()], [some_limits()])


def a_lane(facts: FakeFacts = FACTS) -> Lane:
    lane = Lane(ACCOUNT, OURS, Mode.SANDBOX, RepricePolicy.read({}), 3)
    lane.load(facts, [MARKET], NOON)
    return lane


def offer(seller: str, price: float, **more: Any) -> dict[str, Any]:
    free = {"Amount": 0.0, "CurrencyCode": "USD"}
    return {"SellerId": seller, "ListingPrice": {"Amount": price, "CurrencyCode": "USD"}, "Shipping": free} | more


def notice(*offers: dict[str, Any], at: str = "2026-03-01T12:00:00.250Z", box: float | None = None) -> bytes:
    boxes = [{"Condition": "new", "LandedPrice": {"Amount": box, "CurrencyCode": "USD"}}] if box else []
    trigger = {"MarketplaceId": MARKET, "ASIN": ASIN, "ItemCondition": "New", "TimeOfOfferChange": at}
    body = {"OfferChangeTrigger": trigger, "Summary": {"BuyBoxPrices": boxes}, "Offers": offers}
    return orjson.dumps(
        {
            "NotificationType": "ANY_OFFER_CHANGED",
            "NotificationMetadata": {"NotificationId": f"id-{at}"},
            "Payload": {"AnyOfferChangedNotification": body},
        }
    )


CHEAPER = notice(offer(OURS, 20.0), offer("ARIVAL", 18.99), box=18.99)


def test_an_event_becomes_an_action_with_its_evidence() -> None:
    lane = a_lane()
    result = lane.on_event(CHEAPER, NOW)
    (action,) = lane.actions(result)
    assert (action.account, action.marketplace, action.target) == (ACCOUNT, MARKET, SKU)
    assert (action.before, action.after) == (usd(2_000), usd(1_889))
    assert action.slot == NOON + timedelta(milliseconds=250)
    assert (action.mode, action.policy_version) == (Mode.SANDBOX, 3)
    assert action.reason == "lowest rival 18.99 USD landed, lowest -0.5 %, floor 14.00 USD"
    assert action.evidence == {
        "event_id": "id-2026-03-01T12:00:00.250Z",
        "changed_at": "2026-03-01T12:00:00.250000+00:00",
        "asin": ASIN,
        "condition": "new",
        "currency": "USD",
        "rival": "ARIVAL",
        "rival_landed_minor": 1_899,
        "buy_box_landed_minor": 1_899,
        "we_hold_buy_box": False,
        "clause": "policy",
        "rule": "lowest -0.5 %",
        "target_minor": 1_899,
        "code": "repriced",
        "wanted_minor": 1_889,
        "floor_minor": 1_400,
        "ceiling_minor": 3_000,
        "clamp": "none",
    }
    assert result.outcomes() == {"move": 1}


def test_the_page_is_kept_as_a_record_and_reads_back_the_same() -> None:
    page = a_lane().on_event(CHEAPER, NOW).page
    assert page is not None
    assert (page.external_id, page.condition, page.buy_box_landed) == (ASIN, "new", usd(1_899))
    assert (page.changed_at, page.seen_at) == (NOON + timedelta(milliseconds=250), NOW)
    assert [(o.seller_id, o.is_featured) for o in page.offers] == [(OURS, False), ("ARIVAL", True)]
    assert snapshot(event(page), account=ACCOUNT, seen_at=NOW) == page


def test_two_offers_at_the_buy_box_price_leave_the_holder_unknown() -> None:
    page = a_lane().on_event(notice(offer("A", 19.0), offer("B", 19.0), box=19.0), NOW).page
    assert page is not None
    assert [o.is_featured for o in page.offers] == [None, None]


def test_what_cannot_be_read_is_a_problem_not_a_crash() -> None:
    lane = a_lane()
    result = lane.on_event(b'{"NotificationType":"ORDER_CHANGE"}', NOW)
    assert (lane.actions(result), result.page) == ((), None)
    assert result.problem == "NotificationType: wanted ANY_OFFER_CHANGED"
    assert result.outcomes() == {"reject": 1}


def test_a_page_that_is_not_ours_is_kept_but_decides_nothing() -> None:
    lane = a_lane(FakeFacts())
    result = lane.on_event(CHEAPER, NOW)
    assert (lane.actions(result), result.decisions) == ((), ())
    assert result.page is not None


def test_an_event_whose_result_was_lost_counts_again() -> None:
    lane = a_lane()
    first = lane.on_event(CHEAPER, NOW)
    assert lane.on_event(CHEAPER, NOW).decisions[0].code is Code.DUPLICATE
    lane.forget(first)
    assert lane.actions(lane.on_event(CHEAPER, NOW)) == lane.actions(first) != ()


def test_after_a_restart_older_events_are_known_to_be_old() -> None:
    lane = a_lane(FakeFacts([a_listing()], [some_limits()], (), [a_page(changed_at=NOON + timedelta(seconds=1))]))
    assert lane.on_event(CHEAPER, NOW).decisions[0].code is Code.SUPERSEDED


def test_loading_names_what_will_not_be_repriced() -> None:
    lane = Lane(ACCOUNT, OURS, Mode.LIVE, RepricePolicy.read({}), 1)
    other = a_listing(sku=Sku("SKU-2"))
    eur = a_listing(sku=Sku("SKU-3"))
    limits = [some_limits(hard_min=usd(4_000)), some_limits(sku=Sku("SKU-3"), currency="EUR", hard_min=None)]
    problems = lane.load(FakeFacts([a_listing(), other, eur], limits), [MARKET], NOON)
    assert "above the ceiling" in problems[MARKET, SKU]
    assert problems[MARKET, Sku("SKU-2")] == "no minimum set"
    assert "the limits are in EUR" in problems[MARKET, Sku("SKU-3")]
    assert {d.code for d in lane.on_event(CHEAPER, NOW).decisions} == {Code.NO_FLOOR}


def test_a_listing_that_went_away_is_forgotten() -> None:
    lane = a_lane()
    lane.load(FakeFacts([a_listing(status=ListingStatus.INACTIVE)], [some_limits()]), [MARKET], NOON)
    assert lane.on_event(CHEAPER, NOW).decisions == ()


def test_a_price_that_was_applied_stands_against_an_older_record() -> None:
    lane = a_lane()
    lane.applied(MARKET, SKU, usd(1_900), NOW)
    lane.load(FACTS, [MARKET], NOON)
    assert lane.engine.state(MARKET, SKU).price_minor == 1_900
    fresh = a_listing(price=usd(1_950), seen_at=NOW + timedelta(minutes=5))
    lane.load(FakeFacts([fresh], [some_limits()]), [MARKET], NOON)
    assert lane.engine.state(MARKET, SKU)[:3] == (1_950, epoch_us(NOW), 2_000)
    lane.applied(MarketplaceId("A1PA6795UKMFR9"), SKU, usd(1), NOW)  # not loaded: left to the next load


def test_after_a_restart_cooldown_and_the_day_go_on_and_a_price_seen_since_stands() -> None:
    lane = a_lane()  # the listing was seen at 11:00 at 20.00
    for hour, before, price in ((6, 2_400, 2_300), (9, 2_300, 2_200)):
        lane.applied(MARKET, SKU, usd(price), NOON.replace(hour=hour), usd(before))
    state = lane.engine.state(MARKET, SKU)
    assert state[:3] == (2_000, epoch_us(NOON.replace(hour=9)), 2_400)
    assert state.day_us == epoch_us(NOON.replace(hour=0))
    lane.applied(MARKET, SKU, usd(1_950), NOON - timedelta(seconds=1), usd(2_000))
    assert lane.engine.state(MARKET, SKU)[:3] == (1_950, epoch_us(NOON) - 1_000_000, 2_400)
    (held,) = lane.on_event(CHEAPER, NOW).decisions
    assert (held.code, held.clamp) == (Code.COOLDOWN, Clamp.DAY), "24.00 - 20 % is above the target"


SENT = st.lists(st.tuples(st.integers(0, 12_000), st.integers(1_500, 2_500), st.integers(1_500, 2_500)), max_size=8)


@settings(max_examples=80, deadline=None)
@given(SENT, st.integers(0, 9_000), st.sampled_from([0, 600, 4 * 86_400]), st.integers(1_500, 2_600))
def test_prices_sent_before_those_that_matter_change_no_decision(
    sent: list[tuple[int, int, int]], seen: int, cooldown_s: int, rival: int
) -> None:
    """Minutes before now: prices sent, and when the listing was last seen."""
    facts = FakeFacts([a_listing(seen_at=NOW - timedelta(minutes=seen))], [some_limits()])
    policy = RepricePolicy.read({"cooldown_s": cooldown_s})
    answers = []
    for all_of_them in (True, False):
        lane = Lane(ACCOUNT, OURS, Mode.DRY_RUN, policy, 3)
        lane.load(facts, [MARKET], NOW)
        since = lane.sent_matter_since(NOW)
        for minutes, before, price in sorted(sent, reverse=True):
            at = NOW - timedelta(minutes=minutes)
            if all_of_them or at > since:
                lane.applied(MARKET, SKU, usd(price), at, usd(before))
        answers.append(lane.on_event(notice(offer("R", rival / 100)), NOW).decisions)
    assert answers[0] == answers[1]
    assert since <= NOW - timedelta(days=2)


def test_halts_of_this_account_hold_and_are_lifted() -> None:
    lane = a_lane()
    for scope in (
        "all",
        "automation:pricing.repricing",
        f"account:{ACCOUNT}",
        f"marketplace:{ACCOUNT}/{MARKET}",
        f"sku:{ACCOUNT}/{MARKET}/{SKU}",
    ):
        lane.set_halts([scope])
        assert lane.on_event(CHEAPER, NOW).decisions[0].code in (Code.HALTED, Code.DUPLICATE)
        assert len(lane.engine.halts()) == 1
    lane.set_halts([f"marketplace:other/{MARKET}", "automation:inventory.replenish", "account:other"])
    assert lane.engine.halts() == {}
    later = notice(offer(OURS, 20.0), offer("ARIVAL", 18.99), at="2026-03-01T12:00:01Z")
    assert len(lane.actions(lane.on_event(later, NOW))) == 1


def test_an_account_that_only_raises_tightens_and_loosens() -> None:
    lane, scope = a_lane(), f"account:{ACCOUNT}"
    lane.set_halts([], [scope])
    assert lane.on_event(CHEAPER, NOW).decisions[0].code is Code.REDUCING
    assert lane.engine.halts() == {"all": Level.REDUCING}
    lane.set_halts([scope], ["all"])
    assert lane.engine.halts() == {"all": Level.HALTED}
    lane.set_halts([], [scope])
    assert lane.engine.halts() == {"all": Level.REDUCING}
