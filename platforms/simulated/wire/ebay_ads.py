"""Promoted Listings as eBay prints it. Each campaign that pays by click has one ad group with one ad.

Beside these stands one campaign that pays by sale, for everything that is for sale.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from platforms.simulated.ads.model import Ads, Campaign, Negative, Target
from platforms.simulated.channels.ids import print_id, read_id
from platforms.simulated.channels.model import Channel, Item
from platforms.simulated.state import CURRENCY, EBAY
from platforms.simulated.wire.ebay import MARKETPLACE, amount
from platforms.simulated.wire.text import decimal

GENERAL: Final = 900
"""The number of the campaign that pays by sale."""
RATE: Final = "5.0"
"""Its share of a sale, in per cent, where an ad has none of its own."""
CAMPAIGN: Final = {"ENABLED": "RUNNING", "PAUSED": "PAUSED", "ARCHIVED": "ENDED"}
STATE: Final = {"ENABLED": "ACTIVE", "PAUSED": "PAUSED", "ARCHIVED": "ARCHIVED"}
METRICS: Final[Mapping[str, Callable[[Mapping[str, Any]], str]]] = {
    "cpc_impressions": lambda row: str(row["impressions"]),
    "cpc_clicks": lambda row: str(row["clicks"]),
    "cpc_attributed_sales": lambda row: str(row["units"]),
    "cpc_sale_amount_listingsite_currency": lambda row: f"{CURRENCY} {decimal(row['sales_minor'])}",
    "cpc_ad_fees_listingsite_currency": lambda row: f"{CURRENCY} {decimal(row['cost_minor'])}",
}
DIMENSIONS: Final[Mapping[str, Callable[[Mapping[str, Any], Target], str | None]]] = {
    "day": lambda row, target: row["day"],
    "campaign_id": lambda row, target: print_id(EBAY, "campaign", target.campaign),
    "ad_group_id": lambda row, target: print_id(EBAY, "ad_group", target.campaign),
    "seller_keyword_id": lambda row, target: print_id(EBAY, "keyword", target.number),
    "keyword_match_type": lambda row, target: target.match,
}


def report(ads: Ads, rows: list[dict[str, Any]], columns: list[str]) -> bytes:
    """Values between tabs, a line each; the first line names the columns."""
    lines = [columns]
    for row in rows:
        target = ads.targets[row["target"]]
        lines.append(
            [METRICS[name](row) if name in METRICS else DIMENSIONS[name](row, target) or "" for name in columns]
        )
    return "".join("\t".join(line) + "\n" for line in lines).encode()


def number(what: str, text: str) -> int:
    """0 for an id that is none of ours."""
    return read_id(EBAY, what, text) or 0


def by_click(one: Campaign) -> dict[str, Any]:
    return {
        "campaignId": print_id(EBAY, "campaign", one.number),
        "campaignName": one.name,
        "campaignStatus": CAMPAIGN[one.state],
        "marketplaceId": MARKETPLACE,
        "startDate": _when(one.created_at),
        "fundingStrategy": {"fundingModel": "COST_PER_CLICK"},
        "budget": {"daily": {"amount": amount(one.budget_minor), "budgetStatus": "ACTIVE"}},
    }


def by_sale(ads: Ads) -> dict[str, Any]:
    return {
        "campaignId": print_id(EBAY, "campaign", GENERAL),
        "campaignName": "Everything, by sale",
        "campaignStatus": "RUNNING",
        "marketplaceId": MARKETPLACE,
        "startDate": _when(ads.opened_at),
        "fundingStrategy": {"fundingModel": "COST_PER_SALE", "bidPercentage": RATE, "adRateStrategy": "FIXED"},
    }


def group(one: Campaign) -> dict[str, Any]:
    return {
        "adGroupId": print_id(EBAY, "ad_group", one.number),
        "name": one.sku,
        "adGroupStatus": STATE[one.state],
        "defaultBid": amount(one.default_bid_minor),
    }


def ad_by_click(channel: Channel, one: Campaign) -> dict[str, Any]:
    return {
        "adId": print_id(EBAY, "ad", GENERAL + one.number),
        "adGroupId": print_id(EBAY, "ad_group", one.number),
        "adStatus": STATE[one.state],
        **_subject(channel.by_sku[one.sku]),
    }


def ad_by_sale(item: Item, rates: Mapping[str, str]) -> dict[str, Any]:
    number = print_id(EBAY, "ad", item.number)
    return {"adId": number, "bidPercentage": rates.get(number, RATE), **_subject(item)}


def keyword(one: Target) -> dict[str, Any]:
    return {
        "keywordId": print_id(EBAY, "keyword", one.number),
        "adGroupId": print_id(EBAY, "ad_group", one.campaign),
        "keywordText": one.text,
        "matchType": one.match,
        "keywordStatus": STATE[one.state],
        **({} if one.bid_minor is None else {"bid": amount(one.bid_minor)}),
    }


def negative(one: Negative) -> dict[str, Any]:
    return {
        "negativeKeywordId": print_id(EBAY, "negative", one.number),
        "campaignId": print_id(EBAY, "campaign", one.campaign),
        "adGroupId": print_id(EBAY, "ad_group", one.campaign),
        "negativeKeywordText": one.text,
        "negativeKeywordMatchType": one.match.upper(),
        "negativeKeywordStatus": STATE[one.state],
    }


def _subject(item: Item) -> dict[str, str]:
    listing = print_id(EBAY, "item", item.number)
    return {"listingId": listing, "inventoryReferenceId": item.sku, "inventoryReferenceType": "INVENTORY_ITEM"}


def _when(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}.000Z"
