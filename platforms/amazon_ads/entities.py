"""Pulling what is advertised: seven lists of Sponsored Products, each whole, archived ones too; and one live bid."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from ecom_agent.connector import Page
from ecom_agent.errors import ParseFailed
from ecom_agent.money import Money
from ecom_agent.records.advertising import AdRecord, Target, TargetKind
from platforms._shared import paging
from platforms._shared.read import Read
from platforms.amazon_ads import parse
from platforms.amazon_ads.client import AmazonAdsClient, next_token
from platforms.amazon_ads.parse.profiles import Where

STATES: Final = ("ENABLED", "PAUSED", "ARCHIVED", "PROPOSED", "ENABLING")
"""All that there are: a list that is not asked for the archived ones leaves them out."""
_PAGE: Final = 500


@dataclass(frozen=True, slots=True)
class Entities:
    """One list: where it is asked for, its versioned media type, who reads it."""

    path: str
    operation: str
    media: str
    read: Callable[[Any, Where, datetime], Read[Any]]


CAMPAIGNS: Final = Entities(
    "/sp/campaigns/list", "ListSponsoredProductsCampaigns", "application/vnd.spCampaign.v3+json", parse.campaigns
)
AD_GROUPS: Final = Entities(
    "/sp/adGroups/list", "ListSponsoredProductsAdGroups", "application/vnd.spAdGroup.v3+json", parse.ad_groups
)
PRODUCT_ADS: Final = Entities(
    "/sp/productAds/list", "ListSponsoredProductsProductAds", "application/vnd.spProductAd.v3+json", parse.product_ads
)
KEYWORDS: Final = Entities(
    "/sp/keywords/list", "ListSponsoredProductsKeywords", "application/vnd.spKeyword.v3+json", parse.keywords
)
TARGETS: Final = Entities(
    "/sp/targets/list",
    "ListSponsoredProductsTargetingClauses",
    "application/vnd.spTargetingClause.v3+json",
    parse.targets,
)
NEGATIVE_KEYWORDS: Final = Entities(
    "/sp/negativeKeywords/list",
    "ListSponsoredProductsNegativeKeywords",
    "application/vnd.spNegativeKeyword.v3+json",
    parse.negatives,
)
CAMPAIGN_NEGATIVES: Final = Entities(
    "/sp/campaignNegativeKeywords/list",
    "ListSponsoredProductsCampaignNegativeKeywords",
    "application/vnd.spCampaignNegativeKeyword.v3+json",
    parse.negatives,
)
NEGATIVE_TARGETS: Final = Entities(
    "/sp/negativeTargets/list",
    "ListSponsoredProductsNegativeTargetingClauses",
    "application/vnd.spNegativeTargetingClause.v3+json",
    parse.negatives,
)
ALL: Final = (
    CAMPAIGNS,
    AD_GROUPS,
    PRODUCT_ADS,
    KEYWORDS,
    TARGETS,
    NEGATIVE_KEYWORDS,
    CAMPAIGN_NEGATIVES,
    NEGATIVE_TARGETS,
)


def pull(client: AmazonAdsClient) -> Iterator[Page[AdRecord]]:
    """All lists, each time: there is none of what changed. What did not change is told by its time."""
    return paging.sweep([_pages(client, entities) for entities in ALL], paging.encode(seen=client.clock.now()))


def live_bid(client: AmazonAdsClient, target: Target) -> Money | None:
    """What is bid on one keyword or product now. None where it has no bid of its own, or is not there."""
    keyword = target.kind is TargetKind.KEYWORD
    entities, asked = (KEYWORDS, "keywordIdFilter") if keyword else (TARGETS, "targetIdFilter")
    body = {asked: {"include": [target.target_id]}, "stateFilter": {"include": STATES}}
    answer = client.answer("POST", entities.path, operation=entities.operation, body=body, media=entities.media)
    read = entities.read(answer.parsed, Where(client.account, client.profile), client.clock.now())
    found = next((one for one in read.records if one.target_id == target.target_id), None)
    if found is None and read.poison:
        raise ParseFailed(f"target {target.target_id}", read.poison[0].reason)
    bid: Money | None = None if found is None else found.bid
    return bid


def _pages(client: AmazonAdsClient, entities: Entities) -> Iterator[Page[AdRecord]]:
    where, token = Where(client.account, client.profile), None
    while True:
        body = {"stateFilter": {"include": STATES}, "maxResults": _PAGE, "includeExtendedDataFields": True}
        if token is not None:
            body["nextToken"] = token
        answer = client.answer("POST", entities.path, operation=entities.operation, body=body, media=entities.media)
        read = entities.read(answer.parsed, where, client.clock.now())
        following = next_token(answer.parsed)
        if following is not None and following == token:
            raise ParseFailed("nextToken", "the same position twice: paging would not end")
        yield Page(
            read.records,
            None,
            following is not None,
            entities.operation,
            answer.raw,
            read.poison,
            read.unknown_fields,
        )
        if following is None:
            return
        token = following
