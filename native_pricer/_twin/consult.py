"""What a strategy is shown of a page, and its wish on the way to the guard. Plain Python; `consult.pxi` says the same,
function by function."""

from __future__ import annotations

from typing import Final

from native_pricer._twin.guard import guard
from native_pricer._twin.listing import Answer, Listing
from native_pricer._twin.rule import MINUTE_US, permitted
from native_pricer._twin.strategy import NOBODY, SEEN_RIVALS, WE, Rival, Seen
from native_pricer._twin.view import View, passes
from native_pricer.clauses import Clause
from native_pricer.minds import (
    LEAST_ELASTICITY_CENTI,
    MOST_SHOWN,
    NOT_LIVE_US,
    REACH,
    UNKNOWN_RATING,
    USUAL_ELASTICITY_CENTI,
    USUAL_HANDLING_DAYS,
    Needs,
    needs,
)
from native_pricer.words import Code, ParsedEvent, ParsedOffer

KEPT: Final = frozenset({Code.REPRICED, Code.AT_TARGET})


def by_strategy(listing: Listing, clause: Clause, event: ParsedEvent, seen: View, now: int) -> Answer:
    """The strategy's wish through the guard, as any other. It remembers a write only of a wish that was let through."""
    assert listing.mind is not None
    assert listing.price is not None
    code = lacking(listing, seen)
    if code is not None:
        return guard(listing, Answer(code), clause.min_move_minor, now)
    shown = show(listing, clause, event, seen, now)
    wanted = listing.mind.think(shown)
    if wanted is None:
        wished = Answer(Code.NOT_LIVE_YET if shown.pending else Code.STRATEGY_HOLDS)
    else:
        wished = permitted(clause, listing.price, wanted, None)
    answer = guard(listing, wished, clause.min_move_minor, now)
    if wanted is not None and answer.code not in KEPT:
        listing.mind.not_sent(shown)
    return answer


def lacking(listing: Listing, seen: View) -> Code | None:
    """What the strategy needs and nobody said."""
    assert listing.mind is not None
    facts, wanted = listing.facts, needs(listing.mind.strategy)
    if seen.our_shipping is None:
        return Code.SHIPPING_UNKNOWN
    if Needs.CEILING in wanted and listing.cfg.ceiling_minor is None:
        return Code.NO_CEILING
    if Needs.MONEY in wanted:
        if facts.unit_cost_minor is None:
            return Code.COST_UNKNOWN
        if facts.fee_bp is None:
            return Code.FEES_UNKNOWN
        if not facts.reference_minor:
            return Code.REFERENCE_UNKNOWN
    if Needs.ELASTICITY in wanted and facts.elasticity_centi is None:
        return Code.ELASTICITY_UNKNOWN
    return None


def show(listing: Listing, clause: Clause, event: ParsedEvent, seen: View, now: int) -> Seen:
    """The page and our own numbers. The ceiling is brought within reach for those who search up to it."""
    assert listing.mind is not None
    cfg, facts = listing.cfg, listing.facts
    assert listing.price is not None
    assert cfg.floor_minor is not None
    assert seen.our_shipping is not None
    allowed = cfg.rivals if clause.rivals is None else clause.rivals
    counted = [
        o for o in event.offers if o.seller_id != cfg.seller_id and o.landed_minor is not None and passes(o, allowed)
    ]
    rivals = cheapest(counted)
    own = next((o for o in event.offers if o.seller_id == cfg.seller_id), None)
    fba = facts.our_is_fba if facts.our_is_fba is not None or own is None else own.is_fba
    ceiling = min(MOST_SHOWN, MOST_SHOWN if cfg.ceiling_minor is None else cfg.ceiling_minor)
    reference, elasticity = facts.reference_minor or 0, facts.elasticity_centi
    if Needs.MONEY in needs(listing.mind.strategy):
        ceiling = max(cfg.floor_minor, min(ceiling, REACH * reference - seen.our_shipping))
    return Seen(
        now_us=now,
        price=listing.price,
        shipping=seen.our_shipping,
        floor=cfg.floor_minor,
        ceiling=ceiling,
        unit_cost=facts.unit_cost_minor or 0,
        reference=reference,
        units=-1,
        fee_bp=facts.fee_bp or 0,
        elasticity_centi=USUAL_ELASTICITY_CENTI
        if elasticity is None
        else min(0, max(LEAST_ELASTICITY_CENTI, elasticity)),
        minute=(now // MINUTE_US + facts.utc_offset_minutes) % 1_440,
        fba=fba is True,
        rating=UNKNOWN_RATING if own is None else rating(own),
        handling=USUAL_HANDLING_DAYS if own is None else handling(own),
        pending=listing.last_change is not None and now - listing.last_change < NOT_LIVE_US,
        holder=holder(event, counted, rivals, seen),
        rivals=rivals,
    )


def cheapest(offers: list[ParsedOffer]) -> tuple[Rival, ...]:
    """In order of landed price; of one seller the cheapest offer, of too many sellers the cheapest."""
    by_seller: dict[int, Rival] = {}
    for o in sorted(offers, key=lambda o: o.landed_minor or 0):
        who = stable(o.seller_id)
        by_seller.setdefault(who, Rival(o.landed_minor or 0, who, o.is_fba is True, rating(o), handling(o)))
    return tuple(by_seller.values())[:SEEN_RIVALS]


def holder(event: ParsedEvent, counted: list[ParsedOffer], rivals: tuple[Rival, ...], seen: View) -> int:
    """The place among `rivals` of who is featured; of two at the Buy Box's price the first on the page."""
    if seen.we_hold:
        return WE
    holders = {id(event.offers[i]) for i in event.holders()}
    featured = next((stable(o.seller_id) for o in counted if id(o) in holders), None)
    places = [i for i, rival in enumerate(rivals) if rival.who == featured]
    return places[0] if seen.we_hold is False and places else NOBODY


def stable(seller: str) -> int:
    """The same number for the same seller, always (FNV-1a)."""
    h = 0xCBF29CE484222325
    for byte in seller.encode():
        h = (h ^ byte) * 0x100000001B3 % 2**64
    return h


def rating(offer: ParsedOffer) -> int:
    return UNKNOWN_RATING if offer.feedback_percent is None else min(offer.feedback_percent, 100)


def handling(offer: ParsedOffer) -> int:
    """Days, begun ones counting whole."""
    return USUAL_HANDLING_DAYS if offer.max_hours is None else min(-(-offer.max_hours // 24), 365)
