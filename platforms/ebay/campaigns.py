"""Promoted Listings: campaigns, what is in them, and bids of keywords.

eBay tells no time of change, so everything is read again and again: the campaigns each time, what is in them some
campaigns at a time, round and round. All of it asks for a consent of its own (`sell.marketing`), and keywords for
eBay's leave: an account that lacks either loses this, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

import orjson

from ecom_agent.connector import Page, Receipt
from ecom_agent.errors import ParseFailed, Rejected, TerminalError
from ecom_agent.money import Money
from ecom_agent.records.advertising import AdRecord, AdState, Campaign, PaysFor, Target, TargetKind
from platforms._shared import paging
from platforms._shared.http import Answer
from platforms._shared.read import Read
from platforms.ebay import parse, rates
from platforms.ebay.client import NAME, EbayClient, Operation, pages

_BASE: Final = "/sell/marketing/v1"
_ONE: Final = f"{_BASE}/ad_campaign/{{campaign_id}}"
GET_CAMPAIGNS: Final = Operation("getCampaigns", "GET", f"{_BASE}/ad_campaign", rates.MARKETING)
GET_GROUPS: Final = Operation("getAdGroups", "GET", f"{_ONE}/ad_group", rates.MARKETING)
GET_ADS: Final = Operation("getAds", "GET", f"{_ONE}/ad", rates.MARKETING)
GET_KEYWORDS: Final = Operation("getKeywords", "GET", f"{_ONE}/keyword", rates.MARKETING)
GET_KEYWORD: Final = Operation("getKeyword", "GET", f"{_ONE}/keyword/{{keyword_id}}", rates.MARKETING)
GET_NEGATIVES: Final = Operation("getNegativeKeywords", "GET", f"{_BASE}/negative_keyword", rates.MARKETING)
SET_KEYWORD: Final = Operation("updateKeyword", "PUT", f"{_ONE}/keyword/{{keyword_id}}", rates.MARKETING)
SLICE: Final = 25
"""Campaigns whose contents one pull reads: a hundred calls at most, of ten thousand a day."""
_A_PAGE: Final = "500"


def pull(client: EbayClient, cursor: str | None) -> Iterator[Page[AdRecord]]:
    first = _first(cursor)
    heads = list(_heads(client))
    inside = sorted(
        (one for page in heads for one in page.records if isinstance(one, Campaign) and one.state is not AdState.ENDED),
        key=lambda one: one.campaign_id,
    )
    first = 0 if first >= len(inside) else first
    following = first + SLICE if first + SLICE < len(inside) else 0
    parts: list[Any] = [heads, *(_content(client, one) for one in inside[first : first + SLICE])]
    yield from paging.sweep(parts, paging.encode(first=str(following), at=client.clock.now()))


def live_bid(client: EbayClient, target: Target) -> Money | None:
    path = {"campaign_id": target.campaign_id, "keyword_id": target.target_id}
    try:
        answer = client.call(GET_KEYWORD, path=path, for_ads=True)
    except TerminalError as error:
        if error.status == 404:
            return None
        raise
    return parse.bid(answer.parsed)


def set_bid(client: EbayClient, target: Target, bid: Money) -> Receipt:
    """eBay has its own least and highest bid; what lies beyond is refused in its words. No compare-and-swap."""
    if target.kind is not TargetKind.KEYWORD or target.negative or target.state is AdState.ENDED:
        raise Rejected(
            NAME, SET_KEYWORD.name, f"{target.target_id} takes no bid: wanted a keyword that is not archived"
        )
    if bid.minor <= 0 or (target.bid is not None and target.bid.currency != bid.currency):
        raise Rejected(NAME, SET_KEYWORD.name, f"wanted a bid above zero in the campaign's currency, found {bid}")
    path = {"campaign_id": target.campaign_id, "keyword_id": target.target_id}
    body = {"bid": {"currency": bid.currency, "value": f"{bid.major}"}}
    client.call(SET_KEYWORD, path=path, body=body, write=True, for_ads=True)
    return Receipt(target.target_id, {"bid": str(bid)})


def by_click(client: EbayClient) -> frozenset[str]:
    """Our marketplaces on which a campaign pays by click."""
    found = (one for page in _heads(client) for one in page.records if isinstance(one, Campaign))
    return frozenset(one.marketplace for one in found if one.pays_for is PaysFor.CLICK)


def _first(cursor: str | None) -> int:
    told = paging.decode(cursor).get("first", "0") if cursor else "0"
    if not told.isdecimal():
        raise ParseFailed("cursor", f"first is not a number: {told[:40]!r}; delete it to start anew")
    return int(told)


def _heads(client: EbayClient) -> Iterator[Page[AdRecord]]:
    ours = frozenset(client.settings.marketplaces)

    def read(body: Any) -> Read[AdRecord]:
        return parse.campaigns(body, ours, account=client.account, seen_at=client.clock.now())

    yield from _pages(client, GET_CAMPAIGNS, "campaigns", {}, None, read)


def _content(client: EbayClient, campaign: Campaign) -> Iterator[Page[AdRecord]]:
    path = {"campaign_id": campaign.campaign_id}
    seen = client.clock.now()
    yield from _pages(client, GET_ADS, "ads", {}, path, lambda body: parse.product_ads(body, campaign, seen))
    if campaign.pays_for is not PaysFor.CLICK:
        return
    yield from _pages(client, GET_GROUPS, "adGroups", {}, path, lambda body: parse.ad_groups(body, campaign, seen))
    yield from _pages(client, GET_KEYWORDS, "keywords", {}, path, lambda body: parse.keywords(body, campaign, seen))
    named = {"campaign_ids": campaign.campaign_id}
    yield from _pages(
        client, GET_NEGATIVES, "negativeKeywords", named, None, lambda body: parse.negatives(body, campaign, seen)
    )


def _pages(
    client: EbayClient,
    operation: Operation,
    key: str,
    query: Mapping[str, str],
    path: Mapping[str, str] | None,
    read: Callable[[Any], Read[AdRecord]],
) -> Iterator[Page[AdRecord]]:
    found: Iterator[tuple[Answer, bool]] = pages(
        client, operation, {**query, "limit": _A_PAGE}, key, path, for_ads=True
    )
    for answer, more in found:
        told = read(answer.parsed if answer.parsed is not None else {})
        records: Sequence[AdRecord] = told.records
        raw = answer.raw or orjson.dumps({})
        yield Page(tuple(records), None, more, operation.name, raw, told.poison, told.unknown_fields)
