"""What one listing of ours should cost: its view of the page, the rule's wish, the guard. Plain Python, no state table.

The compiled `Listing` in `_engine.pyx` says the same, method by method.
"""

from __future__ import annotations

from collections.abc import Set
from typing import Final, NamedTuple

from native_pricer.config import Channel, ListingConfig, RivalFilter, Rule, Target
from native_pricer.words import DAY_US, MAX_MINOR, Clamp, Code, ParsedEvent, ParsedOffer


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

    __slots__ = ("cfg", "day", "day_open", "halt_scopes", "last_change", "price", "rule_text")

    def __init__(self, cfg: ListingConfig) -> None:
        self.cfg = cfg
        self.price, self.last_change = cfg.price_minor, cfg.last_change_us
        self.day_open = cfg.day_open_minor
        self.day = None if cfg.day_open_us is None else cfg.day_open_us // DAY_US
        self.rule_text = str(cfg.rule)
        self.halt_scopes = ("all", f"marketplace:{cfg.marketplace}", f"sku:{cfg.marketplace}/{cfg.sku}")

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

    def roll_day(self, now: int) -> None:
        """At the first look on a new UTC day the price then is what the day's cap is measured against."""
        if self.price is not None and (self.day is None or now // DAY_US > self.day):
            self.day, self.day_open = now // DAY_US, self.price


def stop(listing: Listing, now: int, fresh_at: int, halts: Set[str]) -> Code | None:
    """What forbids any price, whatever the rule says."""
    if any(scope in halts for scope in listing.halt_scopes):
        return Code.HALTED
    if listing.cfg.floor_minor is None:
        return Code.NO_FLOOR
    if now - fresh_at > listing.cfg.max_event_age_s * 1_000_000:
        return Code.STALE
    return Code.PRICE_UNKNOWN if listing.price is None else None


def view(event: ParsedEvent, cfg: ListingConfig) -> View:
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


def wish(listing: Listing, seen: View) -> tuple[int | None, Code]:
    """The price that the rule would like, or why it wishes for none."""
    rule, before = listing.cfg.rule, listing.price
    assert before is not None
    if seen.our_shipping is None:
        return None, Code.SHIPPING_UNKNOWN
    if rule.target is Target.LOWEST:
        if seen.rival_landed is None:
            return None, Code.NO_RIVAL
        wanted = _off(rule, seen.rival_landed) - seen.our_shipping
        if wanted < before and before + seen.our_shipping < seen.rival_landed:
            return None, Code.CHEAPEST
    elif seen.box is None:
        return None, Code.NO_BUY_BOX
    elif seen.we_hold is None:
        return None, Code.WINNER_UNCLEAR
    elif seen.we_hold:
        if seen.rival_landed is None:
            return None, Code.WINNING
        wanted = _off(rule, seen.rival_landed) - seen.our_shipping
        if wanted <= before or not rule.may_raise:
            return None, Code.WINNING
    elif not seen.box_counts:
        return None, Code.NO_RIVAL
    else:
        wanted = _off(rule, seen.box) - seen.our_shipping
    if wanted > before and not rule.may_raise:
        return None, Code.NO_RAISE
    return wanted, Code.REPRICED


def _off(rule: Rule, landed: int) -> int:
    """`landed` at the rule's distance, rounded down to a whole minor unit."""
    if rule.offset_bp is not None:
        return landed * (10_000 + rule.offset_bp) // 10_000
    assert rule.offset_minor is not None
    return landed + rule.offset_minor


def guard(listing: Listing, wanted: int | None, code: Code, now: int) -> tuple[int | None, Clamp, Code]:
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
