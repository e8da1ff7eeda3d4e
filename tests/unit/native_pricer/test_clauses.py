"""Clauses by example, on every backend: ours is at 20.00 USD, floor 15.00, ceiling 30.00 unless said otherwise."""

from __future__ import annotations

from typing import Any

import pytest
from offer_events import MARKET, MINUTE, NOON, OURS, listing, offer, raw

from native_pricer import (
    Channel,
    Clause,
    Code,
    Condition,
    Decision,
    Engine,
    Feature,
    Kind,
    ListingFacts,
    ListingStatus,
    RivalFilter,
    Target,
    Without,
    backends,
    parse_event,
)

NOW = NOON + MINUTE  # a Sunday
pytestmark = pytest.mark.parametrize("backend", sorted(backends()))
SLEEP = Clause("night", target=Target.HOLD)
FOUR = raw(offer(OURS, 20.0), offer("A", 19.0), offer("B", 18.0, 0.5), offer("C", 22.0), offer("D", 18.51))


def engine(backend: str, *clauses: Clause, facts: ListingFacts | None = None, **changes: Any) -> Engine:
    made = Engine(backend)
    made.configure(listing(clauses=clauses, **changes))
    if facts is not None:
        made.inform(MARKET, "SKU-1", facts)
    return made


def decide(backend: str, event: bytes, *clauses: Clause, facts: ListingFacts | None = None, **more: Any) -> Decision:
    (decision,) = engine(backend, *clauses, facts=facts, **more).on_event(event, NOW)
    return decision


@pytest.mark.parametrize(
    ("clause", "followed", "to"),
    [
        (Clause(target=Target.NTH, nth=2, offset_bp=0), 1_851, 1_851),
        (Clause(target=Target.NTH, nth=5), None, None),
        (Clause(target=Target.SELLER, seller="C", offset_bp=None, offset_minor=-1), 2_200, 2_199),
        (Clause(target=Target.SELLER, seller="Z"), None, None),
        (Clause(target=Target.AVERAGE, offset_bp=0), 1_950, 1_950),
        (Clause(target=Target.EXPECTED, offset_bp=0), 1_910, 1_910),
        (Clause(target=Target.REFERENCE, offset_bp=0), 2_100, 2_100),
        (Clause(target=Target.OWN, offset_bp=-500), 2_000, 1_900),
        (Clause(target=Target.LOWEST, rivals=RivalFilter(exclude=frozenset({"B", "D"}))), 1_900, 1_890),
    ],
)
def test_each_target_says_what_it_followed(backend: str, clause: Clause, followed: int | None, to: int | None) -> None:
    d = decide(backend, FOUR, clause, facts=ListingFacts(expected_minor=1_910, reference_minor=2_100))
    assert (d.target_minor, d.to_minor) == (followed, to)
    assert (d.clause, d.rule) == ("rule", str(clause))


@pytest.mark.parametrize(
    ("clause", "code"),
    [
        (SLEEP, Code.SLEEP),
        (Clause(target=Target.STRATEGY), Code.NO_STRATEGY),
        (Clause(target=Target.EXPECTED), Code.NO_TARGET),
        (Clause(target=Target.REFERENCE), Code.NO_TARGET),
        (Clause(target=Target.OWN, offset_bp=-500, may_lower=False), Code.NO_LOWER),
        (Clause(target=Target.OWN, offset_bp=500, may_raise=False), Code.NO_RAISE),
        (Clause(target=Target.OWN, offset_bp=50, min_move_minor=11), Code.SMALL_MOVE),
        (Clause(when=(Condition(Feature.STOCK, high=3),)), Code.NO_CLAUSE),
    ],
)
def test_why_a_clause_leaves_the_price(backend: str, clause: Clause, code: Code) -> None:
    d = decide(backend, FOUR, clause)
    assert (d.kind, d.code, d.to_minor) == (Kind.HOLD, code, None)
    assert d.text


