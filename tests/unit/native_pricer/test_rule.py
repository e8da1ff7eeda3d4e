"""The rule by example, on every backend: ours is at 20.00 USD, floor 15.00, ceiling 30.00 unless said otherwise."""

from __future__ import annotations

from typing import Any

import pytest
from offer_events import ASIN, MARKET, MINUTE, NOON, OURS, listing, offer, raw

from native_pricer import (
    Channel,
    Clamp,
    Clause,
    Code,
    Decision,
    Engine,
    Kind,
    ParsedEvent,
    ParsedOffer,
    RivalFilter,
    Target,
    backends,
    parse_event,
)

NOW = NOON + MINUTE
BUY_BOX = (Clause(target=Target.BUY_BOX),)
pytestmark = pytest.mark.parametrize("backend", sorted(backends()))


def decide(backend: str, event: bytes, **changes: Any) -> Decision:
    engine = Engine(backend)
    engine.configure(listing(**changes))
    (decision,) = engine.on_event(event, NOW)
    return decision


def test_the_lowest_landed_price_is_undercut_by_half_a_percent(backend: str) -> None:
    d = decide(backend, raw(offer("DEAR", 18.50, 4.00), offer("R", 18.00, 0.99), box=18.99))
    assert (d.kind, d.to_minor, d.rival_seller, d.rival_landed_minor) == (Kind.MOVE, 1_889, "R", 1_899)
    assert (d.before_minor, d.clamp, d.event_id, d.changed_at_us) == (2_000, Clamp.NONE, "e-1", NOON)
    assert d.text == "lowest rival 18.99 USD landed, lowest -0.5 %, floor 15.00 USD"


def test_our_own_shipping_is_part_of_what_the_buyer_pays(backend: str) -> None:
    assert decide(backend, raw(offer("R", 18.99)), shipping_minor=399).to_minor == 1_490 + 10  # the floor
    assert decide(backend, raw(offer("R", 21.00)), shipping_minor=399).to_minor == 1_690
    own = offer(OURS, 20.0, 3.99)
    assert decide(backend, raw(own, offer("R", 21.00)), shipping_minor=None).to_minor == 1_690


def test_unknown_shipping_is_not_free_shipping(backend: str) -> None:
    unknown = offer("R", 10.0, None)
    assert decide(backend, raw(unknown)).code is Code.NO_RIVAL
    assert decide(backend, raw(unknown, offer("S", 19.0))).rival_seller == "S"
    assert decide(backend, raw(offer("R", 18.99)), shipping_minor=None).code is Code.SHIPPING_UNKNOWN


def test_a_fixed_step_instead_of_a_share(backend: str) -> None:
    assert decide(backend, raw(offer("R", 18.99)), clauses=(Clause(offset_bp=None, offset_minor=-1),)).to_minor == 1_898


def test_floor_and_ceiling_bind(backend: str) -> None:
    low = decide(backend, raw(offer("R", 9.99)))
    assert (low.to_minor, low.clamp) == (1_500, Clamp.FLOOR)
    high = decide(backend, raw(offer("R", 99.00)), ceiling_minor=2_500)
    assert (high.to_minor, high.clamp) == (2_500, Clamp.CEILING)
    assert decide(backend, raw(offer("R", 9.99)), price_minor=1_500).code is Code.AT_LIMIT


def test_no_rival_is_never_a_reason_to_fall(backend: str) -> None:
    assert decide(backend, raw()).code is Code.NO_RIVAL
    assert decide(backend, raw(offer(OURS, 20.0))).code is Code.NO_RIVAL
    assert decide(backend, raw(offer(OURS, 20.0)), clauses=BUY_BOX).code is Code.NO_BUY_BOX


@pytest.mark.parametrize(
    "rivals",
    [
        RivalFilter(channel=Channel.FBM),
        RivalFilter(min_feedback_count=100),
        RivalFilter(min_feedback_percent=95),
        RivalFilter(max_handling_hours=24),
        RivalFilter(exclude=frozenset({"R"})),
        RivalFilter(only=frozenset({"SOMEBODY"})),
    ],
)
def test_filters_leave_rivals_out(backend: str, rivals: RivalFilter) -> None:
    rating = {"FeedbackCount": 99, "SellerPositiveFeedbackRating": 94}
    rival = offer("R", 18.99, SellerFeedbackRating=rating, ShippingTime={"MaximumHours": 25})
    assert decide(backend, raw(rival), rivals=rivals).code is Code.NO_RIVAL
    bare = {"SellerId": "R", "ListingPrice": rival["ListingPrice"], "Shipping": rival["Shipping"]}
    assert decide(backend, raw(bare), rivals=rivals).code is Code.NO_RIVAL
    assert decide(backend, raw(rival)).kind is Kind.MOVE


