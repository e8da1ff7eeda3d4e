"""One Shopify shop, as the ports want it. Each method's work is in the file of its subject."""

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
from ecom_agent.records.events import AuthorizationEnded
from ecom_agent.records.orders import Order
from ecom_agent.records.stock import StockLevel
from platforms._shared import paging
from platforms._shared.throttle import Quota
from platforms._shared.webhooks import WebhookEvent
from platforms.shopify import bulk, catalog, orders, parse, webhooks, writes
from platforms.shopify.client import ShopifyClient
from platforms.shopify.settings import ShopifySettings


class Shopify:
    """Opening it calls nobody."""

    def __init__(
        self,
        account: AccountId,
        settings: ShopifySettings,
        clock: Clock,
        quota: Quota,
        *,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.client = ShopifyClient(account, settings, clock, quota, transport=transport)
        self._settings = settings

    @property
    def marketplaces(self) -> tuple[MarketplaceId, ...]:
        return (self.client.marketplace,)

    @property
    def base_urls(self) -> tuple[str, ...]:
        """Every address that requests go to."""
        return (self._settings.graphql_url,)

    def pull_orders(self, cursor: str | None) -> Iterator[Page[Order]]:
        return orders.pull(self.client, cursor)

    def span_cursor(self, stream: str, start: datetime, end: datetime) -> str | None:
        return paging.span(start, end) if stream == "orders" else None

    def get_order(self, order_id: OrderId) -> Order:
        return orders.get(self.client, order_id)

    def bulk_orders(self, start: datetime, end: datetime) -> Iterator[Page[Order]]:
        return bulk.pull(self.client, start, end)

    def pull_listings(self, cursor: str | None) -> Iterator[Page[Listing]]:
        return catalog.pull_listings(self.client, cursor)

    def pull_stock(self, cursor: str | None) -> Iterator[Page[StockLevel]]:
        return catalog.pull_stock(self.client, cursor)

    def live_price(self, sku: Sku, marketplace: MarketplaceId) -> Money | None:
        return catalog.live_price(self.client, sku)

    def live_stock(self, sku: Sku, marketplace: MarketplaceId, location: str) -> int | None:
        return catalog.live_stock(self.client, sku, location)

    def set_price(self, listing: Listing, price: Money, *, idempotency_key: str) -> Receipt:
        """Shopify takes no idempotency key for prices: sending twice sets the same price twice."""
        return writes.prices(self.client).set_price(listing, price)

    def shares_call(self, listing: Listing) -> str | None:
        """Variants of one product are priced in one call."""
        return listing.parent_id

    def set_prices(self, changes: Sequence[PriceChange]) -> Sequence[Receipt | Exception]:
        return writes.prices(self.client).set_prices(changes)

    def reserve_writes(self, most: int, *, wait: bool) -> int:
        """Points are told with each answer, so none are set apart: as many as make a sensible batch."""
        return min(most, writes.BATCH)

    def release_writes(self) -> None:
        return None

    def set_stock(self, level: StockLevel, quantity: int, *, idempotency_key: str) -> Receipt:
        return writes.set_stock(self.client, level, quantity, idempotency_key=idempotency_key)

    def verify_webhook(self, headers: Mapping[str, str], raw: bytes) -> WebhookEvent:
        """Raises AuthFailed for a webhook that is not Shopify's, or not this shop's."""
        return webhooks.verify(self._settings, headers, raw)

    def read_webhook(self, topic: str, raw: bytes) -> Order | AuthorizationEnded | None:
        """The order in a webhook's body, or that the app was removed; None for other topics. Raises ParseFailed."""
        if topic == parse.UNINSTALLED:
            return parse.authorization_ended(raw, shop=self._settings.shop)
        if topic not in parse.ORDER_TOPICS:
            return None
        try:
            return parse.webhook_order(raw, account=self.client.account, marketplace=self.client.marketplace)
        except (TypeError, ValueError, AttributeError) as error:
            raise ParseFailed(f"webhook {topic}", f"misshapen: {type(error).__name__}") from None

    def close(self) -> None:
        self.client.close()

    def __repr__(self) -> str:
        return f"Shopify({self.client.account})"
