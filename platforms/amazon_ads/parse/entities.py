"""Lists of Sponsored Products v3 → campaigns, ad groups, ads, targets and what is refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, Final, TypeVar

from ecom_agent.errors import ParseFailed
from ecom_agent.ids import Sku
from ecom_agent.money import Money
from ecom_agent.records.advertising import (
    AdGroup,
    AdState,
    Campaign,
    Match,
    PaysFor,
    ProductAd,
    Target,
    TargetKind,
)
from platforms._shared.payload import (
    Shape,
    amount_text,
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
from platforms.amazon_ads.parse.profiles import Where

R = TypeVar("R")

STATES: Final[Mapping[str, AdState]] = {
    "ENABLED": AdState.ENABLED,
    "ENABLING": AdState.SCHEDULED,
    "PROPOSED": AdState.SCHEDULED,
    "PAUSED": AdState.PAUSED,
    "ARCHIVED": AdState.ENDED,
    "USER_DELETED": AdState.ENDED,
}
MATCHES: Final[Mapping[str, Match]] = {
    "EXACT": Match.EXACT,
    "PHRASE": Match.PHRASE,
    "BROAD": Match.BROAD,
    "NEGATIVE_EXACT": Match.EXACT,
    "NEGATIVE_PHRASE": Match.PHRASE,
    "NEGATIVE_BROAD": Match.BROAD,
}
KINDS: Final[Mapping[str, TargetKind]] = {"MANUAL": TargetKind.PRODUCT, "AUTO": TargetKind.AUTOMATIC}
_COMMON: Final = ("campaignId", "state", "extendedData")
_CAMPAIGN: Final[Shape] = dict.fromkeys(
    (
        *_COMMON, "name", "budget", "startDate", "endDate", "targetingType", "dynamicBidding", "portfolioId", "tags",
        "globalCampaignId", "autoManageCampaign", "marketplaceBudgetAllocation", "offAmazonSettings",
        "siteRestrictions",
    )
)  # fmt: skip
_GROUP: Final[Shape] = dict.fromkeys((*_COMMON, "adGroupId", "name", "defaultBid", "globalAdGroupId"))
_AD: Final[Shape] = dict.fromkeys(
    (*_COMMON, "adGroupId", "adId", "sku", "asin", "customText", "globalAdId", "globalStoreSetting")
)
_KEYWORD: Final[Shape] = dict.fromkeys(
    (
        *_COMMON, "adGroupId", "keywordId", "keywordText", "matchType", "bid", "globalKeywordId",
        "nativeLanguageKeyword", "nativeLanguageLocale",
    )
)  # fmt: skip
_TARGET: Final[Shape] = dict.fromkeys(
    (
        *_COMMON, "adGroupId", "targetId", "expression", "expressionType", "resolvedExpression", "bid",
        "globalTargetId",
    )
)  # fmt: skip


def campaigns(body: Any, where: Where, seen_at: datetime) -> Read[Campaign]:
    """A page of `ListSponsoredProductsCampaigns`. Raises ParseFailed where the page itself has another shape."""

    def read(raw: Any) -> Campaign:
        return Campaign(
            name=text(raw, "name"),
            pays_for=PaysFor.CLICK,
            daily_budget=_daily_budget(raw, where),
            starts_on=_day(raw, "startDate"),
            ends_on=_day(raw, "endDate"),
            **_standing(raw, where, seen_at),
        )

    return _page(body, "campaigns", "campaignId", _CAMPAIGN, read)


def ad_groups(body: Any, where: Where, seen_at: datetime) -> Read[AdGroup]:
    def read(raw: Any) -> AdGroup:
        return AdGroup(
            ad_group_id=text(raw, "adGroupId"),
            name=text(raw, "name"),
            default_bid=_bid(raw, "defaultBid", where),
            **_standing(raw, where, seen_at),
        )

    return _page(body, "adGroups", "adGroupId", _GROUP, read)


def product_ads(body: Any, where: Where, seen_at: datetime) -> Read[ProductAd]:
    """Sellers' ads name the SKU, vendors' the ASIN; an ad of a store's own text names neither."""

    def read(raw: Any) -> ProductAd:
        sku = maybe_text(raw, "sku")
        return ProductAd(
            ad_id=text(raw, "adId"),
            ad_group_id=maybe_text(raw, "adGroupId"),
            sku=None if sku is None else Sku(sku),
            external_id=maybe_text(raw, "asin"),
            rate=None,
            **_standing(raw, where, seen_at),
        )

    return _page(body, "productAds", "adId", _AD, read)


