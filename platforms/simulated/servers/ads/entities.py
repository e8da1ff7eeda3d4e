"""The lists of Sponsored Products v3: filtered by state and id, paged by a token that is a place in the list."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from platforms.simulated.ads.model import KEYWORD, Ads
from platforms.simulated.servers.ads.call import Call, Handler, Operation, invalid
from platforms.simulated.servers.spoil import spoil_page
from platforms.simulated.wire import ads as wire

MOST: Final = 1000
_FIRST: Final = "p:"


def listing(
    name: str, key: str, filtered: str, found: Callable[[Ads], Iterable[Any]], show: Callable[[Ads, Any], Any]
) -> Handler:
    """The handler of one list: `name` is its field in the answer, `key` its id, `filtered` the filter of ids."""

    def answer(call: Call) -> Any:
        asked = call.body or {}
        rows = [show(call.ads, one) for one in found(call.ads)]
        states, ids = asked.get("stateFilter", {}).get("include"), asked.get(filtered, {}).get("include")
        rows = [row for row in rows if (states is None or row["state"] in states) and (ids is None or row[key] in ids)]
        start, size = _place(asked.get("nextToken")), asked.get("maxResults", MOST)
        if not 1 <= size <= MOST:
            raise invalid(f"maxResults must be from 1 to {MOST}")
        page = rows[start : start + size]
        if not asked.get("includeExtendedDataFields"):
            page = [{field: value for field, value in row.items() if field != "extendedData"} for row in page]
        spoil_page(call.servers.faults, page, heart=key, status=("state",))
        more = {"nextToken": f"{_FIRST}{start + size}"} if start + size < len(rows) else {}
        return {name: page, "totalResults": len(rows), **more}

    return answer


def _place(token: str | None) -> int:
    if token is None:
        return 0
    if not token.startswith(_FIRST) or not token.removeprefix(_FIRST).isdigit():
        raise invalid("nextToken is not valid")
    return int(token.removeprefix(_FIRST))


def _operation(name: str, path: str, media: str, handler: Handler) -> Operation:
    return Operation(f"ListSponsoredProducts{name}", "POST", path, 10, 40, handler, media=media, answer=media)


def _media(what: str) -> str:
    return f"application/vnd.sp{what}.v3+json"


OPERATIONS: Final = (
    _operation(
        "Campaigns",
        "/sp/campaigns/list",
        _media("Campaign"),
        listing("campaigns", "campaignId", "campaignIdFilter", lambda ads: ads.campaigns.values(), wire.campaign),
    ),
    _operation(
        "AdGroups",
        "/sp/adGroups/list",
        _media("AdGroup"),
        listing("adGroups", "adGroupId", "adGroupIdFilter", lambda ads: ads.campaigns.values(), wire.group),
    ),
    _operation(
        "ProductAds",
        "/sp/productAds/list",
        _media("ProductAd"),
        listing("productAds", "adId", "adIdFilter", lambda ads: ads.campaigns.values(), wire.product_ad),
    ),
    _operation(
        "Keywords",
        "/sp/keywords/list",
        _media("Keyword"),
        listing(
            "keywords",
            "keywordId",
            "keywordIdFilter",
            lambda ads: (one for one in ads.targets.values() if one.kind == KEYWORD),
            wire.keyword,
        ),
    ),
    _operation(
        "TargetingClauses",
        "/sp/targets/list",
        _media("TargetingClause"),
        listing(
            "targetingClauses",
            "targetId",
            "targetIdFilter",
            lambda ads: (one for one in ads.targets.values() if one.kind != KEYWORD),
            wire.clause,
        ),
    ),
    _operation(
        "NegativeKeywords",
        "/sp/negativeKeywords/list",
        _media("NegativeKeyword"),
        listing(
            "negativeKeywords",
            "keywordId",
            "negativeKeywordIdFilter",
            lambda ads: ads.negatives.values(),
            wire.negative,
        ),
    ),
    _operation(
        "CampaignNegativeKeywords",
        "/sp/campaignNegativeKeywords/list",
        _media("CampaignNegativeKeyword"),
        listing(
            "campaignNegativeKeywords", "keywordId", "campaignNegativeKeywordIdFilter", lambda ads: (), wire.negative
        ),
    ),
    _operation(
        "NegativeTargetingClauses",
        "/sp/negativeTargets/list",
        _media("NegativeTargetingClause"),
        listing("negativeTargetingClauses", "targetId", "negativeTargetIdFilter", lambda ads: (), wire.clause),
    ),
)
