"""The fast lane: an event's bytes → Actions, the page as read, and every decision for counting. No I/O.

One Lane for one account: its engine holds that account's listings, limits, newest events and halts. The caller stores
Actions and page in one commit; when that fails it calls `forget`, since the queue will bring the event again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from ecom_agent.actions.model import Action, Mode
from ecom_agent.ids import AccountId, MarketplaceId, Sku
from ecom_agent.money import Money
from ecom_agent.ports.reads import Facts
from ecom_agent.records.catalog import Listing
from ecom_agent.records.offers import OfferSnapshot
from ecom_agent.records.rules import Circumstance, RuleBook
from native_pricer import Decision, Level, ParsedEvent, ParseProblem
from native_pricer.journal import Recorder
from pricing.repricing.companies import Companies, companies
from pricing.repricing.decide import remembered
from pricing.repricing.inputs import NAME, RepricePolicy
from pricing.repricing.pages import moment, snapshot
from pricing.repricing.ruled import Desk, asks_for_usual, open_desk
from pricing.repricing.wishes import wish
from pricing.rules import Library

CIRCUMSTANCES_EVERY: Final = timedelta(minutes=15)
# A platform may show the former price for some minutes after it took a new one.
SHOWS_AFTER: Final = timedelta(minutes=5)
# The day's cap goes by the UTC day; one more, so that no clock that is off matters.
DAYS_THAT_COUNT: Final = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class LaneResult:
    """What came of one event. `problem` says why it could not be read; then there is no page.

    Plain values, so that it may be handed to another process. The page is made when asked for: of many events only
    the newest of each page counts.
    """

    account: AccountId
    at: datetime
    decisions: tuple[Decision, ...]
    read: ParsedEvent | None
    problem: str | None = None

    @property
    def page(self) -> OfferSnapshot | None:
        """The page as the store keeps it."""
        return None if self.read is None else snapshot(self.read, account=self.account, seen_at=self.at)

    def outcomes(self) -> Mapping[str, int]:
        """Decisions by kind: "move", "hold", "reject"."""
        return Counter(d.kind.value for d in self.decisions)


@dataclass(slots=True)
class Lane:
    """The engine of one account. `seller_id` is our merchant id there; `mode` and `policy_version` go into Actions."""

    account: AccountId
    seller_id: str
    mode: Mode
    policy: RepricePolicy
    policy_version: int
    engine: Recorder = field(default_factory=Recorder)
    _configured: set[tuple[MarketplaceId, Sku]] = field(default_factory=set)
    _seen_at: dict[tuple[MarketplaceId, Sku], datetime] = field(default_factory=dict)
    _library: Library = field(default_factory=lambda: Library(RuleBook()))
    # of each listing: what was known of it when the engine was last told, whether it was, and why it stays as it is
    _known: dict[tuple[MarketplaceId, Sku], tuple[tuple[object, ...], bool, str | None]] = field(default_factory=dict)
    _companies: dict[tuple[str | None, str | None], Companies] = field(default_factory=dict)
    _circumstances: dict[MarketplaceId, tuple[datetime, Mapping[Sku, Circumstance]]] = field(default_factory=dict)

    def load(
        self, facts: Facts, marketplaces: Sequence[MarketplaceId], now: datetime
    ) -> dict[tuple[MarketplaceId, Sku], str]:
        """Bring the engine up to the store's facts; to be called again whenever rules, limits, fees or listings change.

        Prices that the engine has learned from `applied` after the listing was last seen stand. What sold is asked
        again every quarter of an hour. Gives the listings that will not be repriced, with the reason.
        """
        problems: dict[tuple[MarketplaceId, Sku], str] = {}
        loaded = set()
        book = facts.rule_book()
        if book != self._library.book:
            self._library = Library(book)
        for marketplace in marketplaces:
            desk = self._desk(facts, marketplace, self._library, now)
            for listing in desk.listings:
                place = (marketplace, listing.sku)
                known = desk.known(listing)
                if place not in self._known or self._known[place][0] != known:
                    self._known[place] = known, *self._tell(desk, listing)
                _, is_told, problem = self._known[place]
                if problem is not None:
                    problems[place] = problem
                if is_told:
                    loaded.add(place)
            for page in desk.pages.values():
                self.engine.seen(marketplace, page.external_id, page.condition, page.changed_at, page.event_id)
        for marketplace, sku in self._configured - loaded:
            self.engine.remove(marketplace, sku)
            del self._seen_at[marketplace, sku]
            self._known.pop((marketplace, sku), None)
            self._companies.pop((marketplace, sku), None)
        self._configured = loaded
        return problems

    def _tell(self, desk: Desk, listing: Listing) -> tuple[bool, str | None]:
        """Tell the engine of one listing: whether there is anything to tell, and why it will not be repriced."""
        try:
            ruled = desk.ruled(listing, price_is_news=self._is_news(listing), history=False)
            if ruled is None:
                return False, None
            self.engine.configure(ruled.cfg)
            self.engine.inform(listing.marketplace, listing.sku, ruled.facts)
            found = companies(listing, ruled)
            self._companies.pop((listing.marketplace, listing.sku), None)
            if found is not None:
                self._companies[listing.marketplace, listing.sku] = found
        except ValueError as e:
            self.engine.remove(listing.marketplace, listing.sku)
            return False, str(e)
        self._seen_at[listing.marketplace, listing.sku] = listing.seen_at
        return True, ruled.band.least.reason if ruled.band.least.price is None else None

    def _desk(self, facts: Facts, marketplace: MarketplaceId, library: Library, now: datetime) -> Desk:
        known = self._circumstances.get(marketplace)
        if known is None or now - known[0] >= CIRCUMSTANCES_EVERY:
            usual = asks_for_usual(library)
            known = now, facts.circumstances(self.account, marketplace, now, mode=self.mode.value, usual=usual)
            self._circumstances[marketplace] = known
        return open_desk(
            facts,
            self.account,
            marketplace,
            policy=self.policy,
            seller_id=self.seller_id,
            now=now,
            mode=self.mode.value,
            library=library,
            circumstances=known[1],
        )

    def recall(self, facts: Facts, now: datetime) -> int:
        """After the first `load`: give strategies back what they knew before a restart. Gives to how many listings.

        What another strategy or another version of the engine left is passed over.
        """
        recalled = 0
        following = [place for place in sorted(self._configured) if self.engine.memory(*place) is not None]
        for marketplace in sorted({place[0] for place in following}):
            memories = facts.strategy_memories(self.account, marketplace, now)
            for place in following:
                if place[0] == marketplace and place[1] in memories:
                    recalled += remembered(self.engine, *place, memories[place[1]])
        return recalled

    def on_event(self, raw: bytes, now: datetime) -> LaneResult:
        """Decide on one notification as received. Never raises for its content."""
        read, decisions = self.engine.observe(raw, now)
        if isinstance(read, ParseProblem):
            problem = f"{read.path}: {read.reason}" if read.path else read.reason
            return LaneResult(self.account, now, decisions, None, problem)
        return LaneResult(self.account, now, decisions, read)

    def actions(self, result: LaneResult) -> tuple[Action, ...]:
        """What an event wishes for."""
        return tuple(action for d in result.decisions if (action := self.action(result, d)) is not None)

    def action(self, result: LaneResult, decision: Decision) -> Action | None:
        """The wish of one of its decisions, None where nothing is to change."""
        if result.read is None:
            return None
        return wish(
            decision,
            account=self.account,
            slot=moment(result.read.changed_at_us),
            mode=self.mode,
            policy_version=self.policy_version,
            companies=self.companies_at(decision.marketplace, decision.sku),
        )

    def companies_at(self, marketplace: str | None, sku: str | None) -> Companies | None:
        """How prices for companies follow this listing's, where they do."""
        return self._companies.get((marketplace, sku)) if self._companies else None

    def forget(self, result: LaneResult) -> None:
        """The result could not be stored: let the event count as unseen when it comes again."""
        if (read := result.read) is not None:
            self.engine.forget(read.marketplace, read.asin, read.condition)

    def sent_matter_since(self, now: datetime) -> datetime:
        """From when on `applied` has something to tell a new engine: the day's cap, the cooldown, and what the records
        of loaded listings do not show yet. Older prices change no decision."""
        counted = now - max(DAYS_THAT_COUNT, timedelta(seconds=self.policy.cooldown_s))
        shown = min(self._seen_at.values(), default=now) - SHOWS_AFTER
        return min(counted, shown)

    def applied(
        self, marketplace: MarketplaceId, sku: Sku, price: Money, at: datetime, before: Money | None = None
    ) -> None:
        """The platform took this price, in place of `before`; a listing that is not loaded is left to the next `load`.

        Where the listing was seen since, its price stands (a person may have changed it): the write counts for the
        cooldown and the day's cap. So a lane begins after a restart where the former one ended.
        """
        seen = self._seen_at.get((marketplace, sku))
        if seen is None:
            return
        if seen >= at + SHOWS_AFTER:
            self.engine.recall(marketplace, sku, (before or price).minor, at)
        else:
            self.engine.applied(marketplace, sku, price.minor, at)

    def set_halts(self, halted: Iterable[str], reducing: Iterable[str] = ()) -> None:
        """Exactly these are in force, in the words of HaltView; `reducing`: raises only. Of this account alone."""
        wanted: dict[str | None, Level] = dict.fromkeys(map(self._engine_scope, reducing), Level.REDUCING)
        wanted |= dict.fromkeys(map(self._engine_scope, halted), Level.HALTED)
        known = self.engine.halts()
        for scope, level in known.items():
            if wanted.get(scope) is not level:
                self.engine.resume(scope)
        for wished, level in wanted.items():
            if wished is not None and known.get(wished) is not level:
                (self.engine.halt if level is Level.HALTED else self.engine.reduce)(wished)

    def _engine_scope(self, scope: str) -> str | None:
        if scope in ("all", f"automation:{NAME}", f"account:{self.account}"):
            return "all"
        kind, _, rest = scope.partition(":")
        account, _, place = rest.partition("/")
        return f"{kind}:{place}" if kind in ("marketplace", "sku") and account == self.account and place else None

    def _is_news(self, listing: Listing) -> bool:
        """Whether the record was seen long enough after the last change that the engine knows of to show it."""
        if (listing.marketplace, listing.sku) not in self._configured:
            return True
        changed = self.engine.state(listing.marketplace, listing.sku).last_change_us
        return changed is None or listing.seen_at >= moment(changed) + SHOWS_AFTER
