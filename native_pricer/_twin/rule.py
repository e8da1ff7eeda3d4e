"""What a listing's rule says: features, the clause that decides, its wish. Plain Python.

`rule.pxi` says the same, function by function, in numbers.
"""

from __future__ import annotations

from typing import Final

from native_pricer._twin.listing import Answer, Listing
from native_pricer._twin.view import View
from native_pricer.clauses import Clause, Condition, Feature, Target, Without
from native_pricer.facts import ListingFacts
from native_pricer.words import Code

MINUTE_US: Final = 60_000_000
STEPS_UP: Final = frozenset({Code.NO_RIVAL, Code.NO_BUY_BOX, Code.NO_TARGET, Code.WINNING})


def features(seen: View, listing: Listing, now: int) -> dict[Feature, int | None]:
    """What conditions look at; None where it is not known."""
    facts, rival, landed = listing.facts, seen.rival, seen.rival_landed
    minutes = now // MINUTE_US + facts.utc_offset_minutes
    gap = None
    if landed is not None and seen.our_shipping is not None and listing.price is not None:
        gap = (listing.price + seen.our_shipping - landed) * 10_000 // landed
    return {
        Feature.BOX_HELD: seen.we_hold,
        Feature.BOX_SUPPRESSED: seen.suppressed,
        Feature.BOX_FBA: seen.box_fba,
        Feature.OFFERS: seen.offers,
        Feature.RIVALS: seen.rivals,
        Feature.RIVAL_FBA: None if rival is None else rival.is_fba,
        Feature.RIVAL_RATING: None if rival is None else rival.feedback_percent,
        Feature.RIVAL_REVIEWS: None if rival is None else rival.feedback_count,
        Feature.RIVAL_HANDLING: None if rival is None else rival.max_hours,
        Feature.GAP_BP: gap,
        Feature.OUR_FBA: facts.our_is_fba,
        Feature.STOCK: facts.stock_units,
        Feature.COVER: facts.cover_centidays,
        Feature.VELOCITY: facts.velocity_centiunits,
        Feature.AGE: facts.age_days,
        Feature.PACE_BP: facts.pace_bp,
        Feature.STATUS: facts.status,
        Feature.MINUTE: minutes % 1_440,
        Feature.WEEKDAY: (minutes // 1_440 + 3) % 7,  # 1970-01-01 was a Thursday
    }


def holds(condition: Condition, value: int | None) -> bool:
    """What is not known never holds, negated or not."""
    if value is None:
        return False
    inside = (condition.low is None or condition.low <= value) and (condition.high is None or value <= condition.high)
    return inside is not condition.negated


def choose(listing: Listing, seen: View, now: int) -> Clause | None:
    """The first clause whose conditions all hold."""
    known: dict[Feature, int | None] = {}
    for clause in listing.cfg.clauses:
        if clause.when and not known:
            known = features(seen, listing, now)
        if all(holds(c, known[c.feature]) for c in clause.when):
            return clause
    return None


def wish(clause: Clause, seen: View, facts: ListingFacts, before: int) -> Answer:
    """The price that the clause would like, or why it wishes for none. Never a minimum: it does not know of any."""
    target: int | None = before
    if clause.target is Target.OWN:
        wanted = off(clause, before)
    else:
        target, code = followed(clause, seen, facts)
        if target is not None:
            if seen.our_shipping is None:
                return Answer(Code.SHIPPING_UNKNOWN, target=target)
            wanted = off(clause, target) - seen.our_shipping
            if clause.target is Target.LOWEST and wanted < before and before + seen.our_shipping < target:
                return Answer(Code.CHEAPEST, target=target)
            if clause.target is Target.BUY_BOX and seen.we_hold and (wanted <= before or not clause.may_raise):
                return Answer(Code.WINNING, target=target)
        elif clause.without is Without.RAISE and code in STEPS_UP:
            wanted = before + before * clause.step_bp // 10_000
        else:
            return Answer(code)
    return permitted(clause, before, wanted, target)


def permitted(clause: Clause, before: int, wanted: int, target: int | None) -> Answer:
    """The wish, unless the clause never goes that way."""
    if wanted > before and not clause.may_raise:
        return Answer(Code.NO_RAISE, target=target)
    if wanted < before and not clause.may_lower:
        return Answer(Code.NO_LOWER, target=target)
    return Answer(Code.REPRICED, wanted=wanted, target=target)


def followed(clause: Clause, seen: View, facts: ListingFacts) -> tuple[int | None, Code]:
    """The landed price that the clause follows, or why there is none. While we hold the Buy Box: the next rival's."""
    match clause.target:
        case Target.LOWEST:
            return seen.rival_landed, Code.NO_RIVAL
        case Target.NTH | Target.SELLER | Target.AVERAGE:
            return seen.aim, Code.NO_RIVAL
        case Target.BUY_BOX if seen.box is None:
            return None, Code.NO_BUY_BOX
        case Target.BUY_BOX if seen.we_hold is None:
            return None, Code.WINNER_UNCLEAR
        case Target.BUY_BOX if seen.we_hold:
            return seen.rival_landed, Code.WINNING
        case Target.BUY_BOX:
            return seen.box if seen.box_counts else None, Code.NO_RIVAL
        case Target.EXPECTED:
            return facts.expected_minor or None, Code.NO_TARGET
        case Target.REFERENCE:
            return facts.reference_minor or None, Code.NO_TARGET
        case Target.HOLD:
            return None, Code.SLEEP
    return None, Code.NO_STRATEGY


def off(clause: Clause, landed: int) -> int:
    """`landed` at the clause's distance, rounded down to a whole minor unit."""
    if clause.offset_bp is not None:
        return landed * (10_000 + clause.offset_bp) // 10_000
    assert clause.offset_minor is not None
    return landed + clause.offset_minor
