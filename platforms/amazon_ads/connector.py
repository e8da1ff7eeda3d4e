"""One Amazon advertiser, as the ports want it. Each method's work is in the file of its subject."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import httpx

from ecom_agent.clock import Clock
from ecom_agent.connector import Page, Receipt
from ecom_agent.ids import AccountId, MarketplaceId
from ecom_agent.money import Money
from ecom_agent.records.advertising import AdPerformance, AdRecord, SearchTerm, Target
from platforms._shared import rounds
from platforms._shared.throttle import Quota
from platforms.amazon_ads import bids, entities, figures
from platforms.amazon_ads.client import AmazonAdsClient
from platforms.amazon_ads.settings import AmazonAdsSettings


class AmazonAds:
    """Opening it calls nobody: the first token is fetched with the first call, and the profile with it."""

    def __init__(
        self,
        account: AccountId,
        settings: AmazonAdsSettings,
        clock: Clock,
        quota: Quota,
        *,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.client = AmazonAdsClient(account, settings, clock, quota, transport=transport)

    @property
    def marketplaces(self) -> tuple[MarketplaceId, ...]:
        return (self.client.marketplace,)

    @property
    def base_urls(self) -> tuple[str, ...]:
        """Every address that requests go to."""
        return (self.client.base_url, self.client.lwa_url)

    def pull_campaigns(self, cursor: str | None) -> Iterator[Page[AdRecord]]:
        return entities.pull(self.client)

    def live_bid(self, target: Target) -> Money | None:
        return entities.live_bid(self.client, target)

    def pull_ad_figures(self, cursor: str | None) -> Iterator[Page[AdPerformance]]:
        return figures.pull(self.client, figures.TARGETING, cursor)

    def pull_search_terms(self, cursor: str | None) -> Iterator[Page[SearchTerm]]:
        return figures.pull(self.client, figures.SEARCH_TERMS, cursor)

    def span_cursor(self, stream: str, start: datetime, end: datetime) -> str | None:
        return rounds.span(start, end) if stream in ("ad_figures", "search_terms") else None

    def set_bid(self, target: Target, bid: Money, *, idempotency_key: str) -> Receipt:
        """Amazon takes no idempotency key: sending twice sets the same bid twice."""
        return bids.set_bid(self.client, target, bid)

    def close(self) -> None:
        self.client.close()