def test_the_first_clause_that_applies_decides_and_says_its_name(backend: str) -> None:
    night = Clause("night", (Condition(Feature.MINUTE, 360, 1_319, negated=True),), Target.HOLD)
    scarce = Clause("scarce", (Condition(Feature.STOCK, high=5), Condition(Feature.RIVALS, low=1)), Target.OWN, 500)
    rest = Clause("rest")
    by_stock = {stock: ListingFacts(stock_units=stock) for stock in (5, 6, None)}
    assert [decide(backend, FOUR, night, scarce, rest, facts=f).clause for f in by_stock.values()] == [
        "scarce", "rest", "rest",
    ]  # fmt: skip
    far_east = ListingFacts(stock_units=5, utc_offset_minutes=660)  # 23:01 there
    assert decide(backend, FOUR, night, scarce, rest, facts=far_east).clause == "night"


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        (Condition(Feature.BOX_HELD, 0, 0), True),
        (Condition(Feature.BOX_FBA, 0, 0), True),
        (Condition(Feature.BOX_SUPPRESSED, 0, 0), True),
        (Condition(Feature.OFFERS, 3, 3), True),
        (Condition(Feature.RIVALS, 1, 1), True),
        (Condition(Feature.RIVAL_FBA, 1, 1), True),
        (Condition(Feature.RIVAL_RATING, 90), True),
        (Condition(Feature.RIVAL_REVIEWS, high=11), False),
        (Condition(Feature.RIVAL_HANDLING, high=48, negated=True), False),
        (Condition(Feature.GAP_BP, 526, 526), True),
        (Condition(Feature.STATUS, 1, 2), True),
        (Condition(Feature.WEEKDAY, 6, 6), True),
        (Condition(Feature.COVER, 0), False),
        (Condition(Feature.COVER, 0, negated=True), False),
    ],
)
def test_conditions_see_the_page_the_facts_and_the_clock(backend: str, condition: Condition, holds: bool) -> None:
    about: dict[str, Any] = {
        "SellerFeedbackRating": {"FeedbackCount": 12, "SellerPositiveFeedbackRating": 95},
        "ShippingTime": {"MaximumHours": 24},
    }
    event = raw(
        offer(OURS, 20.0), offer("A", 19.0, **about), offer("M", 18.0, IsFulfilledByAmazon=False, IsBuyBoxWinner=True)
    )
    facts = ListingFacts(status=ListingStatus.SUPPRESSED)
    clauses = Clause("if", (condition,), Target.HOLD), Clause("else", target=Target.HOLD)
    d = decide(backend, event, *clauses, facts=facts, rivals=RivalFilter(channel=Channel.FBA))
    assert d.clause == ("if" if holds else "else")


def test_a_page_where_nobody_is_featured_can_be_told(backend: str) -> None:
    recover = Clause("recover", (Condition(Feature.BOX_SUPPRESSED, 1),), Target.REFERENCE, -100)
    facts = ListingFacts(reference_minor=1_800)
    d = decide(backend, raw(offer(OURS, 20.0)), recover, SLEEP, facts=facts)
    assert (d.clause, d.to_minor) == ("recover", 1_782)
    assert decide(backend, raw(offer(OURS, 20.0), box=20.0), recover, SLEEP, facts=facts).clause == "night"


@pytest.mark.parametrize("event", [raw(offer(OURS, 20.0)), raw(offer(OURS, 20.0), box=20.0), raw()])
@pytest.mark.parametrize("target", [Target.LOWEST, Target.BUY_BOX, Target.NTH, Target.EXPECTED])
def test_without_a_rival_the_price_stays_or_rises_by_a_step(backend: str, event: bytes, target: Target) -> None:
    assert decide(backend, event, Clause(target=target)).to_minor is None
    up = decide(backend, event, Clause(target=target, without=Without.RAISE, step_bp=200))
    assert (up.kind, up.to_minor) == (Kind.MOVE, 2_040)
    assert "a step up" in up.text
    stays = decide(backend, event, Clause(target=target, without=Without.RAISE, step_bp=200, may_raise=False))
    assert stays.code is Code.NO_RAISE


def test_a_small_move_back_into_the_band_is_made(backend: str) -> None:
    d = decide(backend, FOUR, Clause(min_move_minor=500), price_minor=1_490)
    assert (d.code, d.to_minor) == (Code.REPRICED, 1_840)
    d = decide(backend, FOUR, Clause(target=Target.HOLD, min_move_minor=500), price_minor=1_490)
    assert (d.code, d.to_minor) == (Code.BACK_IN_BAND, 1_500)


