"""Each listing under its rule: the facts of one marketplace read once, then what the engine must know of each listing.

A listing without a rule of its own follows the policy. One whose rule cannot be run is left alone: never priced by
another rule than the one its seller gave it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final
from zlib import crc32

from ecom_agent.economics.unit_costs import NO_SHEETS, UnitCosts, unit_costs
from ecom_agent.ids import AccountId, MarketplaceId, Sku
from ecom_agent.money import Money
from ecom_agent.ports.reads import Facts
from ecom_agent.records.catalog import Listing, ListingStatus
from ecom_agent.records.costs import CostSheets
from ecom_agent.records.finance import FeeQuote
from ecom_agent.records.offers import OfferSnapshot, PriceLimits
from ecom_agent.records.rules import Circumstance
from ecom_agent.records.stock import StockLevel
from native_pricer import ListingConfig, ListingFacts, Target, epoch_us
from native_pricer.minds import Needs, needs
from native_pricer.strategies import Strategy, strategy
from pricing.repricing.inputs import RepricePolicy, engine_listing, lowest_price
from pricing.repricing.strategic import Assignments
from pricing.rules import Band, Compiled, Library, listing_facts, narrow
from pricing.rules.model import Aim
from pricing.rules.words import LAB

NOTHING_KNOWN: Final = Circumstance()
ANEW_MINUTES: Final = 15


@dataclass(frozen=True, slots=True)
class Ruled:
    """One listing for the engine. `rule` None = the policy's own; `page` None = nothing is known of its page."""

    cfg: ListingConfig
    facts: ListingFacts
    rule: Compiled | None
    band: Band
    page: OfferSnapshot | None


@dataclass(frozen=True, slots=True)
class Desk:
    """What is known of one marketplace at `now`. `shows_offers` False: a shop of one's own, without rivals' offers.

    `sheets` are fee tables and exchange rates with their days.
    """

    listings: Sequence[Listing]
    limits: Mapping[Sku, PriceLimits]
    fees: Mapping[Sku, FeeQuote]
    pages: Mapping[tuple[str, str], OfferSnapshot]
    levels: Mapping[Sku, Sequence[StockLevel]]
    circumstances: Mapping[Sku, Circumstance]
    library: Library
    policy: RepricePolicy
    seller_id: str
    now: datetime
    shows_offers: bool = True
    sheets: CostSheets = NO_SHEETS
    assignments: Assignments = field(default_factory=Assignments)

    def ruled(self, listing: Listing, *, price_is_news: bool = True, history: bool = True) -> Ruled | None:
        """This listing under its rule; None where there is nothing to do for it.

        `history`: tell the engine also when its price was last changed, for an engine that has not seen that itself.
        Raises ValueError naming what does not fit: currencies, a rule that cannot be run for this listing, a sale that
        runs at its platform.
        """
        if listing.status is ListingStatus.DELETED:
            return None
        if listing.sale is not None and listing.sale.runs(self.now):
            until = "for good" if listing.sale.until is None else f"until {listing.sale.until:%Y-%m-%d %H:%M} UTC"
            raise ValueError(f"a sale at {listing.sale.price} runs {until}: buyers would not see another price")
        limits, fees = self.limits.get(listing.sku), self.fees.get(listing.sku)
        least = lowest_price(limits, fees, self.sheets, self.now)
        cfg = engine_listing(listing, limits, least, self.seller_id, self.policy, price_is_news=price_is_news)
        rule = self.library.compiled(listing, cfg.currency, self.now)
        if listing.status is not ListingStatus.ACTIVE:
            rule = None if rule is None else rule.for_inactive()
            if rule is None or not rule.clauses:
                return None
        page = self.pages.get((listing.external_id, listing.condition.lower()))
        seen = self.circumstances.get(listing.sku, NOTHING_KNOWN)
        if not self.shows_offers:
            cfg = replace(cfg, shipping_minor=0)  # nobody compares: what is asked is what is paid
        band = Band(least, None if limits is None else limits.ceiling)
        costs = None if limits is None else unit_costs(limits, fees, self.sheets, self.now)
        if rule is not None:
            band = narrow(band, limits, costs, rule.least, rule.most)
            cfg = _under(cfg, rule, band, self.assignments.strategy(rule.strategy, listing.sku))
        if history and seen.changed_at is not None:
            cfg = replace(cfg, last_change_us=epoch_us(seen.changed_at))
        shipping = self._shipping(page, cfg)
        known_costs = costs if isinstance(costs, UnitCosts) else None
        levels = self.levels.get(listing.sku, ())
        facts = listing_facts(listing, levels, seen, rule, shipping, self.now, known_costs)
        return Ruled(cfg, facts, rule, band, page)

    def known(self, listing: Listing) -> tuple[object, ...]:
        """Everything that `ruled` looks at, to tell whether it would say something new; also every quarter of an hour,
        since ages and the freshness of costs move with the clock, not of all listings at once."""
        limits = self.limits.get(listing.sku)
        rule: Compiled | str | None = None
        if listing.price is not None or limits is not None:
            currency = listing.price.currency if listing.price is not None else limits.currency if limits else ""
            try:
                rule = self.library.compiled(listing, currency, self.now)
            except ValueError as e:
                rule = str(e)
        page = self.pages.get((listing.external_id, listing.condition.lower()))
        shipping = () if page is None else tuple(o.shipping for o in page.offers if o.seller_id == self.seller_id)
        minute = int(self.now.timestamp()) // 60 + crc32(listing.sku.encode())
        return (
            listing, limits, self.fees.get(listing.sku), self.levels.get(listing.sku),
            self.circumstances.get(listing.sku), rule, shipping, self.policy, self.sheets, minute // ANEW_MINUTES,
            self.assignments.strategy(rule.strategy, listing.sku) if isinstance(rule, Compiled) else None,
        )  # fmt: skip

    def _shipping(self, page: OfferSnapshot | None, cfg: ListingConfig) -> Money | None:
        """What we charge on top, as our own offer on the page shows it."""
        if cfg.shipping_minor is not None:
            return Money(cfg.shipping_minor, cfg.currency)
        own = {o.shipping for o in page.offers if o.seller_id == self.seller_id} if page is not None else set()
        return own.pop() if len(own) == 1 else None


