"""One Amazon seller account, as the ports want it. Each method's work is in the file of its subject."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import httpx

from ecom_agent.clock import Clock
from ecom_agent.connector import Page, Receipt
from ecom_agent.ids import AccountId, MarketplaceId, OrderId, Sku
from ecom_agent.money import Money
from ecom_agent.ports.reads import RawEvent
from ecom_agent.ports.writes import PriceChange
from ecom_agent.records.business import BusinessPrices
from ecom_agent.records.catalog import Listing
from ecom_agent.records.events import Notification
from ecom_agent.records.finance import FeeQuote
from ecom_agent.records.offers import ExpectedPrice, OfferSnapshot
from ecom_agent.records.orders import Order
from ecom_agent.records.stock import StockLevel
from platforms._shared import paging
from platforms._shared.throttle import Quota
from platforms.amazon import feeds, listings, orders, parse, pricing, stock, subscriptions, writes
from platforms.amazon.client import AmazonClient
from platforms.amazon.parse.stock import FBA
from platforms.amazon.queue import Queue
from platforms.amazon.settings import AmazonSettings


class Amazon:
    """Opening it calls nobody: the first token is fetched with the first call."""

    def __init__(
        self,
        account: AccountId,
        settings: AmazonSettings,
        clock: Clock,
        quota: Quota,
        *,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.client = AmazonClient(account, settings, clock, quota, transport=transport)
        self._queue = Queue(settings)

    @property
    def marketplaces(self) -> tuple[MarketplaceId, ...]:
        return tuple(MarketplaceId(m) for m in self.client.settings.marketplaces)

    @property
    def seller_id(self) -> str:
        """Our merchant id: how our own offers are told from rivals'."""
        return self.client.settings.seller_id

    @property
    def base_urls(self) -> tuple[str, ...]:
        """Every address that requests go to."""
        return (self.client.base_url, self.client.settings.lwa_url)

    def pull_orders(self, cursor: str | None) -> Iterator[Page[Order]]:
        return orders.pull(self.client, cursor)

    def span_cursor(self, stream: str, start: datetime, end: datetime) -> str | None:
        return paging.span(start, end) if stream == "orders" else None

    def get_order(self, order_id: OrderId) -> Order:
        return orders.get(self.client, order_id)

    def pull_stock(self, cursor: str | None) -> Iterator[Page[StockLevel]]:
        return stock.pull(self.client, cursor)

    def pull_listings(self, cursor: str | None) -> Iterator[Page[Listing]]:
        return listings.pull(self.client, cursor)

    def live_price(self, sku: Sku, marketplace: MarketplaceId) -> Money | None:
        return listings.live_price(self.client, sku, marketplace)

    def live_business(self, sku: Sku, marketplace: MarketplaceId) -> BusinessPrices | None:
        return listings.live_business(self.client, sku, marketplace)

    def live_stock(self, sku: Sku, marketplace: MarketplaceId, location: str) -> int | None:
        if location == FBA:
            return stock.live_fba(self.client, sku, marketplace)
        return listings.live_merchant_stock(self.client, sku, marketplace)

    def offers(self, listings: Sequence[Listing]) -> Iterator[Page[OfferSnapshot]]:
        return pricing.offers(self.client, listings)

    def fees(self, listings: Sequence[Listing]) -> Iterator[Page[FeeQuote]]:
        return pricing.fees(self.client, listings)

    def expected_prices(self, listings: Sequence[Listing]) -> Iterator[Page[ExpectedPrice]]:
        return pricing.expected_prices(self.client, listings)

    def set_price(self, listing: Listing, price: Money, *, idempotency_key: str) -> Receipt:
        """Amazon takes no idempotency key: sending twice sets the same price twice."""
        return writes.set_price(self.client, listing, price, preview=False)

    def set_prices_for_all(
        self, listing: Listing, price: Money, business: BusinessPrices, *, idempotency_key: str
    ) -> Receipt:
        return writes.set_price(self.client, listing, price, business, preview=False)

    @property
    def most_in_bulk(self) -> int:
        return feeds.MOST

    def set_prices_in_bulk(self, changes: Sequence[PriceChange]) -> Sequence[Receipt | Exception]:
        return feeds.set_prices(self.client, changes)

    def reserve_writes(self, most: int, *, wait: bool) -> int:
        """Tokens of the patch operation, which prices and stock share. As `ReservesWrites` says."""
        return self.client.quota.reserve(self.client.account, writes.PATCH, most, wait=wait)

    def release_writes(self) -> None:
        self.client.quota.give_back(self.client.account, writes.PATCH)

    def preview_price(self, listing: Listing, price: Money) -> Receipt:
        return writes.set_price(self.client, listing, price, preview=True)

    def preview_prices_for_all(self, listing: Listing, price: Money, business: BusinessPrices) -> Receipt:
        return writes.set_price(self.client, listing, price, business, preview=True)

    def set_stock(self, level: StockLevel, quantity: int, *, idempotency_key: str) -> Receipt:
        return writes.set_stock(self.client, level, quantity)

    def subscribe(self) -> tuple[str, ...]:
        return subscriptions.subscribe(self.client)

    def receive(self, *, wait_s: int, most: int) -> Sequence[RawEvent]:
        return self._queue.receive(wait_s=wait_s, most=most)

    def acknowledge(self, events: Sequence[RawEvent]) -> None:
        self._queue.acknowledge(events)

    def read_event(self, event: RawEvent) -> Notification:
        """What a message says. Raises ParseFailed for one that cannot be read."""
        return parse.notification(event.body, account=self.client.account, seen_at=self.client.clock.now())

    def offers_event(self, event: RawEvent) -> str | None:
        """The id of a notification that is all about offers; None for any other, and for one that cannot be read."""
        return parse.offers_event(event.body)

    def close(self) -> None:
        self.client.close()
        self._queue.close()

    def __repr__(self) -> str:
        return f"Amazon({self.client.account})"