@pytest.mark.parametrize(
    ("rivals", "chosen"),
    [
        (RivalFilter(ships_from=frozenset({"US"})), "US"),
        (RivalFilter(sub_conditions=frozenset({"very_good"})), "FINE"),
        (RivalFilter(prime_only=True), "PRIME"),
        (RivalFilter(featured_only=True), "FEATURED"),
        (RivalFilter(max_feedback_count=100), "SMALL"),
    ],
)
def test_rivals_are_chosen_by_what_is_known_of_them(backend: str, rivals: RivalFilter, chosen: str) -> None:
    event = raw(
        offer("US", 18.0, ShipsFrom={"Country": "US"}),
        offer("FINE", 18.0, SubCondition="Very_Good"),
        offer("PRIME", 18.0, PrimeInformation={"IsOfferPrime": True}),
        offer("FEATURED", 18.0, IsFeaturedMerchant=True),
        offer("SMALL", 18.0, SellerFeedbackRating={"FeedbackCount": 7}),
        offer("UNKNOWN", 16.0),
    )
    assert decide(backend, event, Clause(rivals=rivals)).rival_seller == chosen


def test_a_listing_without_a_page_is_priced_by_what_is_known_of_it(backend: str) -> None:
    slow = Clause("slow", (Condition(Feature.PACE_BP, high=8_000), Condition(Feature.RIVALS, 0, 0)), Target.OWN, -300)
    fast = Clause("fast", (Condition(Feature.PACE_BP, low=12_000),), Target.OWN, 300)
    shop = engine(backend, slow, fast, Clause("even", target=Target.HOLD), shipping_minor=None)
    answers = []
    for pace in (7_000, 10_000, 13_000):
        shop.inform(MARKET, "SKU-1", ListingFacts(pace_bp=pace))
        d = shop.on_own(MARKET, "SKU-1", NOW)
        answers.append((d.clause, d.to_minor, d.changed_at_us))
    assert answers == [("slow", 1_940, NOW), ("even", None, NOW), ("fast", 2_060, NOW)]
    assert shop.newest(MARKET, "B0TEST0001", "new") is None
    with pytest.raises(KeyError):
        shop.on_own(MARKET, "SKU-9", NOW)
    with pytest.raises(ValueError, match="stock_units"):
        shop.inform(MARKET, "SKU-1", ListingFacts(stock_units=-1))


def test_why_this_clause_names_what_the_earlier_ones_lacked(backend: str) -> None:
    few, held = Condition(Feature.STOCK, high=5), Condition(Feature.BOX_HELD, 1)
    run = engine(backend, Clause("few", (few,)), Clause("held", (few, held)), Clause("rest"))
    event = parse_event(FOUR)
    assert not isinstance(event, tuple) or hasattr(event, "offers")
    why = run.explain(MARKET, "SKU-1", event, NOW)  # type: ignore[arg-type]  # it is readable, as the next line shows
    assert (why.clause, why.seen[Feature.OFFERS], why.seen[Feature.STOCK]) == ("rest", 5, None)
    assert [(m.clause, m.failed) for m in why.missed] == [
        ("few", ((few, None),)),
        ("held", ((few, None), (held, None))),
    ]
    run.inform(MARKET, "SKU-1", ListingFacts(stock_units=2))
    assert run.explain(MARKET, "SKU-1", None, NOW).clause == "few"


def test_facts_and_history_outlive_a_new_configuration(backend: str) -> None:
    scarce = Clause("scarce", (Condition(Feature.STOCK, high=5),), Target.HOLD)
    run = engine(backend, scarce, Clause("rest"), facts=ListingFacts(stock_units=1))
    run.configure(listing(clauses=(scarce, Clause("other")), price_minor=None))
    assert run.on_event(FOUR, NOW)[0].clause == "scarce"
    run.configure(listing(clauses=(scarce, Clause("other")), currency="EUR"))
    assert run.on_own(MARKET, "SKU-1", NOW).clause == "other"
