"""A small shop for the pricing room's tests: one listing, its limits, its page, and the facts that hold them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from ecom_agent.ids import AccountId, MarketplaceId, Sku
from ecom_agent.money import Money
from ecom_agent.records.catalog import Listing, ListingStatus
from ecom_agent.records.costs import CostSheets
from ecom_agent.records.finance import FeeQuote
from ecom_agent.records.offers import Offer, OfferSnapshot, PriceLimits
from ecom_agent.records.orders import Order
from ecom_agent.records.rules import Circumstance, RuleBook
from ecom_agent.records.stock import StockLevel
from ecom_agent.records.strategies import StrategyBook, StrategyStanding

ACCOUNT, MARKET, SKU = AccountId("amazon_us"), MarketplaceId("ATVPDKIKX0DER"), Sku("SKU-1")
ASIN, OURS = "B0TEST0001", "AOURSELLER"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def usd(minor: int) -> Money:
    return Money(minor, "USD")


def a_listing(**changes: Any) -> Listing:
    """Ours at 20.00 USD, last seen at 11:00."""
    seen = NOON - timedelta(hours=1)
    listing = Listing(
        ACCOUNT, MARKET, SKU, ASIN, None, "A mug", ListingStatus.ACTIVE, usd(2_000), "new", "fba", None, seen
    )
    return replace(listing, **changes)


def some_limits(**changes: Any) -> PriceLimits:
    """Minimum 14.00, ceiling 30.00, nothing else known."""
    limits = PriceLimits(
        ACCOUNT, MARKET, SKU, "USD", usd(1_400), usd(3_000), None, None, None, 1, NOON - timedelta(days=1), "ann"
    )
    return replace(limits, **changes)


def an_offer(seller: str, minor: int, shipping: int | None = 0, **changes: Any) -> Offer:
    offer = Offer(
        seller, usd(minor), None if shipping is None else usd(shipping), None, True, None, None, None, None, None
    )
    return replace(offer, **changes)


def a_page(*offers: Offer, **changes: Any) -> OfferSnapshot:
    page = OfferSnapshot(ACCOUNT, MARKET, ASIN, "new", offers, None, NOON, NOON, "getItemOffersBatch", None)
    return replace(page, **changes)


@dataclass
class FakeFacts:
    """The store's answers, in memory."""

    all_listings: Sequence[Listing] = ()
    limits: Sequence[PriceLimits] = ()
    quotes: Sequence[FeeQuote] = ()
    pages: Sequence[OfferSnapshot] = field(default_factory=tuple)
    levels: Sequence[StockLevel] = ()
    book: RuleBook = field(default_factory=RuleBook)
    seen: Mapping[Sku, Circumstance] = field(default_factory=dict)
    sheets: CostSheets = field(default_factory=CostSheets)
    strategy_book: StrategyBook = field(default_factory=StrategyBook)
    standings: Sequence[StrategyStanding] = ()
    memories: Mapping[Sku, bytes] = field(default_factory=dict)

    def listings(self, account: AccountId, marketplace: MarketplaceId | None = None) -> Sequence[Listing]:
        return self.all_listings

    def listing(self, account: AccountId, marketplace: MarketplaceId, sku: Sku) -> Listing | None:
        return next((x for x in self.all_listings if x.sku == sku), None)

    def price_limits(self, account: AccountId, marketplace: MarketplaceId) -> Sequence[PriceLimits]:
        return self.limits

    def cost_sheets(self) -> CostSheets:
        return self.sheets

    def fee_quotes(self, account: AccountId, marketplace: MarketplaceId) -> Sequence[FeeQuote]:
        return self.quotes

    def newest_offers(self, account: AccountId, marketplace: MarketplaceId) -> Sequence[OfferSnapshot]:
        return self.pages

    def stock(self, account: AccountId) -> Sequence[StockLevel]:
        return self.levels

    def rule_book(self) -> RuleBook:
        return self.book

    def strategy_standings(
        self, account: AccountId, marketplace: MarketplaceId, default: str
    ) -> Sequence[StrategyStanding]:
        return self.standings

    def strategies(self, account: AccountId, marketplace: MarketplaceId) -> StrategyBook:
        return self.strategy_book

    def strategy_memories(self, account: AccountId, marketplace: MarketplaceId, now: datetime) -> Mapping[Sku, bytes]:
        return self.memories

    def circumstances(
        self, account: AccountId, marketplace: MarketplaceId, now: datetime, *, mode: str, usual: bool
    ) -> Mapping[Sku, Circumstance]:
        return self.seen

    def orders_between(self, account: AccountId, start: datetime, end: datetime) -> Sequence[Order]:
        return ()
