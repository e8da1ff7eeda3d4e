"""One TikTok shop, as the ports want it. Each method's work is in the file of its subject."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

import httpx

from ecom_agent.clock import Clock
from ecom_agent.connector import Page, Receipt
from ecom_agent.ids import AccountId, MarketplaceId, OrderId, Sku
from ecom_agent.money import Money
from ecom_agent.ports.writes import PriceChange
from ecom_agent.records.catalog import Listing
from ecom_agent.records.events import AuthorizationEnded, OrderChange
from ecom_agent.records.finance import Charge
from ecom_agent.records.messages import Message
from ecom_agent.records.orders import Order
from ecom_agent.records.returns import Return
from ecom_agent.records.stock import StockLevel
from platforms._shared import paging
from platforms._shared.throttle import Quota
from platforms._shared.webhooks import WebhookEvent
from platforms.tiktok_shop import catalog, finance, messages, orders, parse, returns, webhooks, writes
from platforms.tiktok_shop.client import TikTokClient
from platforms.tiktok_shop.settings import TikTokShopSettings


class TikTokShop:
    """Opening it calls nobody."""

    def __init__(
        self,
        account: AccountId,
        settings: TikTokShopSettings,
        clock: Clock,
        quota: Quota,
        *,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.client = TikTokClient(account, settings, clock, quota, transport=transport)
        self._settings = settings

    @property
    def marketplaces(self) -> tuple[MarketplaceId, ...]:
        return (self.client.marketplace,)

    @property
    def base_urls(self) -> tuple[str, ...]:
        """Every address that requests go to."""
        return (self._settings.base_url, self._settings.auth_url)

    def pull_orders(self, cursor: str | None) -> Iterator[Page[Order]]:
        return orders.pull(self.client, cursor)

    def span_cursor(self, stream: str, start: datetime, end: datetime) -> str | None:
        if stream == "messages":
            return messages.span(start, end)
        return paging.span(start, end) if stream in ("orders", "returns", "charges") else None

    def get_order(self, order_id: OrderId) -> Order:
        return orders.get(self.client, order_id)

    def pull_returns(self, cursor: str | None) -> Iterator[Page[Return]]:
        return returns.pull(self.client, cursor)

    def pull_charges(self, cursor: str | None) -> Iterator[Page[Charge]]:
        return finance.pull(self.client, cursor)

    def pull_messages(self, cursor: str | None) -> Iterator[Page[Message]]:
        return messages.pull(self.client, cursor)

    def said_since(self, conversation_id: str, since: datetime) -> Sequence[Message]:
        return messages.said_since(self.client, conversation_id, since)

    @property
    def longest_message(self) -> int:
        return messages.LONGEST

    def send_message(self, to: Message, text: str, *, idempotency_key: str) -> Receipt:
        """TikTok takes no idempotency key: whether a message was sent shows in its conversation only."""
        return messages.send(self.client, to, text)

    def pull_listings(self, cursor: str | None) -> Iterator[Page[Listing]]:
        return catalog.pull_listings(self.client, cursor)

    def pull_stock(self, cursor: str | None) -> Iterator[Page[StockLevel]]:
        return catalog.pull_stock(self.client)

    def live_price(self, sku: Sku, marketplace: MarketplaceId) -> Money | None:
        return catalog.live_price(self.client, sku)

    def live_stock(self, sku: Sku, marketplace: MarketplaceId, location: str) -> int | None:
        return catalog.live_stock(self.client, sku, location)

    def set_price(self, listing: Listing, price: Money, *, idempotency_key: str) -> Receipt:
        """TikTok takes no idempotency key: sending twice sets the same price twice."""
        return writes.prices(self.client).set_price(listing, price)

    def shares_call(self, listing: Listing) -> str | None:
        """SKUs of one product are priced in one call."""
        return listing.parent_id

    def set_prices(self, changes: Sequence[PriceChange]) -> Sequence[Receipt | Exception]:
        return writes.prices(self.client).set_prices(changes)

    def reserve_writes(self, most: int, *, wait: bool) -> int:
        """As `ReservesWrites` says; a call takes one token however many SKUs are in it."""
        return self.client.quota.reserve(self.client.account, writes.PRICE, min(most, writes.BATCH), wait=wait)

    def release_writes(self) -> None:
        self.client.quota.give_back(self.client.account, writes.PRICE)

    def set_stock(self, level: StockLevel, quantity: int, *, idempotency_key: str) -> Receipt:
        return writes.set_stock(self.client, level, quantity)

    def verify_webhook(self, headers: Mapping[str, str], raw: bytes) -> WebhookEvent:
        """Raises AuthFailed for a webhook that is not TikTok's, or not this shop's."""
        return webhooks.verify(self._settings, headers, raw)

    def read_webhook(self, topic: str, raw: bytes) -> OrderChange | AuthorizationEnded | None:
        """Which order moved, or that the seller sent us away; None for other topics. Webhooks bring an id, no order."""
        return parse.content(topic, raw, marketplace=self.client.marketplace)

    def close(self) -> None:
        self.client.close()

    def __repr__(self) -> str:
        return f"TikTokShop({self.client.account})"
