"""The repricer in plain Python: orjson, the rule, the guard, the state table. The oracle of the compiled one.

Read this to know what `_engine.pyx` does: both give equal Decisions, field by field, for the same calls.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from native_pricer._parse import parse_event
from native_pricer.config import Channel, ListingConfig, RivalFilter, Rule, Target
from native_pricer.words import (
    DAY_US,
    MAX_AHEAD_US,
    MAX_MINOR,
    Clamp,
    Code,
    Decision,
    Kind,
    ParsedEvent,
    ParsedOffer,
    ParseProblem,
)

__all__ = ["Core", "parse_event"]

NAME: Final = "reference"
REJECTING: Final = frozenset({Code.MALFORMED, Code.FUTURE, Code.CURRENCY, Code.NO_FLOOR, Code.GUARD})
PageKey = tuple[str, str, str]
SkuKey = tuple[str, str]


class View(NamedTuple):
    """The page as one listing of ours sees it."""

    rival: ParsedOffer | None
    rival_landed: int | None
    box: int | None
    box_counts: bool
    we_hold: bool | None
    our_shipping: int | None


NO_VIEW: Final = View(None, None, None, False, None, None)


class Listing:
    """One SKU's limits and what is known of its price."""

    __slots__ = ("cfg", "day", "day_open", "halt_scopes", "last_change", "page", "price", "rule_text")

    def __init__(self, cfg: ListingConfig, page: Page) -> None:
        self.cfg, self.page = cfg, page
        self.price, self.last_change = cfg.price_minor, cfg.last_change_us
        self.day_open = cfg.day_open_minor
        self.day = None if cfg.day_open_us is None else cfg.day_open_us // DAY_US
        self.rule_text = str(cfg.rule)
        self.halt_scopes = ("all", f"marketplace:{cfg.marketplace}", f"sku:{cfg.marketplace}/{cfg.sku}")

    def roll_day(self, now: int) -> None:
        """At the first look on a new UTC day the price then is what the day's cap is measured against."""
        if self.price is not None and (self.day is None or now // DAY_US > self.day):
            self.day, self.day_open = now // DAY_US, self.price


class Page:
    """One (marketplace, ASIN, condition): its newest event and our SKUs on it."""

    __slots__ = ("last_id", "listings", "newest")

    def __init__(self) -> None:
        self.newest: int | None = None
        self.last_id: str | None = None
        self.listings: list[Listing] = []

    def take(self, changed_at: int, event_id: str | None) -> None:
        self.newest, self.last_id = changed_at, event_id


class Core:
    """State table, rule and guard. Moments are epoch µs; ids are checked by the face."""

    name = NAME

    def __init__(self) -> None:
        self._pages: dict[PageKey, Page] = {}
        self._listings: dict[SkuKey, Listing] = {}
        self._halts: set[str] = set()

    def configure(self, cfg: ListingConfig) -> None:
        former = self._listings.get((cfg.marketplace, cfg.sku))
        page = self._page(cfg.marketplace, cfg.asin, cfg.condition.lower())
        listing = Listing(cfg, page)
        if former is not None:
            self._keep_history(listing, former)
            if former.page is page:
                page.listings[page.listings.index(former)] = listing
            else:
                former.page.listings.remove(former)
        if former is None or former.page is not page:
            page.listings.append(listing)
        self._listings[cfg.marketplace, cfg.sku] = listing

    @staticmethod
    def _keep_history(listing: Listing, former: Listing) -> None:
        if former.cfg.currency != listing.cfg.currency:
            return
        if listing.price is None:
            listing.price = former.price
        if listing.last_change is None:
            listing.last_change = former.last_change
        if listing.day is None:
            listing.day, listing.day_open = former.day, former.day_open

    def remove(self, marketplace: str, sku: str) -> bool:
        listing = self._listings.pop((marketplace, sku), None)
        if listing is not None:
            listing.page.listings.remove(listing)
        return listing is not None

    def applied(self, marketplace: str, sku: str, price_minor: int, at: int) -> None:
        listing = self._listings[marketplace, sku]
        listing.roll_day(at)
        listing.price = price_minor
        listing.last_change = at if listing.last_change is None else max(at, listing.last_change)
        listing.roll_day(at)

    def halt(self, scope: str) -> None:
        self._halts.add(scope)

    def resume(self, scope: str) -> None:
        self._halts.discard(scope)

    def halts(self) -> frozenset[str]:
        return frozenset(self._halts)

    def state(self, marketplace: str, sku: str) -> tuple[int | None, int | None, int | None]:
        listing = self._listings[marketplace, sku]
        return listing.price, listing.last_change, listing.day_open

    def newest(self, marketplace: str, asin: str, condition: str) -> int | None:
        page = self._pages.get((marketplace, asin, condition.lower()))
        return None if page is None else page.newest

    def seen(self, marketplace: str, asin: str, condition: str, changed_at: int, event_id: str | None) -> None:
        page = self._page(marketplace, asin, condition.lower())
        if page.newest is None or changed_at > page.newest:
            page.take(changed_at, event_id)

    def forget(self, marketplace: str, asin: str, condition: str) -> None:
        page = self._pages.get((marketplace, asin, condition.lower()))
        if page is not None:
            page.newest = page.last_id = None

    def on_event(self, raw: bytes, now: int) -> tuple[Decision, ...]:
        return self.observe(raw, now)[1]

    def observe(self, raw: bytes, now: int) -> tuple[ParsedEvent | ParseProblem, tuple[Decision, ...]]:
        parsed = parse_event(raw)
        if isinstance(parsed, ParseProblem):
            return parsed, (_unreadable(parsed),)
        return parsed, self._decide(parsed, now, parsed.changed_at_us, strictly_newer=True)

    def on_offers(self, event: ParsedEvent, now: int, seen_at: int) -> tuple[Decision, ...]:
        return self._decide(event, now, seen_at, strictly_newer=False)

    def _page(self, marketplace: str, asin: str, condition: str) -> Page:
        return self._pages.setdefault((marketplace, asin, condition), Page())

    def _decide(self, event: ParsedEvent, now: int, fresh_at: int, *, strictly_newer: bool) -> tuple[Decision, ...]:
        page = self._pages.get((event.marketplace, event.asin, event.condition))
        if page is None:
            return ()
        code = _order(page, event, now, strictly_newer)
        if code is None:
            page.take(event.changed_at_us, event.event_id)
        return tuple([self._answer(listing, event, now, fresh_at, code) for listing in page.listings])

    def _answer(self, listing: Listing, event: ParsedEvent, now: int, fresh_at: int, code: Code | None) -> Decision:
        cfg = listing.cfg
        view, to, wanted, clamp = NO_VIEW, None, None, Clamp.NONE
        if code is None and event.currency is not None and event.currency != cfg.currency:
            code = Code.CURRENCY
        if code is None:
            listing.roll_day(now)
            view = _view(event, cfg)
            code = self._stop(listing, now, fresh_at)
        if code is None:
            wanted, code = _wish(listing, view)
            to, clamp, code = _guard(listing, wanted, code, now)
        kind = Kind.MOVE if to is not None else Kind.REJECT if code in REJECTING else Kind.HOLD
        return Decision(
            kind, code, clamp, event.marketplace, event.asin, event.condition, cfg.sku, cfg.currency, listing.price,
            to, wanted, cfg.floor_minor, cfg.ceiling_minor, listing.rule_text, event.event_id, event.changed_at_us,
            None if view.rival is None else view.rival.seller_id, view.rival_landed, view.box, view.we_hold, None,
        )  # fmt: skip

    def _stop(self, listing: Listing, now: int, fresh_at: int) -> Code | None:
        """What forbids any price, whatever the rule says."""
        if any(scope in self._halts for scope in listing.halt_scopes):
            return Code.HALTED
        if listing.cfg.floor_minor is None:
            return Code.NO_FLOOR
        if now - fresh_at > listing.cfg.max_event_age_s * 1_000_000:
            return Code.STALE
        return Code.PRICE_UNKNOWN if listing.price is None else None


def _order(page: Page, event: ParsedEvent, now: int, strictly_newer: bool) -> Code | None:
    """Newest event wins. A sweep may ask again about the newest state, an event may not."""
    if event.changed_at_us > now + MAX_AHEAD_US:
        return Code.FUTURE
    if strictly_newer and event.event_id is not None and event.event_id == page.last_id:
        return Code.DUPLICATE
    if page.newest is None or event.changed_at_us > page.newest:
        return None
    return None if event.changed_at_us == page.newest and not strictly_newer else Code.SUPERSEDED


def _view(event: ParsedEvent, cfg: ListingConfig) -> View:
    rival: ParsedOffer | None = None
    lowest: int | None = None
    shippings: set[int | None] = set()
    for offer in event.offers:
        if offer.seller_id == cfg.seller_id:
            shippings.add(offer.shipping_minor)
            continue
        landed = offer.landed_minor
        if landed is not None and (lowest is None or landed < lowest) and _passes(offer, cfg.rivals):
            rival, lowest = offer, landed
    box = event.buy_box_minor
    holders = [event.offers[i] for i in event.holders()]
    if box is None and holders:
        box = holders[0].landed_minor
    we_hold, counts = _holder(holders, cfg, box, ours_shown=bool(shippings))
    ours = cfg.shipping_minor
    if ours is None and len(shippings) == 1:
        ours = next(iter(shippings))
    return View(rival, lowest, box, counts, we_hold, ours)


def _holder(
    holders: list[ParsedOffer], cfg: ListingConfig, box: int | None, *, ours_shown: bool
) -> tuple[bool | None, bool]:
    """(do we hold the Buy Box, may the rule follow its price)."""
    if box is None:
        return None, False
    own = [o for o in holders if o.seller_id == cfg.seller_id]
    if own and (own[0].is_winner or len(holders) == 1):
        return True, False
    if own or (not holders and not ours_shown):
        return None, False
    if not holders:
        return False, cfg.rivals.lets_all_pass
    return False, any(_passes(o, cfg.rivals) for o in holders)


def _passes(offer: ParsedOffer, rivals: RivalFilter) -> bool:
    if rivals.channel is not Channel.ANY and offer.is_fba is not (rivals.channel is Channel.FBA):
        return False
    if rivals.min_feedback_count and (offer.feedback_count is None or offer.feedback_count < rivals.min_feedback_count):
        return False
    if rivals.min_feedback_percent and (
        offer.feedback_percent is None or offer.feedback_percent < rivals.min_feedback_percent
    ):
        return False
    if rivals.max_handling_hours is not None and (
        offer.max_hours is None or offer.max_hours > rivals.max_handling_hours
    ):
        return False
    if offer.seller_id in rivals.exclude:
        return False
    return not rivals.only or offer.seller_id in rivals.only


def _wish(listing: Listing, view: View) -> tuple[int | None, Code]:
    """The price that the rule would like, or why it wishes for none."""
    rule, before = listing.cfg.rule, listing.price
    assert before is not None
    if view.our_shipping is None:
        return None, Code.SHIPPING_UNKNOWN
    if rule.target is Target.LOWEST:
        if view.rival_landed is None:
            return None, Code.NO_RIVAL
        wanted = _off(rule, view.rival_landed) - view.our_shipping
        if wanted < before and before + view.our_shipping < view.rival_landed:
            return None, Code.CHEAPEST
    elif view.box is None:
        return None, Code.NO_BUY_BOX
    elif view.we_hold is None:
        return None, Code.WINNER_UNCLEAR
    elif view.we_hold:
        if view.rival_landed is None:
            return None, Code.WINNING
        wanted = _off(rule, view.rival_landed) - view.our_shipping
        if wanted <= before or not rule.may_raise:
            return None, Code.WINNING
    elif not view.box_counts:
        return None, Code.NO_RIVAL
    else:
        wanted = _off(rule, view.box) - view.our_shipping
    if wanted > before and not rule.may_raise:
        return None, Code.NO_RAISE
    return wanted, Code.REPRICED


def _off(rule: Rule, landed: int) -> int:
    """`landed` at the rule's distance, rounded down to a whole minor unit."""
    if rule.offset_bp is not None:
        return landed * (10_000 + rule.offset_bp) // 10_000
    assert rule.offset_minor is not None
    return landed + rule.offset_minor


def _guard(listing: Listing, wanted: int | None, code: Code, now: int) -> tuple[int | None, Clamp, Code]:
    """The only way to a price: (price or None, what bound it, why). Also brings a price back into its band."""
    cfg, before, opened = listing.cfg, listing.price, listing.day_open
    assert before is not None
    assert opened is not None
    assert cfg.floor_minor is not None
    ceiling = MAX_MINOR if cfg.ceiling_minor is None else cfg.ceiling_minor
    if wanted is None:
        if cfg.floor_minor <= before <= ceiling:
            return None, Clamp.NONE, code
        wanted, code = before, Code.BACK_IN_BAND
    step, day = before * cfg.max_step_bp // 10_000, opened * cfg.max_day_bp // 10_000
    low = max(cfg.floor_minor, before - step, opened - day)
    high = min(ceiling, before + step, opened + day)
    if low > high:
        return None, Clamp.NONE, Code.NO_ROOM
    to, clamp = wanted, Clamp.NONE
    if wanted < low:
        to, clamp = low, Clamp.FLOOR if low == cfg.floor_minor else Clamp.DAY if low == opened - day else Clamp.STEP
    elif wanted > high:
        to, clamp = high, Clamp.CEILING if high == ceiling else Clamp.DAY if high == opened + day else Clamp.STEP
    if to == before:
        return None, clamp, Code.AT_TARGET if clamp is Clamp.NONE else Code.AT_LIMIT
    if listing.last_change is not None and now - listing.last_change < cfg.cooldown_s * 1_000_000:
        return None, clamp, Code.COOLDOWN
    broken = not cfg.floor_minor <= to <= ceiling or abs(to - before) > step or abs(to - opened) > day
    return (None, clamp, Code.GUARD) if broken else (to, clamp, code)


def _unreadable(problem: ParseProblem) -> Decision:
    detail = f"{problem.path}: {problem.reason}" if problem.path else problem.reason
    return Decision._make((Kind.REJECT, Code.MALFORMED, Clamp.NONE, *(None,) * 17, detail))