def test_already_cheapest_holds_or_rises_towards_the_next(backend: str) -> None:
    near = raw(offer(OURS, 20.0), offer("R", 20.05))
    assert decide(backend, near).code is Code.CHEAPEST
    far = raw(offer(OURS, 20.0), offer("R", 24.00))
    assert decide(backend, far).to_minor == 2_388
    assert decide(backend, far, clauses=(Clause(may_raise=False),)).code is Code.NO_RAISE


def test_the_buy_box_is_followed_when_a_rival_holds_it(backend: str) -> None:
    d = decide(backend, raw(offer(OURS, 20.0), offer("R", 19.0), offer("S", 18.0), box=19.0), clauses=BUY_BOX)
    assert (d.to_minor, d.we_hold_buy_box, d.buy_box_minor) == (1_890, False, 1_900)
    assert d.text.startswith("Buy Box 19.00 USD landed, buy_box -0.5 %")


def test_while_we_hold_the_buy_box_we_hold_or_rise(backend: str) -> None:
    close = raw(offer(OURS, 20.0, IsBuyBoxWinner=True), offer("R", 18.0), box=20.0)
    assert decide(backend, close, clauses=BUY_BOX).code is Code.WINNING
    alone = raw(offer(OURS, 20.0), box=20.0)
    assert decide(backend, alone, clauses=BUY_BOX).code is Code.WINNING
    room = raw(offer(OURS, 20.0), offer("R", 22.0), box=20.0)
    d = decide(backend, room, clauses=BUY_BOX)
    assert (d.to_minor, d.we_hold_buy_box) == (2_189, True)
    assert "we hold the Buy Box" in d.text


def test_an_unclear_winner_moves_nothing(backend: str) -> None:
    tie = raw(offer(OURS, 20.0), offer("R", 20.0), box=20.0)
    assert decide(backend, tie, clauses=BUY_BOX).code is Code.WINNER_UNCLEAR
    unseen = raw(offer("R", 25.0), box=19.0)
    assert decide(backend, unseen, clauses=BUY_BOX).code is Code.WINNER_UNCLEAR


def test_a_buy_box_of_a_filtered_rival_is_not_followed(backend: str) -> None:
    event = raw(offer(OURS, 20.0), offer("R", 19.0), box=19.0)
    rivals = RivalFilter(exclude=frozenset({"R"}))
    assert decide(backend, event, clauses=BUY_BOX, rivals=rivals).code is Code.NO_RIVAL


def test_points_count_where_a_point_is_a_yen(backend: str) -> None:
    rival = offer("R", 1_900, 0, "JPY", Points={"PointsNumber": 100})
    d = decide(backend, raw(rival, currency="JPY"), currency="JPY")
    assert (d.rival_landed_minor, d.to_minor) == (1_800, 1_791)
    dollars = decide(backend, raw(offer("R", 18.99, Points={"PointsNumber": 100})))
    assert dollars.rival_landed_minor == 1_899


def test_every_own_sku_of_the_page_gets_an_answer(backend: str) -> None:
    engine = Engine(backend)
    engine.configure(listing())
    engine.configure(listing(sku="SKU-2", floor_minor=1_950))
    first, second = engine.on_event(raw(offer("R", 18.99)), NOW)
    assert (first.sku, first.to_minor, second.sku, second.to_minor) == ("SKU-1", 1_889, "SKU-2", 1_950)
    assert engine.remove(MARKET, "SKU-1")
    assert not engine.remove(MARKET, "SKU-1")
    assert len(engine.on_event(raw(offer("R", 18.99), condition="used", event_id="e-2"), NOW)) == 0


def test_the_newest_event_wins_whatever_the_order(backend: str) -> None:
    engine = Engine(backend)
    engine.configure(listing())
    newer, older = raw(offer("R", 18.0), event_id="b", changed="2026-03-01T12:00:30Z"), raw(offer("R", 17.0))
    codes = [engine.on_event(event, NOW)[0].code for event in (newer, newer, older)]
    assert codes == [Code.REPRICED, Code.DUPLICATE, Code.SUPERSEDED]
    engine.forget(MARKET, ASIN, "NEW")
    assert engine.on_event(newer, NOW)[0].code is Code.REPRICED
    restarted = Engine(backend)
    restarted.configure(listing())
    restarted.seen(MARKET, ASIN, "New", NOON, None)
    assert restarted.on_event(older, NOW)[0].code is Code.SUPERSEDED


