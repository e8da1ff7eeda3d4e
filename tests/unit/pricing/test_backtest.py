"""Deciding again over recorded calls: the same is the same, other rules are told apart one decision at a time."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from native_pricer import Clause, ListingConfig, Target
from native_pricer.journal import Call, Recorder, unpack
from pricing.backtest import pair, preview, report, rerun, with_clauses

PLACE, NOON = "ATVPDKIKX0DER", datetime(2026, 3, 1, 12, tzinfo=UTC)
DEARER = (Clause("dearer", offset_bp=100),)


def notice(at: datetime, price: float) -> bytes:
    money = {"CurrencyCode": "USD"}
    offers = [
        {"SellerId": s, "ListingPrice": money | {"Amount": p}, "Shipping": money | {"Amount": 0.0}}
        for s, p in (("OURS", 20.0), ("A1", price))
    ]
    trigger = {"MarketplaceId": PLACE, "ASIN": "B1", "ItemCondition": "new", "TimeOfOfferChange": at.isoformat()}
    body = {"OfferChangeTrigger": trigger, "Summary": {}, "Offers": offers}
    meta = {"NotificationId": at.isoformat()}
    whole = {"NotificationType": "ANY_OFFER_CHANGED", "NotificationMetadata": meta}
    return json.dumps(whole | {"Payload": {"AnyOfferChangedNotification": body}}).encode()


def recorded() -> Sequence[Call]:
    """Three hours: two SKUs on one page, a rival that goes down, and an event that is none."""
    engine = Recorder()
    for sku in ("S-1", "S-2"):
        engine.configure(ListingConfig(PLACE, "B1", "new", sku, "OURS", "USD", 2_000, 0, 1_000, 4_000, cooldown_s=0))
    for hour in range(3):
        at = NOON + timedelta(hours=hour)
        for d in engine.on_event(notice(at, 19.0 - hour), at):
            if d.to_minor is not None:
                engine.applied(PLACE, d.sku or "", d.to_minor, at)
    engine.on_event(b"no JSON", NOON + timedelta(hours=2))
    (chunk,) = engine.take(NOON + timedelta(hours=3)).chunks()
    return list(unpack(chunk.body))


DAY = (NOON, NOON + timedelta(days=1))


def test_the_same_rules_give_the_same_decisions() -> None:
    found = report("amazon_us", *DAY, [("r1", recorded())])
    assert (found.runs, found.events, found.decisions, found.identical, found.different) == (1, 4, 7, 7, 0)
    assert found.then_moves == found.now_moves == 6
    assert found.first == ()


def test_only_the_hours_that_are_asked_are_told_but_all_before_count() -> None:
    pairs = list(rerun(recorded(), NOON + timedelta(hours=1), NOON + timedelta(hours=2)))
    assert [len(of_event) for of_event in pairs] == [2]
    assert pairs[0][0].before_minor == 1_890  # what the first hour left


def test_other_clauses_are_asked_at_each_decision_with_the_price_as_it_was() -> None:
    found = preview(DEARER, recorded(), *DAY, sku="S-1")
    assert [(p.before_minor, p.then_minor, p.now_minor) for p in found] == [
        (2_000, 1_890, 1_919),
        (1_890, 1_791, 1_818),
        (1_791, 1_691, 1_717),
    ]
    assert "to_minor was 1890, is 1919" in found[0].why
    untouched = report("amazon_us", *DAY, [("r1", recorded())], with_clauses(DEARER, "S-1"))
    assert (untouched.decisions, untouched.different) == (7, 3)
    assert {p.sku for p in untouched.first} == {"S-1"}


def test_of_another_rule_only_the_price_counts_not_its_name() -> None:
    still, same = (Clause("still", target=Target.HOLD),), (Clause("other name"),)
    found = report("amazon_us", *DAY, [("r1", recorded())], with_clauses(still), sku="S-2")
    assert (found.decisions, found.different, found.then_moves, found.now_moves) == (3, 3, 3, 0)
    assert report("amazon_us", *DAY, [("r1", recorded())], with_clauses(same)).different == 0


def test_a_decision_on_one_side_only_is_told() -> None:
    decision = next(call for call in recorded() if call.decisions).decisions[0]
    gone, new = pair(NOON, decision, None), pair(NOON, None, decision)
    assert (gone.then_code, gone.now_code) == ("repriced", "none")
    assert (new.then_code, new.now_code) == ("none", "repriced")
    assert gone.why == "decision was repriced, is none"
