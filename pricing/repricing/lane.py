"""The fast lane: an event's bytes → Actions, the page as read, and every decision for counting. No I/O.

One Lane for one account: its engine holds that account's listings, limits, newest events and halts. The caller stores
Actions and page in one commit; when that fails it calls `forget`, since the queue will bring the event again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ecom_agent.actions.model import Action, Mode
from ecom_agent.ids import AccountId, MarketplaceId, Sku
from ecom_agent.money import Money
from ecom_agent.ports.reads import Facts
from ecom_agent.records.catalog import Listing, ListingStatus
from ecom_agent.records.offers import OfferSnapshot
from native_pricer import Decision, Engine, Level, ParseProblem, epoch_us
from pricing.repricing.inputs import NAME, RepricePolicy, engine_listing, lowest_price
from pricing.repricing.pages import moment, snapshot
from pricing.repricing.wishes import wish


@dataclass(frozen=True, slots=True)
class LaneResult:
    """What came of one event. `problem` says why it could not be read; then there is no page."""

    actions: tuple[Action, ...]
    decisions: tuple[Decision, ...]
    page: OfferSnapshot | None
    problem: str | None

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
    engine: Engine = field(default_factory=Engine)
    _configured: set[tuple[MarketplaceId, Sku]] = field(default_factory=set)

    def load(self, facts: Facts, marketplaces: Sequence[MarketplaceId]) -> dict[tuple[MarketplaceId, Sku], str]:
        """Bring the engine up to the store's facts; to be called again whenever limits, fees or listings change.

        Prices that the engine has learned from `applied` after the listing was last seen stand. Gives the listings
        that will not be repriced, with the reason.
        """
        problems: dict[tuple[MarketplaceId, Sku], str] = {}
        loaded = set()
        for marketplace in marketplaces:
            limits = {x.sku: x for x in facts.price_limits(self.account, marketplace)}
            fees = {x.sku: x for x in facts.fee_quotes(self.account, marketplace)}
            for listing in facts.listings(self.account, marketplace):
                if listing.status is not ListingStatus.ACTIVE:
                    continue
                own = limits.get(listing.sku)
                least = lowest_price(own, fees.get(listing.sku))
                if least.price is None:
                    problems[marketplace, listing.sku] = least.reason
                try:
                    cfg = engine_listing(
                        listing, own, least, self.seller_id, self.policy, price_is_news=self._is_news(listing)
                    )
                    self.engine.configure(cfg)
                    loaded.add((marketplace, listing.sku))
                except ValueError as e:
                    problems[marketplace, listing.sku] = str(e)
            for page in facts.newest_offers(self.account, marketplace):
                self.engine.seen(marketplace, page.external_id, page.condition, page.changed_at, page.event_id)
        for marketplace, sku in self._configured - loaded:
            self.engine.remove(marketplace, sku)
        self._configured = loaded
        return problems

    def on_event(self, raw: bytes, now: datetime) -> LaneResult:
        """Decide on one notification as received. Never raises for its content."""
        read, decisions = self.engine.observe(raw, now)
        if isinstance(read, ParseProblem):
            return LaneResult((), decisions, None, f"{read.path}: {read.reason}" if read.path else read.reason)
        slot = moment(read.changed_at_us)
        wishes = (
            wish(d, account=self.account, slot=slot, mode=self.mode, policy_version=self.policy_version)
            for d in decisions
        )
        actions = tuple(action for action in wishes if action is not None)
        return LaneResult(actions, decisions, snapshot(read, account=self.account, seen_at=now), None)

    def forget(self, result: LaneResult) -> None:
        """The result could not be stored: let the event count as unseen when it comes again."""
        if result.page is not None:
            self.engine.forget(result.page.marketplace, result.page.external_id, result.page.condition)

    def applied(self, marketplace: MarketplaceId, sku: Sku, price: Money, at: datetime) -> None:
        """The platform took this price; a listing that is not loaded is left to the next `load`."""
        if (marketplace, sku) in self._configured:
            self.engine.applied(marketplace, sku, price.minor, at)

    def set_halts(self, halted: Iterable[str], reducing: Iterable[str] = ()) -> None:
        """Exactly these are in force, in the words of HaltView; `reducing`: raises only. Of this account alone."""
        wanted = dict.fromkeys(map(self._engine_scope, reducing), Level.REDUCING)
        wanted |= dict.fromkeys(map(self._engine_scope, halted), Level.HALTED)
        known = self.engine.halts()
        for scope, level in known.items():
            if wanted.get(scope) is not level:
                self.engine.resume(scope)
        for scope, level in wanted.items():
            if scope is not None and known.get(scope) is not level:
                (self.engine.halt if level is Level.HALTED else self.engine.reduce)(scope)

    def _engine_scope(self, scope: str) -> str | None:
        if scope in ("all", f"automation:{NAME}"):
            return "all"
        kind, _, rest = scope.partition(":")
        account, _, place = rest.partition("/")
        return f"{kind}:{place}" if kind in ("marketplace", "sku") and account == self.account and place else None

    def _is_news(self, listing: Listing) -> bool:
        """Whether the record was seen after the last change that the engine knows of."""
        if (listing.marketplace, listing.sku) not in self._configured:
            return True
        changed = self.engine.state(listing.marketplace, listing.sku).last_change_us
        return changed is None or epoch_us(listing.seen_at) >= changed
