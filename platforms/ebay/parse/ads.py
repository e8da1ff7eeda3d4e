"""Promoted Listings' campaigns, ads, ad groups and keywords → records of advertising."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final, TypeVar

from ecom_agent.errors import ParseFailed
from ecom_agent.ids import AccountId, MarketplaceId, Sku
from ecom_agent.money import Money
from ecom_agent.records.advertising import AdGroup, AdState, Campaign, Match, PaysFor, ProductAd, Target, TargetKind
from platforms._shared.payload import (
    Shape,
    collect,
    find,
    items,
    maybe_moment,
    maybe_text,
    not_negative,
    text,
    unknown_fields,
)
from platforms._shared.read import Read
from platforms.ebay.parse.amounts import maybe_amount

R = TypeVar("R")
CAMPAIGN_STATE: Final[Mapping[str, AdState]] = {
    "RUNNING": AdState.ENABLED,
    "ENDING_SOON": AdState.ENABLED,
    "PAUSED": AdState.PAUSED,
    "SYSTEM_PAUSED": AdState.PAUSED,
    "SCHEDULED": AdState.SCHEDULED,
    "PENDING": AdState.SCHEDULED,
    "DRAFT": AdState.SCHEDULED,
    "ENDED": AdState.ENDED,
    "DELETED": AdState.ENDED,
}
STATE: Final[Mapping[str, AdState]] = {
    "ACTIVE": AdState.ENABLED,
    "PAUSED": AdState.PAUSED,
    "ARCHIVED": AdState.ENDED,
}
PAYS: Final[Mapping[str, PaysFor]] = {"COST_PER_CLICK": PaysFor.CLICK, "COST_PER_SALE": PaysFor.SALE}
MATCH: Final[Mapping[str, Match]] = {"EXACT": Match.EXACT, "PHRASE": Match.PHRASE, "BROAD": Match.BROAD}
_ONE_ITEM: Final = "INVENTORY_ITEM"
_CAMPAIGN: Final[Shape] = dict.fromkeys(
    ("alerts", "budget", "campaignCriterion", "campaignId", "campaignName", "campaignStatus", "campaignTargetingType",
     "channels", "endDate", "fundingStrategy", "marketplaceId", "startDate")
)  # fmt: skip
_GROUP: Final[Shape] = dict.fromkeys(("adGroupId", "adGroupStatus", "defaultBid", "name"))
_AD: Final[Shape] = dict.fromkeys(
    ("adGroupId", "adId", "adStatus", "alerts", "bidPercentage", "inventoryReferenceId", "inventoryReferenceType",
     "listingId")
)  # fmt: skip
_KEYWORD: Final[Shape] = dict.fromkeys(("adGroupId", "bid", "keywordId", "keywordStatus", "keywordText", "matchType"))
_NEGATIVE: Final[Shape] = dict.fromkeys(
    ("adGroupId", "campaignId", "negativeKeywordId", "negativeKeywordMatchType", "negativeKeywordStatus",
     "negativeKeywordText")
)  # fmt: skip


def campaigns(body: Any, ours: Collection[str], *, account: AccountId, seen_at: datetime) -> Read[Any]:
    """Those on our marketplaces; others are not ours to run."""

    def one(raw: Any) -> tuple[Campaign, ...]:
        if text(raw, "marketplaceId") not in ours:
            return ()
        word = text(raw, "campaignStatus")
        return (
            Campaign(
                account=account,
                marketplace=MarketplaceId(text(raw, "marketplaceId")),
                campaign_id=text(raw, "campaignId"),
                name=maybe_text(raw, "campaignName") or "",
                state=CAMPAIGN_STATE.get(word, AdState.UNMAPPED),
                state_raw=word,
                pays_for=PAYS.get(text(raw, "fundingStrategy.fundingModel"), PaysFor.UNMAPPED),
                daily_budget=maybe_amount(raw, "budget.daily.amount"),
                starts_on=_day(raw, "startDate"),
                ends_on=_day(raw, "endDate"),
                updated_at=None,
                seen_at=seen_at,
            ),
        )

    return _read(body, "campaigns", one, "campaignId", _CAMPAIGN)


def ad_groups(body: Any, campaign: Campaign, seen_at: datetime) -> Read[Any]:
    def one(raw: Any) -> tuple[AdGroup, ...]:
        word = text(raw, "adGroupStatus")
        return (
            AdGroup(
                account=campaign.account,
                marketplace=campaign.marketplace,
                ad_group_id=text(raw, "adGroupId"),
                campaign_id=campaign.campaign_id,
                name=maybe_text(raw, "name") or "",
                state=STATE.get(word, AdState.UNMAPPED),
                state_raw=word,
                default_bid=maybe_amount(raw, "defaultBid"),
                updated_at=None,
                seen_at=seen_at,
            ),
        )

    return _read(body, "adGroups", one, "adGroupId", _GROUP)


def product_ads(body: Any, campaign: Campaign, seen_at: datetime) -> Read[Any]:
    """Ads that pay by sale tell no status: theirs is the campaign's."""

    def one(raw: Any) -> tuple[ProductAd, ...]:
        word, sku = maybe_text(raw, "adStatus"), maybe_text(raw, "inventoryReferenceId")
        single = maybe_text(raw, "inventoryReferenceType") in (_ONE_ITEM, None)
        return (
            ProductAd(
                account=campaign.account,
                marketplace=campaign.marketplace,
                ad_id=text(raw, "adId"),
                campaign_id=campaign.campaign_id,
                ad_group_id=maybe_text(raw, "adGroupId"),
                sku=Sku(sku) if sku and single else None,
                external_id=maybe_text(raw, "listingId"),
                state=campaign.state if word is None else STATE.get(word, AdState.UNMAPPED),
                state_raw=word or campaign.state_raw,
                rate=_rate(raw),
                updated_at=None,
                seen_at=seen_at,
            ),
        )

    return _read(body, "ads", one, "adId", _AD)


