"""One eBay seller, as the ports want it. Each method's work is in the file of its subject."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

import httpx

from ecom_agent.clock import Clock
from ecom_agent.connector import Page, Receipt
from ecom_agent.ids import AccountId, MarketplaceId, OrderId, Sku
from ecom_agent.money import Money
from ecom_agent.ports.writes import PriceChange
from ecom_agent.records.advertising import AdPerformance, AdRecord, Target
from ecom_agent.records.catalog import Listing
from ecom_agent.records.events import AuthorizationEnded
from ecom_agent.records.finance import Charge
from ecom_agent.records.messages import Message
from ecom_agent.records.offers import OfferSnapshot
from ecom_agent.records.orders import Order
from ecom_agent.records.returns import Return
from ecom_agent.records.stock import StockLevel
from platforms._shared import paging
from platforms._shared.throttle import Quota
from platforms._shared.webhooks import WebhookEvent
from platforms.ebay import (
    ad_figures,
    campaigns,
    catalog,
    charges,
    messages,
    offers,
    orders,
    parse,
    returns,
    webhooks,
    writes,
)
from platforms.ebay.client import EbayClient
from platforms.ebay.settings import EbaySettings

OVER_TIME: Final = frozenset({"orders", "returns", "charges", "messages"})


class Ebay:
    """Opening it calls nobody: the first token is fetched with the first call."""

    def __init__(
        self,
        account: AccountId,
        settings: EbaySettings,
        clock: Clock,
        quota: Quota,
        *,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.client = EbayClient(account, settings, clock, quota, transport=transport)
        self._keys = webhooks.Keys(self.client)

    @property
    def marketplaces(self) -> tuple[MarketplaceId, ...]:
        return tuple(MarketplaceId(m) for m in self.client.settings.marketplaces)

    @property
    def base_urls(self) -> tuple[str, ...]:
        """Every address that requests go to."""
        return (self.client.settings.api_url, self.client.settings.finances_url)

    def pull_orders(self, cursor: str | None) -> Iterator[Page[Order]]:
        return orders.pull(self.client, cursor)

    def span_cursor(self, stream: str, start: datetime, end: datetime) -> str | None:
        if stream == "ad_figures":
            return ad_figures.span(self.client, start, end)
        return paging.span(start, end) if stream in OVER_TIME else None

    def get_order(self, order_id: OrderId) -> Order:
        return orders.get(self.client, order_id)

    def pull_returns(self, cursor: str | None) -> Iterator[Page[Return]]:
        return returns.pull(self.client, cursor)

    def pull_charges(self, cursor: str | None) -> Iterator[Page[Charge]]:
        return charges.pull(self.client, cursor)

    def pull_messages(self, cursor: str | None) -> Iterator[Page[Message]]:
        return messages.pull(self.client, cursor)

    def said_since(self, conversation_id: str, since: datetime) -> Sequence[Message]:
        return messages.said_since(self.client, conversation_id, since)

    @property
    def longest_message(self) -> int:
        return messages.LONGEST

    def send_message(self, to: Message, text: str, *, idempotency_key: str) -> Receipt:
        return messages.send(self.client, to, text)

    def pull_stock(self, cursor: str | None) -> Iterator[Page[StockLevel]]:
        return catalog.pull_stock(self.client, cursor)

    def pull_listings(self, cursor: str | None) -> Iterator[Page[Listing]]:
        return catalog.pull_listings(self.client, cursor)

    @property
    def seller_id(self) -> str:
        """Who we are among the sellers of a product."""
        return self.client.settings.seller

    def offers(self, listings: Sequence[Listing]) -> Iterator[Page[OfferSnapshot]]:
        return offers.offers(self.client, listings)

    def pull_campaigns(self, cursor: str | None) -> Iterator[Page[AdRecord]]:
        return campaigns.pull(self.client, cursor)

    def pull_ad_figures(self, cursor: str | None) -> Iterator[Page[AdPerformance]]:
        return ad_figures.pull(self.client, cursor)

    def live_bid(self, target: Target) -> Money | None:
        return campaigns.live_bid(self.client, target)

    def set_bid(self, target: Target, bid: Money, *, idempotency_key: str) -> Receipt:
        """eBay takes no idempotency key: sending twice sets the same bid twice."""
        return campaigns.set_bid(self.client, target, bid)

    def live_price(self, sku: Sku, marketplace: MarketplaceId) -> Money | None:
        return catalog.live_price(self.client, sku, marketplace)

    def live_stock(self, sku: Sku, marketplace: MarketplaceId, location: str) -> int | None:
        return catalog.live_stock(self.client, sku, location)

    def set_price(self, listing: Listing, price: Money, *, idempotency_key: str) -> Receipt:
        """eBay takes no idempotency key: sending twice sets the same price twice."""
        return writes.set_price(self.client, listing, price)

    def shares_call(self, listing: Listing) -> str:
        """Offers of one account are priced together, whatever they offer."""
        return writes.UPDATE.name

    def set_prices(self, changes: Sequence[PriceChange]) -> Sequence[Receipt | Exception]:
        return writes.set_prices(self.client, changes)

    def reserve_writes(self, most: int, *, wait: bool) -> int:
        """One call takes a batch, so none are set apart: as many as fit into one."""
        return min(most, writes.BATCH)

    def release_writes(self) -> None:
        return None

    def set_stock(self, level: StockLevel, quantity: int, *, idempotency_key: str) -> Receipt:
        return writes.set_stock(self.client, level, quantity)

    def verify_webhook(self, headers: Mapping[str, str], raw: bytes) -> WebhookEvent:
        """Raises AuthFailed for a notification that is not eBay's. The first one of each key fetches it from eBay."""
        return webhooks.verify(self._keys, headers, raw)

    def read_webhook(self, topic: str, raw: bytes) -> AuthorizationEnded | None:
        """That the seller's consent is gone; None else: no topic holds an order. Raises ParseFailed."""
        parse.heading(raw)
        return parse.authorization_ended(raw, seller=self.client.settings.seller) if topic == parse.REVOCATION else None

    def answer_challenge(self, code: str) -> Mapping[str, str]:
        """What the endpoint answers to `?challenge_code=<code>`. Raises ConfigError where it is not set up."""
        return {"challengeResponse": webhooks.challenge_response(self.client.settings, code)}

    def close(self) -> None:
        self.client.close()

    def __repr__(self) -> str:
        return f"Ebay({self.client.account})"
