"""What goes in and out of the repricer: parsed events, decisions and their reasons. All amounts in minor units."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple

from ecom_agent.money import EXPONENTS

MAX_MINOR: Final = 10**13
"""No price is larger; so no product of a price and basis points leaves 64 bits."""

MAX_OFFERS: Final = 256
"""Amazon shows at most 20 offers; an event with more than this is refused, not cut."""

MAX_AHEAD_US: Final = 5 * 60 * 1_000_000
"""An event from further in the future than this is a broken clock: believed, it would silence all later ones."""

DAY_US: Final = 86_400 * 1_000_000


class Kind(StrEnum):
    MOVE = "move"
    HOLD = "hold"
    REJECT = "reject"


class Level(StrEnum):
    """How far repricing is stopped somewhere; nothing said = not at all."""

    REDUCING = "reducing"  # raises only
    HALTED = "halted"


class Clamp(StrEnum):
    """Which limit bound the wish."""

    NONE = "none"
    FLOOR = "floor"
    CEILING = "ceiling"
    STEP = "step"
    DAY = "day"


class Code(StrEnum):
    """Why. The first two come with MOVE."""

    REPRICED = "repriced"
    BACK_IN_BAND = "back_in_band"
    MALFORMED = "malformed"
    FUTURE = "future"
    CURRENCY = "currency"
    NO_FLOOR = "no_floor"
    GUARD = "guard"
    DUPLICATE = "duplicate"
    SUPERSEDED = "superseded"
    HALTED = "halted"
    STALE = "stale"
    PRICE_UNKNOWN = "price_unknown"
    SHIPPING_UNKNOWN = "shipping_unknown"
    NO_RIVAL = "no_rival"
    NO_BUY_BOX = "no_buy_box"
    WINNER_UNCLEAR = "winner_unclear"
    WINNING = "winning"
    CHEAPEST = "cheapest"
    NO_RAISE = "no_raise"
    AT_TARGET = "at_target"
    AT_LIMIT = "at_limit"
    NO_ROOM = "no_room"
    COOLDOWN = "cooldown"
    NO_CLAUSE = "no_clause"
    SLEEP = "sleep"
    NO_STRATEGY = "no_strategy"
    NO_TARGET = "no_target"
    NO_LOWER = "no_lower"
    SMALL_MOVE = "small_move"
    REDUCING = "reducing"
    STRATEGY_HOLDS = "strategy_holds"
    NOT_LIVE_YET = "not_live_yet"
    NO_CEILING = "no_ceiling"
    COST_UNKNOWN = "cost_unknown"
    FEES_UNKNOWN = "fees_unknown"
    REFERENCE_UNKNOWN = "reference_unknown"
    ELASTICITY_UNKNOWN = "elasticity_unknown"


WORDS: Final[dict[Code, str]] = {
    Code.MALFORMED: "the event cannot be read",
    Code.FUTURE: "the event is from the future: a clock is wrong",
    Code.CURRENCY: "the event is in another currency than the listing",
    Code.NO_FLOOR: "no minimum price is set, so no price is ever written",
    Code.GUARD: "the price broke a limit at the last check",
    Code.DUPLICATE: "this event was decided before",
    Code.SUPERSEDED: "a newer event for this page is known",
    Code.HALTED: "repricing is halted here",
    Code.STALE: "the facts are older than allowed",
    Code.PRICE_UNKNOWN: "our own price is not known",
    Code.SHIPPING_UNKNOWN: "our own shipping is not known",
    Code.NO_RIVAL: "no rival matches the filters",
    Code.NO_BUY_BOX: "nobody holds the Buy Box",
    Code.WINNER_UNCLEAR: "it is unclear who holds the Buy Box",
    Code.WINNING: "we hold the Buy Box",
    Code.CHEAPEST: "we are the cheapest already",
    Code.NO_RAISE: "the target is above our price and the rule may not raise",
    Code.AT_TARGET: "already at the target",
    Code.AT_LIMIT: "already at the limit",
    Code.NO_ROOM: "no price keeps floor, ceiling and the change caps at once: a person has to move it",
    Code.COOLDOWN: "the last change is too recent",
    Code.NO_CLAUSE: "no part of the rule applies",
    Code.SLEEP: "the rule leaves the price as it is",
    Code.NO_STRATEGY: "no strategy is configured",
    Code.NO_TARGET: "the price that the rule follows is not known",
    Code.NO_LOWER: "the target is below our price and the rule may not lower",
    Code.SMALL_MOVE: "the change would be too small to be worth a write",
    Code.REDUCING: "only raises are allowed at present",
    Code.STRATEGY_HOLDS: "the strategy leaves the price as it is",
    Code.NOT_LIVE_YET: "our last change is not live yet: the strategy only looks on",
    Code.NO_CEILING: "no maximum price is set, which the strategy needs",
    Code.COST_UNKNOWN: "what a unit costs us is not known, which the strategy needs",
    Code.FEES_UNKNOWN: "the platform's fees are not known, which the strategy needs",
    Code.REFERENCE_UNKNOWN: "no reference price is known, which the strategy needs",
    Code.ELASTICITY_UNKNOWN: "how demand answers to our price is not known, which the strategy needs",
}


FOLLOWED: Final = {
    "nth": "n-th lowest rival",
    "seller": "the chosen rival",
    "average": "rivals' average",
    "expected": "expected featured price",
    "reference": "reference price",
    "own": "our price",
}


class ParsedOffer(NamedTuple):
    """One seller's offer; None = not shown. `is_winner`: holds the Buy Box. `max_hours`: slowest handling time.

    `sub_condition` is in lower case. `is_featured_merchant`: it may hold the Buy Box.
    """

    seller_id: str
    listing_minor: int
    shipping_minor: int | None
    points_minor: int | None
    is_fba: bool | None
    is_prime: bool | None
    is_winner: bool | None
    feedback_count: int | None
    feedback_percent: int | None
    max_hours: int | None
    sub_condition: str | None = None
    ships_from: str | None = None
    is_featured_merchant: bool | None = None

    @property
    def landed_minor(self) -> int | None:
        """Listing + shipping − points: what the buyer pays; None while shipping is unknown."""
        if self.shipping_minor is None:
            return None
        landed = self.listing_minor + self.shipping_minor - (self.points_minor or 0)
        return landed if landed > 0 else None


class ParsedEvent(NamedTuple):
    """All offers on one page at `changed_at_us` (epoch µs, the platform's time). `condition` is in lower case."""

    event_id: str | None
    marketplace: str
    asin: str
    condition: str
    changed_at_us: int
    currency: str | None
    buy_box_minor: int | None
    offers: tuple[ParsedOffer, ...]

    def holders(self) -> tuple[int, ...]:
        """Indexes of the offers that may hold the Buy Box: those flagged, else those at its landed price."""
        flagged = tuple(i for i, o in enumerate(self.offers) if o.is_winner)
        if flagged or self.buy_box_minor is None:
            return flagged
        return tuple(i for i, o in enumerate(self.offers) if o.landed_minor == self.buy_box_minor)


class ParseProblem(NamedTuple):
    """Why an event could not be read: the field, and what was wrong with it."""

    path: str
    reason: str


class Decision(NamedTuple):
    """One answer for one SKU of ours, with the trace of how it came about.

    `to_minor` is set for MOVE only; `wanted_minor` is the rule's wish before the guard. `clause` is the name of the
    part of the rule that decided and `rule` what it does, both None when none was asked; `target_minor` is the price
    that it followed (landed; for target own our listing price). `rival_*` is the lowest rival that matches the
    filters, `we_hold_buy_box` None = unclear. `sku` is None when the event was unreadable.
    """

    kind: Kind
    code: Code
    clamp: Clamp
    marketplace: str | None
    asin: str | None
    condition: str | None
    sku: str | None
    currency: str | None
    before_minor: int | None
    to_minor: int | None
    wanted_minor: int | None
    floor_minor: int | None
    ceiling_minor: int | None
    clause: str | None
    rule: str | None
    target_minor: int | None
    event_id: str | None
    changed_at_us: int | None
    rival_seller: str | None
    rival_landed_minor: int | None
    buy_box_minor: int | None
    we_hold_buy_box: bool | None
    detail: str | None

    @property
    def text(self) -> str:
        """The reason in words, for people."""
        if self.kind is not Kind.MOVE:
            words = WORDS[self.code]
            limit = f" ({self.clamp})" if self.clamp is not Clamp.NONE else ""
            return f"{words}{limit}: {self.detail}" if self.detail else words + limit
        seen = "back inside the limits" if self.code is Code.BACK_IN_BAND else self._market()
        bound = "" if self.clamp is Clamp.NONE else f", bound by {self.clamp}"
        return f"{seen}, {self.rule}, floor {amount(self.floor_minor, self.currency)}{bound}"

    def _market(self) -> str:
        """What was followed, in words; "target −2 %" says the distance after it."""
        rival = f"lowest rival {amount(self.rival_landed_minor, self.currency)} landed"
        target = (self.rule or "").partition(" ")[0]
        if target == "strategy":
            return "no rival" if self.rival_landed_minor is None else rival
        if self.target_minor is None:
            return "a step up, since there is no price to follow"
        if target == "buy_box":
            box = f"Buy Box {amount(self.buy_box_minor, self.currency)} landed"
            return f"we hold the Buy Box, {rival}" if self.we_hold_buy_box else box
        if target == "lowest":
            return rival
        kind = "" if target == "own" else " landed"
        return f"{FOLLOWED.get(target, target)} {amount(self.target_minor, self.currency)}{kind}"


def amount(minor: int | None, currency: str | None) -> str:
    """Minor units as text for people: "12.30 USD"; "unknown" for None."""
    if minor is None or currency is None:
        return "unknown"
    digits = EXPONENTS[currency]
    whole, rest = divmod(minor, 10**digits)
    return f"{whole}.{rest:0{digits}d} {currency}" if digits else f"{whole} {currency}"