def open_desk(
    facts: Facts,
    account: AccountId,
    marketplace: MarketplaceId,
    *,
    policy: RepricePolicy,
    seller_id: str,
    now: datetime,
    mode: str,
    shows_offers: bool = True,
    library: Library | None = None,
    circumstances: Mapping[Sku, Circumstance] | None = None,
) -> Desk:
    """Read everything. `library` and `circumstances` stand in for asking again where the caller has them."""
    library = Library(facts.rule_book()) if library is None else library
    if circumstances is None:
        circumstances = facts.circumstances(account, marketplace, now, mode=mode, usual=asks_for_usual(library))
    levels: dict[Sku, list[StockLevel]] = defaultdict(list)
    for level in facts.stock(account):
        if level.marketplace == marketplace:
            levels[level.sku].append(level)
    return Desk(
        listings=sorted(facts.listings(account, marketplace), key=lambda x: x.sku),
        limits={x.sku: x for x in facts.price_limits(account, marketplace)},
        fees={x.sku: x for x in facts.fee_quotes(account, marketplace)},
        pages={(p.external_id, p.condition.lower()): p for p in facts.newest_offers(account, marketplace)},
        levels=levels,
        circumstances=circumstances,
        library=library,
        policy=policy,
        seller_id=seller_id,
        now=now,
        shows_offers=shows_offers,
        sheets=facts.cost_sheets(),
        assignments=_assignments(facts, account, marketplace, library),
    )


def asks_for_usual(library: Library) -> bool:
    """Whether any rule follows a reference price without saying it: what buyers usually paid is a long question."""
    return any(
        rule.reference is None and any(c.aim.target is Target.REFERENCE or _weighs(c.aim) for c in rule.clauses)
        for rule in library.readable()
    )


def _weighs(aim: Aim) -> bool:
    """Whether this may be a strategy that measures prices by the reference price; the lab's may be any."""
    return aim.strategy is not None and (aim.strategy == LAB or Needs.MONEY in needs(strategy(aim.strategy)))


def _assignments(facts: Facts, account: AccountId, marketplace: MarketplaceId, library: Library) -> Assignments:
    """The lab is asked only where a rule follows a strategy."""
    asked = any(c.aim.strategy is not None for rule in library.readable() for c in rule.clauses)
    return Assignments.of(facts.strategies(account, marketplace)) if asked else Assignments()


def _under(cfg: ListingConfig, rule: Compiled, band: Band, chosen: Strategy | None) -> ListingConfig:
    """The listing with its rule in the place of the policy's; the policy's caps on steps and days stand."""
    floor = band.least.price
    return replace(
        cfg,
        clauses=rule.clauses,
        strategy=chosen,
        rivals=rule.rivals,
        cooldown_s=max(cfg.cooldown_s, rule.pause_s),
        floor_minor=None if floor is None else floor.minor,
        ceiling_minor=None if floor is None or band.most is None else band.most.minor,
    )