def keywords(body: Any, where: Where, seen_at: datetime) -> Read[Target]:
    def read(raw: Any) -> Target:
        return _keyword(raw, where, seen_at, negative=False)

    return _page(body, "keywords", "keywordId", _KEYWORD, read)


def targets(body: Any, where: Where, seen_at: datetime) -> Read[Target]:
    def read(raw: Any) -> Target:
        kind = KINDS.get(maybe_text(raw, "expressionType") or "", TargetKind.UNMAPPED)
        return _clause(raw, where, seen_at, kind, negative=False)

    return _page(body, "targetingClauses", "targetId", _TARGET, read)


def negatives(body: Any, where: Where, seen_at: datetime) -> Read[Target]:
    """What is refused: by keyword in an ad group or a whole campaign, or by product."""

    def keyword(raw: Any) -> Target:
        return _keyword(raw, where, seen_at, negative=True)

    def product(raw: Any) -> Target:
        return _clause(raw, where, seen_at, TargetKind.PRODUCT, negative=True)

    if find(body, "negativeTargetingClauses") is not None:
        return _page(body, "negativeTargetingClauses", "targetId", _TARGET, product)
    name = "campaignNegativeKeywords" if find(body, "campaignNegativeKeywords") is not None else "negativeKeywords"
    return _page(body, name, "keywordId", _KEYWORD, keyword)


def _page(body: Any, name: str, key: str, shape: Shape, read: Callable[[Any], R]) -> Read[R]:
    found = items(body, name)
    records, poison = collect(found, lambda raw: (read(raw),), lambda raw: raw[key])
    return Read(records, poison, tuple(sorted(unknown_fields(list(found), shape, name))))


def _keyword(raw: Any, where: Where, seen_at: datetime, *, negative: bool) -> Target:
    return Target(
        target_id=text(raw, "keywordId"),
        ad_group_id=maybe_text(raw, "adGroupId"),
        kind=TargetKind.KEYWORD,
        text=text(raw, "keywordText"),
        match=MATCHES.get(text(raw, "matchType"), Match.UNMAPPED),
        negative=negative,
        bid=None if negative else _bid(raw, "bid", where),
        **_standing(raw, where, seen_at),
    )


def _clause(raw: Any, where: Where, seen_at: datetime, kind: TargetKind, *, negative: bool) -> Target:
    parts = items(raw, "expression")
    if not parts:
        raise ParseFailed("expression", "missing")
    return Target(
        target_id=text(raw, "targetId"),
        ad_group_id=maybe_text(raw, "adGroupId"),
        kind=kind,
        text=" and ".join(_expression(part) for part in parts),
        match=None,
        negative=negative,
        bid=None if negative else _bid(raw, "bid", where),
        **_standing(raw, where, seen_at),
    )


def _expression(part: Any) -> str:
    """`ASIN_SAME_AS=B0…`, or the type alone where Amazon picks."""
    value = maybe_text(part, "value")
    return text(part, "type") if value is None else f"{text(part, 'type')}={value}"


def _standing(raw: Any, where: Where, seen_at: datetime) -> dict[str, Any]:
    state = text(raw, "state")
    return {
        "account": where.account,
        "marketplace": where.marketplace,
        "campaign_id": text(raw, "campaignId"),
        "state": STATES.get(state, AdState.UNMAPPED),
        "state_raw": state,
        "updated_at": maybe_moment(raw, "extendedData.lastUpdateDateTime"),
        "seen_at": seen_at,
    }


def _daily_budget(raw: Any, where: Where) -> Money | None:
    """None where the budget is of another kind than a daily one."""
    return _bid(raw, "budget.budget", where) if find(raw, "budget.budgetType") == "DAILY" else None


def _bid(raw: Any, path: str, where: Where) -> Money | None:
    """Amounts are JSON numbers in the profile's currency."""
    value = find(raw, path)
    if value is None:
        return None
    try:
        return not_negative(Money.of(amount_text(value, path), where.profile.currency), path)
    except ParseFailed as error:
        raise ParseFailed(path, error.reason) from None


def _day(raw: Any, path: str) -> date | None:
    value = maybe_text(raw, path)
    try:
        return None if value is None else date.fromisoformat(value)
    except ValueError:
        raise ParseFailed(path, f"wanted a day as 2026-11-03, found {value[:40] if value else value!r}") from None
