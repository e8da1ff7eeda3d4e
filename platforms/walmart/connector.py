"""One Walmart seller account, as the ports want it. Each method's work is in the file of its subject."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

import httpx

from ecom_agent.clock import Clock
from ecom_agent.connector import Page, Receipt
from ecom_agent.errors import ParseFailed
from ecom_agent.ids import AccountId, MarketplaceId, OrderId, Sku
from ecom_agent.money import Money
from ecom_agent.ports.writes import PriceChange
from ecom_agent.records.catalog import Listing
from ecom_agent.records.events import OrderChange
from ecom_agent.records.finance import Charge
from ecom_agent.records.offers import OfferSnapshot
from ecom_agent.records.orders import Order
from ecom_agent.records.returns import Return
from ecom_agent.records.stock import StockLevel
from platforms._shared import paging
from platforms._shared.throttle import Quota
from platforms._shared.webhooks import WebhookEvent
from platforms.walmart import charges, feeds, listings, orders, parse, pricing, returns, stock, webhooks, writes
from platforms.walmart.client import WalmartClient
from platforms.walmart.settings import WalmartSettings


class Walmart:
    """Opening it calls nobody: the first token is fetched with the first call."""

    def __init__(
        self,
        account: AccountId,
        settings: WalmartSettings,
        clock: Clock,
        quota: Quota,
        *,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.client = WalmartClient(account, settings, clock, quota, transport=transport)

    @property
    def marketplaces(self) -> tuple[MarketplaceId, ...]:
        return (self.client.marketplace,)

    @property
    def seller_id(self) -> str:
        """Our partner id: how our own offers are told from others'."""
        return self.client.settings.seller_id

    @property
    def base_urls(self) -> tuple[str, ...]:
        """Every address that requests go to."""
        return (self.client.base_url,)

    def pull_orders(self, cursor: str | None) -> Iterator[Page[Order]]:
        return orders.pull(self.client, cursor)

    def span_cursor(self, stream: str, start: datetime, end: datetime) -> str | None:
        if stream == "charges":
            return charges.span(start, end)
        return paging.span(start, end) if stream in ("orders", "returns") else None

    def get_order(self, order_id: OrderId) -> Order:
        return orders.get(self.client, order_id)

    def pull_returns(self, cursor: str | None) -> Iterator[Page[Return]]:
        return returns.pull(self.client, cursor)

    def pull_charges(self, cursor: str | None) -> Iterator[Page[Charge]]:
        return charges.pull(self.client, cursor)

    def pull_listings(self, cursor: str | None) -> Iterator[Page[Listing]]:
        return listings.pull(self.client)

    def pull_stock(self, cursor: str | None) -> Iterator[Page[StockLevel]]:
        return stock.pull(self.client)

    def live_price(self, sku: Sku, marketplace: MarketplaceId) -> Money | None:
        return listings.live_price(self.client, sku)

    def live_stock(self, sku: Sku, marketplace: MarketplaceId, location: str) -> int | None:
        return stock.live(self.client, sku, location)

    def offers(self, listings: Sequence[Listing]) -> Iterator[Page[OfferSnapshot]]:
        return pricing.offers(self.client, listings)

    def set_price(self, listing: Listing, price: Money, *, idempotency_key: str) -> Receipt:
        """Walmart takes no idempotency key: sending twice sets the same price twice."""
        return writes.set_price(self.client, listing, price)

    def shares_call(self, listing: Listing) -> str | None:
        """All prices of a marketplace fit into one feed."""
        return listing.marketplace

    def set_prices(self, changes: Sequence[PriceChange]) -> Sequence[Receipt | Exception]:
        return feeds.set_prices(self.client, changes)

    def reserve_writes(self, most: int, *, wait: bool) -> int:
        """Many prices take one call, so no tokens are set apart: as many as make a sensible feed."""
        return min(most, feeds.MOST)

    def release_writes(self) -> None:
        return None

    def set_stock(self, level: StockLevel, quantity: int, *, idempotency_key: str) -> Receipt:
        return writes.set_stock(self.client, level, quantity)

    def verify_webhook(self, headers: Mapping[str, str], raw: bytes) -> WebhookEvent:
        """Raises AuthFailed for a webhook that is not Walmart's."""
        return webhooks.verify(self.client.settings, headers, raw, self.client.clock.now())

    def read_webhook(self, topic: str, raw: bytes) -> Order | OrderChange | None:
        """The order in a webhook's body, or which order moved; None for other topics. Raises ParseFailed."""
        try:
            said = parse.event(raw)
            return parse.order_in(said, account=self.client.account, marketplace=self.client.marketplace)
        except (TypeError, ValueError, AttributeError) as error:
            raise ParseFailed(f"webhook {topic}", f"misshapen: {type(error).__name__}") from None

    def close(self) -> None:
        self.client.close()

    def __repr__(self) -> str:
        return f"Walmart({self.client.account})"
