"""The repricer in plain Python: orjson, the state table, the rule. The oracle of the compiled one.

Read this, `view.py`, `rule.py` and `guard.py` to know what `_engine.pyx` does: equal Decisions, field by field, for the
same calls.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from native_pricer._check import check_moment
from native_pricer._twin.consult import by_strategy
from native_pricer._twin.guard import guard, stop
from native_pricer._twin.listing import Answer, Listing
from native_pricer._twin.parse import parse_event
from native_pricer._twin.rule import choose, wish
from native_pricer._twin.view import NO_VIEW, View, aim, look
from native_pricer.clauses import Clause, Target
from native_pricer.config import ListingConfig
from native_pricer.facts import ListingFacts
from native_pricer.words import (
    DAY_US,
    MAX_AHEAD_US,
    Clamp,
    Code,
    Decision,
    Kind,
    Level,
    ParsedEvent,
    ParseProblem,
)

__all__ = ["Core", "parse_event"]

NAME: Final = "reference"
REJECTING: Final = frozenset({Code.MALFORMED, Code.FUTURE, Code.CURRENCY, Code.NO_FLOOR, Code.GUARD})
PageKey = tuple[str, str, str]
SkuKey = tuple[str, str]


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
        self._listings: dict[SkuKey, tuple[Listing, Page]] = {}
        self._levels: dict[str, Level] = {}

    def configure(self, cfg: ListingConfig) -> None:
        key = cfg.marketplace, cfg.sku
        listing, page = Listing.of(cfg), self._page(cfg.marketplace, cfg.asin, cfg.condition.lower())
        if key not in self._listings:
            page.listings.append(listing)
        else:
            former, at = self._listings[key]
            listing.keep_history(former)
            if at is page:
                page.listings[page.listings.index(former)] = listing
            else:
                at.listings.remove(former)
                page.listings.append(listing)
        self._listings[key] = listing, page
        self._set_level(listing)

    def remove(self, marketplace: str, sku: str) -> bool:
        if (marketplace, sku) not in self._listings:
            return False
        listing, page = self._listings.pop((marketplace, sku))
        page.listings.remove(listing)
        return True

    def inform(self, marketplace: str, sku: str, facts: ListingFacts) -> None:
        listing, _ = self._listings[marketplace, sku]
        listing.facts = facts

    def applied(self, marketplace: str, sku: str, price_minor: int, at: int) -> None:
        listing, _ = self._listings[marketplace, sku]
        listing.roll_day(at)
        listing.price = price_minor
        listing.last_change = at if listing.last_change is None else max(at, listing.last_change)
        listing.roll_day(at)

    def recall(self, marketplace: str, sku: str, before_minor: int, at: int) -> None:
        listing, _ = self._listings[marketplace, sku]
        listing.last_change = at if listing.last_change is None else max(at, listing.last_change)
        if listing.day is None or at // DAY_US > listing.day:
            listing.day, listing.day_open = at // DAY_US, before_minor

    def halt(self, scope: str) -> None:
        self._change(scope, Level.HALTED)

    def reduce(self, scope: str) -> None:
        if scope not in self._levels:
            self._change(scope, Level.REDUCING)

    def resume(self, scope: str) -> None:
        self._change(scope, None)

    def halts(self) -> dict[str, Level]:
        return dict(self._levels)

    def state(self, marketplace: str, sku: str) -> tuple[int | None, ...]:
        listing, _ = self._listings[marketplace, sku]
        day = None if listing.day is None else listing.day * DAY_US
        return listing.price, listing.last_change, listing.day_open, day

    def twin(self, marketplace: str, sku: str) -> Listing:
        """A copy, for explaining."""
        x, _ = self._listings[marketplace, sku]
        return Listing(x.cfg, x.facts, x.price, x.last_change, x.day, x.day_open, x.level)

    def newest(self, marketplace: str, asin: str, condition: str) -> int | None:
        page = self._pages.get((marketplace, asin, condition.lower()))
        return None if page is None else page.newest

    def seen(self, marketplace: str, asin: str, condition: str, changed_at: int, event_id: str | None) -> None:
        page = self._page(marketplace, asin, condition.lower())
        if page.newest is None or changed_at > page.newest:
            page.take(changed_at, event_id)

    def memory(self, marketplace: str, sku: str) -> bytes | None:
        listing, _ = self._listings[marketplace, sku]
        return None if listing.mind is None else listing.mind.memory()

    def remember(self, marketplace: str, sku: str, memory: bytes) -> None:
        listing, _ = self._listings[marketplace, sku]
        if listing.mind is None:
            raise ValueError(f"memory: {sku} has no strategy configured")
        listing.mind.remember(memory)

    def forget(self, marketplace: str, asin: str, condition: str) -> None:
        page = self._pages.get((marketplace, asin, condition.lower()))
        if page is not None:
            page.newest = page.last_id = None
            for listing in page.listings:
                if listing.mind is not None:
                    listing.mind.take_back()

    def on_event(self, raw: bytes, now: int) -> tuple[Decision, ...]:
        return self.observe(raw, now)[1]

    def observe(self, raw: bytes, now: int) -> tuple[ParsedEvent | ParseProblem, tuple[Decision, ...]]:
        check_moment("moment", now)
        parsed = parse_event(raw)
        if isinstance(parsed, ParseProblem):
            return parsed, (_unreadable(parsed),)
        return parsed, self._decide(parsed, now, parsed.changed_at_us, strictly_newer=True)

    def on_events(self, raws: Iterable[bytes], now: int) -> list[tuple[Decision, ...]]:
        return [self.on_event(raw, now) for raw in raws]

    def on_offers(self, event: ParsedEvent, now: int, seen_at: int, strictly_newer: bool) -> tuple[Decision, ...]:
        return self._decide(event, now, seen_at, strictly_newer=strictly_newer)

    def on_own(self, marketplace: str, sku: str, now: int) -> Decision:
        listing, _ = self._listings[marketplace, sku]
        cfg = listing.cfg
        nothing = ParsedEvent(None, cfg.marketplace, cfg.asin, cfg.condition.lower(), now, None, None, ())
        return _answer(listing, nothing, now, now, None)

    def _page(self, marketplace: str, asin: str, condition: str) -> Page:
        return self._pages.setdefault((marketplace, asin, condition), Page())

    def _change(self, scope: str, level: Level | None) -> None:
        if level is None:
            self._levels.pop(scope, None)
        else:
            self._levels[scope] = level
        for listing, _ in self._listings.values():
            self._set_level(listing)

    def _set_level(self, listing: Listing) -> None:
        """The strictest of the scopes that this listing is in."""
        cfg = listing.cfg
        scopes = "all", f"marketplace:{cfg.marketplace}", f"sku:{cfg.marketplace}/{cfg.sku}"
        found = {self._levels.get(scope) for scope in scopes}
        listing.level = next((x for x in (Level.HALTED, Level.REDUCING) if x in found), None)

    def _decide(self, event: ParsedEvent, now: int, fresh_at: int, *, strictly_newer: bool) -> tuple[Decision, ...]:
        page = self._pages.get((event.marketplace, event.asin, event.condition))
        if page is None:
            return ()
        code = _order(page, event, now, strictly_newer)
        if code is None:
            page.take(event.changed_at_us, event.event_id)
        return tuple([_answer(listing, event, now, fresh_at, code) for listing in page.listings])


def _answer(listing: Listing, event: ParsedEvent, now: int, fresh_at: int, code: Code | None) -> Decision:
    cfg = listing.cfg
    seen, answer, clause, rule = NO_VIEW, None, None, None
    if code is None and event.currency is not None and event.currency != cfg.currency:
        code = Code.CURRENCY
    if code is None:
        if listing.mind is not None:
            listing.mind.look_on()
        listing.roll_day(now)
        seen = look(event, cfg, cfg.rivals)
        code = stop(listing, now, fresh_at)
    if code is None:
        clause = choose(listing, seen, now)
        if clause is not None:
            seen = aim(event, cfg, clause, seen)
        if clause is not None and listing.mind is not None and clause.target is Target.STRATEGY:
            answer, rule = by_strategy(listing, clause, event, seen, now), listing.mind.text
        else:
            answer, rule = settle(listing, clause, seen, now), None if clause is None else str(clause)
    else:
        answer = Answer(code)
    kind = Kind.MOVE if answer.to is not None else Kind.REJECT if answer.code in REJECTING else Kind.HOLD
    return Decision(
        kind, answer.code, answer.clamp, event.marketplace, event.asin, event.condition, cfg.sku, cfg.currency,
        listing.price, answer.to, answer.wanted, cfg.floor_minor, cfg.ceiling_minor,
        None if clause is None else clause.name, rule, answer.target,
        event.event_id, event.changed_at_us, None if seen.rival is None else seen.rival.seller_id, seen.rival_landed,
        seen.box, seen.we_hold, None,
    )  # fmt: skip


def settle(listing: Listing, clause: Clause | None, seen: View, now: int) -> Answer:
    """The chosen clause's wish, through the guard."""
    assert listing.price is not None
    if clause is None:
        return guard(listing, Answer(Code.NO_CLAUSE), 0, now)
    return guard(listing, wish(clause, seen, listing.facts, listing.price), clause.min_move_minor, now)


def _order(page: Page, event: ParsedEvent, now: int, strictly_newer: bool) -> Code | None:
    """Newest event wins. A sweep may ask again about the newest state, an event may not."""
    if event.changed_at_us > now + MAX_AHEAD_US:
        return Code.FUTURE
    if strictly_newer and event.event_id is not None and event.event_id == page.last_id:
        return Code.DUPLICATE
    if page.newest is None or event.changed_at_us > page.newest:
        return None
    return None if event.changed_at_us == page.newest and not strictly_newer else Code.SUPERSEDED


def _unreadable(problem: ParseProblem) -> Decision:
    detail = f"{problem.path}: {problem.reason}" if problem.path else problem.reason
    return Decision._make((Kind.REJECT, Code.MALFORMED, Clamp.NONE, *(None,) * 19, detail))
