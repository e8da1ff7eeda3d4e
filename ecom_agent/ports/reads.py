"""Reading platforms (Pulls...), and what rooms may ask of the store (Facts)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol, runtime_checkable

from ecom_agent.connector import Page
from ecom_agent.ids import AccountId, MarketplaceId, OrderId, Sku
from ecom_agent.money import Money
from ecom_agent.records.advertising import AdPerformance, AdRecord, SearchTerm, Target
from ecom_agent.records.bindings import Binding
from ecom_agent.records.catalog import Listing
from ecom_agent.records.costs import CostSheets
from ecom_agent.records.events import AuthorizationEnded, Notification, OrderChange
from ecom_agent.records.finance import Charge, FeeQuote
from ecom_agent.records.messages import Message
from ecom_agent.records.offers import ExpectedPrice, OfferSnapshot, PriceLimits
from ecom_agent.records.orders import Order
from ecom_agent.records.pools import PoolBook
from ecom_agent.records.returns import Return
from ecom_agent.records.rules import Circumstance, RuleBook
from ecom_agent.records.stock import StockLevel
from ecom_agent.records.strategies import StrategyBook, StrategyStanding


@runtime_checkable
class PullsOrders(Protocol):
    def pull_orders(self, cursor: str | None) -> Iterator[Page[Order]]:
        """Orders changed since `cursor` (None = the stream's first look-back), oldest change first."""
        ...

    def get_order(self, order_id: OrderId) -> Order: ...


@runtime_checkable
class PullsReturns(Protocol):
    def pull_returns(self, cursor: str | None) -> Iterator[Page[Return]]:
        """Returns changed since `cursor` (None = the stream's first look-back), oldest change first."""
        ...


@runtime_checkable
class PullsCharges(Protocol):
    def pull_charges(self, cursor: str | None) -> Iterator[Page[Charge]]:
        """What the platform booked since `cursor`, oldest first."""
        ...


@runtime_checkable
class PullsMessages(Protocol):
    def pull_messages(self, cursor: str | None) -> Iterator[Page[Message]]:
        """Messages of buyers and our answers since `cursor`, oldest first."""
        ...


@runtime_checkable
class ReadsConversation(Protocol):
    def said_since(self, conversation_id: str, since: datetime) -> Sequence[Message]:
        """What was written in one conversation since then, by both sides: what an answer of ours is read back from."""
        ...


@runtime_checkable
class PullsStock(Protocol):
    def pull_stock(self, cursor: str | None) -> Iterator[Page[StockLevel]]: ...


@runtime_checkable
class PullsListings(Protocol):
    def pull_listings(self, cursor: str | None) -> Iterator[Page[Listing]]: ...

    def live_price(self, sku: Sku, marketplace: MarketplaceId) -> Money | None:
        """The price the platform shows right now: what a write is verified against."""
        ...

    def live_stock(self, sku: Sku, marketplace: MarketplaceId, location: str) -> int | None: ...


@runtime_checkable
class PullsOffers(Protocol):
    def offers(self, listings: Sequence[Listing]) -> Iterator[Page[OfferSnapshot]]:
        """Offers on the pages of these listings, for the sweep of silent pages."""
        ...


@runtime_checkable
class PullsFees(Protocol):
    def fees(self, listings: Sequence[Listing]) -> Iterator[Page[FeeQuote]]:
        """Fee quotes at the listings' present prices."""
        ...


@runtime_checkable
class PullsExpectedPrices(Protocol):
    def expected_prices(self, listings: Sequence[Listing]) -> Iterator[Page[ExpectedPrice]]:
        """At or below which price the platform may feature our offer, listing by listing."""
        ...


@runtime_checkable
class PullsCampaigns(Protocol):
    def pull_campaigns(self, cursor: str | None) -> Iterator[Page[AdRecord]]:
        """Campaigns, and what is in them: ad groups, ads, targets, what is refused."""
        ...

    def live_bid(self, target: Target) -> Money | None:
        """What is bid on it right now, which a write is verified against. None = no bid of its own, or it is gone."""
        ...


@runtime_checkable
class PullsAdFigures(Protocol):
    def pull_ad_figures(self, cursor: str | None) -> Iterator[Page[AdPerformance]]:
        """Figures day by day, days that may still grow once more. A page without records = a report is being made."""
        ...


@runtime_checkable
class PullsSearchTerms(Protocol):
    def pull_search_terms(self, cursor: str | None) -> Iterator[Page[SearchTerm]]:
        """What people typed, day by day; otherwise as `PullsAdFigures`."""
        ...


class RawEvent(Protocol):
    """One notification as received, before it is acknowledged."""

    @property
    def body(self) -> bytes: ...
    @property
    def receipt(self) -> str: ...
    @property
    def tries(self) -> int:
        """How often it was received, this time included."""
        ...


@runtime_checkable
class PullsEvents(Protocol):
    def subscribe(self) -> tuple[str, ...]:
        """Set up the destination and subscriptions; idempotent. Gives the subscribed notification types."""
        ...

    def receive(self, *, wait_s: int, most: int) -> Sequence[RawEvent]: ...
    def acknowledge(self, events: Sequence[RawEvent]) -> None: ...
    def offers_event(self, event: RawEvent) -> str | None:
        """The id of one that is all about offers, which needs no more reading here; None for any other."""
        ...

    def read_event(self, event: RawEvent) -> Notification:
        """What a message says. Raises ParseFailed for one that cannot be read."""
        ...


class WebhookEvent(Protocol):
    """A webhook whose signature was checked. `dedupe_id` is the same for every delivery of it."""

    @property
    def topic(self) -> str: ...
    @property
    def dedupe_id(self) -> str: ...
    @property
    def signed_at(self) -> datetime | None:
        """When it happened or was sent, where the vendor's signature covers that; None: nothing to tell a replay by."""
        ...


@runtime_checkable
class ReceivesWebhooks(Protocol):
    def verify_webhook(self, headers: Mapping[str, str], raw: bytes) -> WebhookEvent:
        """Raises AuthFailed for a wrong signature, ParseFailed where a header is missing."""
        ...

    def read_webhook(self, topic: str, raw: bytes) -> Order | OrderChange | AuthorizationEnded | None:
        """The order in the body, or which order moved where it only says so, or that we are no longer wanted.

        None for other topics. Calls nobody. Raises ParseFailed.
        """
        ...


@runtime_checkable
class AnswersChallenge(Protocol):
    def answer_challenge(self, code: str) -> Mapping[str, str]:
        """What proves to the platform that an address is ours. Raises ConfigError where that is not set up."""
        ...


@runtime_checkable
class ReadsSpans(Protocol):
    def span_cursor(self, stream: str, start: datetime, end: datetime) -> str | None:
        """A cursor from which the stream's own pull reads what changed in [start, end) and then ends.

        None where this platform tells nothing over time of that stream.
        """
        ...


@runtime_checkable
class PullsOrdersInBulk(Protocol):
    def bulk_orders(self, start: datetime, end: datetime) -> Iterator[Page[Order]]: ...


class Facts(Protocol):
    """What rooms may ask of the store; every answer is as of now in the caller's unit of work."""

    def listings(self, account: AccountId, marketplace: MarketplaceId | None = None) -> Sequence[Listing]: ...
    def listing(self, account: AccountId, marketplace: MarketplaceId, sku: Sku) -> Listing | None: ...
    def bindings(self) -> Sequence[Binding]:
        """Which listing sells which product of ours, as people said, by our SKU. Not bound = nobody said it yet."""
        ...

    def bound_listings(self, our_sku: Sku) -> Sequence[Listing]:
        """The listings, of all accounts, that sell one product of ours: they share its stock."""
        ...

    def price_limits(self, account: AccountId, marketplace: MarketplaceId) -> Sequence[PriceLimits]: ...
    def fee_quotes(self, account: AccountId, marketplace: MarketplaceId) -> Sequence[FeeQuote]: ...
    def cost_sheets(self) -> CostSheets: ...
    def newest_offers(self, account: AccountId, marketplace: MarketplaceId) -> Sequence[OfferSnapshot]: ...
    def stock(self, account: AccountId) -> Sequence[StockLevel]: ...
    def pool_book(self, now: datetime, *, account: AccountId | None = None) -> PoolBook:
        """Our stock book with all channels' listings, of the products that `account` sells (None = of all)."""
        ...

    def orders_between(self, account: AccountId, start: datetime, end: datetime) -> Sequence[Order]: ...
    def rule_book(self) -> RuleBook: ...
    def strategy_standings(
        self, account: AccountId, marketplace: MarketplaceId, default: str
    ) -> Sequence[StrategyStanding]:
        """Everyone in the strategy pool; the incumbent is the live one here, else `default`."""
        ...

    def strategies(self, account: AccountId, marketplace: MarketplaceId) -> StrategyBook: ...
    def strategy_memories(self, account: AccountId, marketplace: MarketplaceId, now: datetime) -> Mapping[Sku, bytes]:
        """What the strategies of the event lane last knew of each listing, as its engine sealed it."""
        ...

    def circumstances(
        self, account: AccountId, marketplace: MarketplaceId, now: datetime, *, mode: str, usual: bool
    ) -> Mapping[Sku, Circumstance]: ...
