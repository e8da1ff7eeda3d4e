"""What one listing of ours should cost: features, the clause that decides, its wish, the guard. Plain Python.

`_rule.pxi` says the same, function by function, in numbers.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from native_pricer._mind_reference import Mind
from native_pricer._view import View
from native_pricer.clauses import Clause, Condition, Feature, Target, Without
from native_pricer.config import ListingConfig
from native_pricer.facts import ListingFacts
from native_pricer.words import DAY_US, MAX_MINOR, Clamp, Code, Level

MINUTE_US: Final = 60_000_000
NOTHING: Final = ListingFacts()
STEPS_UP: Final = frozenset({Code.NO_RIVAL, Code.NO_BUY_BOX, Code.NO_TARGET, Code.WINNING})


class Listing:
    """One SKU's limits and what is known of it. `day` counts UTC days since 1970."""

    __slots__ = ("cfg", "day", "day_open", "facts", "last_change", "level", "mind", "price")

    def __init__(
        self,
        cfg: ListingConfig,
        facts: ListingFacts | None,
        price: int | None,
        last_change: int | None,
        day: int | None,
        day_open: int | None,
        level: Level | None,
    ) -> None:
        self.cfg, self.facts, self.level = cfg, facts or NOTHING, level
        self.price, self.last_change = price, last_change
        self.day, self.day_open = day, day_open
        self.mind: Mind | None = None

    @classmethod
    def of(cls, cfg: ListingConfig) -> Listing:
        day = None if cfg.day_open_us is None else cfg.day_open_us // DAY_US
        listing = cls(cfg, None, cfg.price_minor, cfg.last_change_us, day, cfg.day_open_minor, None)
        listing.mind = None if cfg.strategy is None else Mind(cfg.strategy)
        return listing

    def keep_history(self, former: Listing) -> None:
        """What the new configuration does not say is as before, unless the currency is another one."""
        if former.cfg.currency != self.cfg.currency:
            return
        if self.price is None:
            self.price = former.price
        if self.last_change is None:
            self.last_change = former.last_change
        if self.day is None:
            self.day, self.day_open = former.day, former.day_open
        self.facts = former.facts
        if self.mind is not None and _page(former.cfg) == _page(self.cfg):
            self.mind.keep(former.mind)

    def roll_day(self, now: int) -> None:
        """At the first look on a new UTC day the price then is what the day's cap is measured against."""
        if self.price is not None and (self.day is None or now // DAY_US > self.day):
            self.day, self.day_open = now // DAY_US, self.price


def _page(cfg: ListingConfig) -> tuple[str, str, str]:
    return cfg.marketplace, cfg.asin, cfg.condition.lower()


class Answer(NamedTuple):
    """`to` None: no move. `target` is the landed price that was followed, `wanted` the wish before the guard."""

    code: Code
    clamp: Clamp = Clamp.NONE
    to: int | None = None
    wanted: int | None = None
    target: int | None = None


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


def stop(listing: Listing, now: int, fresh_at: int) -> Code | None:
    """What forbids any price, whatever the rule says."""
    if listing.level is Level.HALTED:
        return Code.HALTED
    if listing.cfg.floor_minor is None:
        return Code.NO_FLOOR
    if now - fresh_at > listing.cfg.max_event_age_s * 1_000_000:
        return Code.STALE
    return Code.PRICE_UNKNOWN if listing.price is None else None


def guard(listing: Listing, wished: Answer, min_move: int, now: int) -> Answer:
    """The only way to a price. Also brings a price back into its band, for which no move is too small."""
    cfg, before, opened = listing.cfg, listing.price, listing.day_open
    assert before is not None
    assert opened is not None
    assert cfg.floor_minor is not None
    ceiling = MAX_MINOR if cfg.ceiling_minor is None else cfg.ceiling_minor
    in_band, wanted, code = cfg.floor_minor <= before <= ceiling, wished.wanted, wished.code
    if wanted is None:
        if in_band:
            return wished
        wanted, code = before, Code.BACK_IN_BAND
    step, day = before * cfg.max_step_bp // 10_000, opened * cfg.max_day_bp // 10_000
    low = max(cfg.floor_minor, before - step, opened - day)
    high = min(ceiling, before + step, opened + day)
    if low > high:
        return wished._replace(code=Code.NO_ROOM)
    to, clamp = wanted, Clamp.NONE
    if wanted < low:
        to, clamp = low, Clamp.FLOOR if low == cfg.floor_minor else Clamp.DAY if low == opened - day else Clamp.STEP
    elif wanted > high:
        to, clamp = high, Clamp.CEILING if high == ceiling else Clamp.DAY if high == opened + day else Clamp.STEP
    reducing, changed = listing.level is Level.REDUCING and to < before, listing.last_change
    if to == before:
        code = Code.AT_TARGET if clamp is Clamp.NONE else Code.AT_LIMIT
    elif reducing:
        code = Code.REDUCING
    elif in_band and abs(to - before) < min_move:
        code = Code.SMALL_MOVE
    elif changed is not None and now - changed < cfg.cooldown_s * 1_000_000:
        code = Code.COOLDOWN
    elif not cfg.floor_minor <= to <= ceiling or abs(to - before) > step or abs(to - opened) > day:
        code = Code.GUARD
    else:
        return wished._replace(code=code, clamp=clamp, to=to)
    return wished._replace(code=code, clamp=clamp)