def keywords(body: Any, campaign: Campaign, seen_at: datetime) -> Read[Any]:
    def one(raw: Any) -> tuple[Target, ...]:
        return (_keyword(raw, campaign, seen_at, ("keywordId", "keywordText", "matchType", "keywordStatus")),)

    return _read(body, "keywords", one, "keywordId", _KEYWORD)


def negatives(body: Any, campaign: Campaign, seen_at: datetime) -> Read[Any]:
    names = "negativeKeywordId", "negativeKeywordText", "negativeKeywordMatchType", "negativeKeywordStatus"

    def one(raw: Any) -> tuple[Target, ...]:
        return (_keyword(raw, campaign, seen_at, names, negative=True),)

    return _read(body, "negativeKeywords", one, "negativeKeywordId", _NEGATIVE)


def bid(body: Any) -> Money | None:
    """Of one keyword; None where it has none of its own."""
    found = maybe_amount(body, "bid")
    return None if found is None else not_negative(found, "bid")


def _keyword(
    raw: Any, campaign: Campaign, seen_at: datetime, names: tuple[str, str, str, str], *, negative: bool = False
) -> Target:
    number, words, match, status = names
    word = text(raw, status)
    return Target(
        account=campaign.account,
        marketplace=campaign.marketplace,
        target_id=text(raw, number),
        campaign_id=campaign.campaign_id,
        ad_group_id=maybe_text(raw, "adGroupId"),
        kind=TargetKind.KEYWORD,
        text=text(raw, words),
        match=MATCH.get(text(raw, match), Match.UNMAPPED),
        negative=negative,
        bid=None if negative else bid(raw),
        state=STATE.get(word, AdState.UNMAPPED),
        state_raw=word,
        updated_at=None,
        seen_at=seen_at,
    )


def _read(body: Any, key: str, one: Callable[[Any], Iterable[R]], name: str, shape: Shape) -> Read[R]:
    raws: Sequence[Any] = items(body, key)
    records, poison = collect(raws, one, lambda raw: raw[name])
    return Read(records, poison, tuple(sorted(unknown_fields(list(raws), shape, key))))


def _day(raw: Any, path: str) -> date | None:
    at = maybe_moment(raw, path)
    return None if at is None else at.date()


def _rate(raw: Any) -> Decimal | None:
    """ "5.0" per cent → 0.05."""
    told = find(raw, "bidPercentage")
    if told is None:
        return None
    try:
        share = Decimal(str(told)) / 100
    except InvalidOperation:
        raise ParseFailed("bidPercentage", f"wanted a number, found {str(told)[:20]!r}") from None
    if not 0 <= share <= 1:
        raise ParseFailed("bidPercentage", f"wanted 0 to 100, found {str(told)[:20]!r}")
    return share