def test_a_sweep_goes_the_same_way_and_may_ask_again(backend: str) -> None:
    rival = ParsedOffer("R", 1_899, 0, None, True, None, None, None, None, None)
    page = ParsedEvent(None, MARKET, ASIN, "new", NOON, "USD", None, (rival,))
    engine = Engine(backend)
    engine.configure(listing(max_event_age_s=60))
    assert [engine.on_offers(page, NOW, NOW)[0].to_minor for _ in range(2)] == [1_889, 1_889]
    assert engine.on_offers(page, NOW + 2 * MINUTE, NOW)[0].code is Code.STALE
    assert engine.on_offers(page._replace(changed_at_us=NOON - 1), NOW, NOW)[0].code is Code.SUPERSEDED
    with pytest.raises(ValueError, match="listing_minor"):
        engine.on_offers(page._replace(offers=(rival._replace(listing_minor=0),)), NOW, NOW)


def test_a_new_configuration_keeps_what_it_does_not_say(backend: str) -> None:
    engine = Engine(backend)
    engine.configure(listing())
    engine.applied(MARKET, "SKU-1", 1_900, NOON)
    engine.configure(listing(price_minor=None, floor_minor=1_600))
    assert engine.state(MARKET, "SKU-1")[:3] == (1_900, NOON, 2_000)
    engine.configure(listing(asin="B0OTHER", price_minor=None))
    assert engine.on_event(raw(offer("R", 18.99)), NOW) == ()


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        (b'"Amount":18.99', b'"Amount":-18.99', "ListingPrice"),
        (b'"Amount":18.99', b'"Amount":18.995', "ListingPrice"),
        (b'"Amount":18.99', b'"Amount":"18.99"', "ListingPrice"),
        (b'"Amount":18.99', b'"Amount":NaN', "not JSON"),
        (b'"USD"', b'"XXX"', "CurrencyCode"),
        (b"2026-03-01T12:00:00.000Z", b"yesterday", "TimeOfOfferChange"),
        (b"ANY_OFFER_CHANGED", b"ORDER_CHANGE", "NotificationType"),
        (b'"ASIN":"B0TEST0001",', b"", "ASIN"),
        (b"}}}}", b"}}}", "not JSON"),
    ],
)
def test_what_cannot_be_read_is_refused_and_says_where(backend: str, old: bytes, new: bytes, field: str) -> None:
    event = raw(offer("R", 18.99))
    event = event[: -len(old)] + new if field == "not JSON" and old == b"}}}}" else event.replace(old, new)
    d = decide(backend, event)
    assert (d.kind, d.code, d.sku) == (Kind.REJECT, Code.MALFORMED, None)
    assert field in d.text


def test_exact_amounts_in_other_spellings_are_the_same(backend: str) -> None:
    for text in (b"18.990", b"1899e-2", b"18.99000000000000000"):
        parsed = parse_event(raw(offer("R", 18.99)).replace(b"18.99", text), backend)
        assert isinstance(parsed, ParsedEvent)
        assert parsed.offers[0].listing_minor == 1_899


def test_an_empty_sub_condition_or_country_is_not_shown_and_the_page_is_still_read(backend: str) -> None:
    event = raw(offer("R", 18.99, SubCondition="", ShipsFrom={"Country": "", "State": ""}))
    parsed = parse_event(event, backend)
    assert isinstance(parsed, ParsedEvent)
    assert (parsed.offers[0].sub_condition, parsed.offers[0].ships_from) == (None, None)
    assert decide(backend, event).kind is Kind.MOVE
    for kept in (RivalFilter(ships_from=frozenset({"US"})), RivalFilter(sub_conditions=frozenset({"new"}))):
        assert decide(backend, event, rivals=kept).code is Code.NO_RIVAL


def test_it_says_which_backend_runs(backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NATIVE_PRICER", backend)
    assert Engine().backend == backend
    monkeypatch.setenv("NATIVE_PRICER", "abacus")
    with pytest.raises(ValueError, match="NATIVE_PRICER"):
        Engine()


def test_what_is_no_bytes_at_all_is_the_callers_error(backend: str) -> None:
    engine = Engine(backend)
    with pytest.raises(TypeError):
        engine.on_event(None, NOW)  # type: ignore[arg-type]  # what an untyped caller might hand in
    with pytest.raises(ValueError, match="moment"):
        engine.on_event(b"{}", -1)
