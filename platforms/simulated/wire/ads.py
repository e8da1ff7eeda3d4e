"""Advertising as Amazon prints it: ids, entries of the lists of Sponsored Products v3."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from platforms.simulated.ads.model import AUTOMATIC, KEYWORD, Ads, Campaign, Negative, Target
from platforms.simulated.wire.text import moment

_SHAPES: Final = {
    "campaign": (281_474_976_000_011, 7_919),
    "group": (291_474_976_000_013, 7_927),
    "ad": (301_474_976_000_017, 7_933),
    "target": (311_474_976_000_019, 7_937),
    "negative": (321_474_976_000_023, 7_949),
}


def print_id(what: str, number: int) -> str:
    base, step = _SHAPES[what]
    return str(base + step * number)


def read_id(what: str, text: str) -> int | None:
    """The number behind an id; None when it cannot be one of ours. It may still be of nothing that exists."""
    base, step = _SHAPES[what]
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        return None
    number, rest = divmod(int(text) - base, step)
    return number if number > 0 and rest == 0 else None


def keyword_type(target: Target) -> str:
    if target.kind == KEYWORD:
        return target.match or ""
    return "TARGETING_EXPRESSION_PREDEFINED" if target.kind == AUTOMATIC else "TARGETING_EXPRESSION"


def campaign(ads: Ads, one: Campaign) -> dict[str, Any]:
    return {
        "campaignId": print_id("campaign", one.number),
        "name": one.name,
        "state": one.state,
        "targetingType": "AUTO" if one.automatic else "MANUAL",
        "startDate": one.created_at.date().isoformat(),
        "budget": {"budgetType": "DAILY", "budget": one.budget_minor / 100},
        "dynamicBidding": {"strategy": "MANUAL", "placementBidding": []},
        "extendedData": _extended(one.created_at, one.created_at),
    }


def group(ads: Ads, one: Campaign) -> dict[str, Any]:
    return {
        "adGroupId": print_id("group", one.number),
        "campaignId": print_id("campaign", one.number),
        "name": one.sku,
        "state": one.state,
        "defaultBid": one.default_bid_minor / 100,
        "extendedData": _extended(one.created_at, one.created_at),
    }


def product_ad(ads: Ads, one: Campaign) -> dict[str, Any]:
    return {
        "adId": print_id("ad", one.number),
        "adGroupId": print_id("group", one.number),
        "campaignId": print_id("campaign", one.number),
        "sku": one.sku,
        "state": one.state,
        "extendedData": _extended(one.created_at, one.created_at),
    }


def keyword(ads: Ads, one: Target) -> dict[str, Any]:
    return {"keywordId": print_id("target", one.number), "keywordText": one.text, "matchType": one.match, **_bid(one)}


def clause(ads: Ads, one: Target) -> dict[str, Any]:
    automatic = one.kind == AUTOMATIC
    expression = [{"type": one.text} if automatic else {"type": "ASIN_SAME_AS", "value": one.text}]
    return {
        "targetId": print_id("target", one.number),
        "expressionType": "AUTO" if automatic else "MANUAL",
        "expression": expression,
        "resolvedExpression": expression,
        **_bid(one),
    }


def negative(ads: Ads, one: Negative) -> dict[str, Any]:
    return {
        "keywordId": print_id("negative", one.number),
        "campaignId": print_id("campaign", one.campaign),
        "adGroupId": print_id("group", one.campaign),
        "keywordText": one.text,
        "matchType": f"NEGATIVE_{one.match.upper()}",
        "state": one.state,
        "extendedData": _extended(one.created_at, one.created_at),
    }


def _bid(one: Target) -> dict[str, Any]:
    return {
        "campaignId": print_id("campaign", one.campaign),
        "adGroupId": print_id("group", one.campaign),
        "state": one.state,
        **({} if one.bid_minor is None else {"bid": one.bid_minor / 100}),
        "extendedData": _extended(one.created_at, one.updated_at),
    }


def _extended(created: datetime, updated: datetime) -> dict[str, str]:
    return {"creationDateTime": moment(created), "lastUpdateDateTime": moment(updated)}
