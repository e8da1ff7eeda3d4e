"""What is advertised, what is bid for it, and what a day of it brought."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from ecom_agent.ids import AccountId, MarketplaceId, Sku
from ecom_agent.money import Money


class AdState(StrEnum):
    ENABLED = "enabled"
    PAUSED = "paused"
    SCHEDULED = "scheduled"  # it has not begun
    ENDED = "ended"  # archived, deleted or over: it never comes back
    UNMAPPED = "unmapped"  # the platform used a word we do not know: kept, alarmed, never dropped


class PaysFor(StrEnum):
    CLICK = "click"
    SALE = "sale"
    UNMAPPED = "unmapped"


class TargetKind(StrEnum):
    KEYWORD = "keyword"
    PRODUCT = "product"  # a page, a category or a brand
    AUTOMATIC = "automatic"  # the platform picks
    UNMAPPED = "unmapped"


class Match(StrEnum):
    EXACT = "exact"
    PHRASE = "phrase"
    BROAD = "broad"
    UNMAPPED = "unmapped"


@dataclass(frozen=True, slots=True)
class Campaign:
    """`daily_budget` None = none is set or told. `starts_on`, `ends_on` are days of the platform's own time zone.

    `updated_at` is the platform's time of the last change, None where it tells none; `seen_at` is ours. The same
    holds for all records of this file.
    """

    account: AccountId
    marketplace: MarketplaceId
    campaign_id: str
    name: str
    state: AdState
    state_raw: str
    pays_for: PaysFor
    daily_budget: Money | None
    starts_on: date | None
    ends_on: date | None
    updated_at: datetime | None
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class AdGroup:
    """`default_bid` is what is bid for a click where a target has no bid of its own."""

    account: AccountId
    marketplace: MarketplaceId
    ad_group_id: str
    campaign_id: str
    name: str
    state: AdState
    state_raw: str
    default_bid: Money | None
    updated_at: datetime | None
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class ProductAd:
    """One of our SKUs or listings that is advertised. `rate` is the share of a sale that is paid (0.05 = 5 %).

    `sku` None = the platform names only its own page, which is `external_id` then.
    """

    account: AccountId
    marketplace: MarketplaceId
    ad_id: str
    campaign_id: str
    ad_group_id: str | None
    sku: Sku | None
    external_id: str | None
    state: AdState
    state_raw: str
    rate: Decimal | None
    updated_at: datetime | None
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Target:
    """What we bid on: a keyword, a product, or a group that the platform picks. `negative` = what we refuse.

    `text` is the keyword, or the platform's own expression in one line. `bid` is for one click; None = the ad group's
    default bid holds, always so where it is negative. `match` None = not a keyword. `ad_group_id` None = it holds for
    the whole campaign.
    """

    account: AccountId
    marketplace: MarketplaceId
    target_id: str
    campaign_id: str
    ad_group_id: str | None
    kind: TargetKind
    text: str
    match: Match | None
    negative: bool
    bid: Money | None
    state: AdState
    state_raw: str
    updated_at: datetime | None
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class AdFigures:
    """What a day brought so far. None = not told; 0 = told to be none.

    `sales`, `orders` and `units` are those that the platform credits to clicks of that day, bought within
    `attribution_days` after the click (None = not told): they grow for days. Clicks and cost may shrink, where
    clicks are found invalid.
    """

    impressions: int | None
    clicks: int | None
    cost: Money | None
    sales: Money | None
    orders: int | None
    units: int | None
    attribution_days: int | None


@dataclass(frozen=True, slots=True)
class AdPerformance:
    """Figures of one day of what the ids name, as a report of `told_at` says; the report that was made later wins.

    The ids that a report does not tell are None: figures by campaign have only `campaign_id`. `day` is a day of the
    platform's own time zone.
    """

    account: AccountId
    marketplace: MarketplaceId
    day: date
    campaign_id: str
    ad_group_id: str | None
    target_id: str | None
    sku: Sku | None
    figures: AdFigures
    told_at: datetime


@dataclass(frozen=True, slots=True)
class SearchTerm:
    """Figures of one day of what people typed, and which target of ours answered it. Otherwise as `AdPerformance`."""

    account: AccountId
    marketplace: MarketplaceId
    day: date
    campaign_id: str
    ad_group_id: str | None
    target_id: str | None
    term: str
    figures: AdFigures
    told_at: datetime


AdRecord = Campaign | AdGroup | ProductAd | Target
