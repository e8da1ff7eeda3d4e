"""Sell Marketing's Promoted Listings: campaigns, what is in them, and bids, over the world's advertising law."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from platforms.simulated.ads.model import Ads, Campaign, Target
from platforms.simulated.servers.ebay.call import Answer, Call, EbayRefused, Numbers, Operation, error, page
from platforms.simulated.state import CURRENCY
from platforms.simulated.wire import ebay_ads as wire

BASE: Final = "/sell/marketing/v1"
API: Final = "sell.marketing"
PER_DAY: Final = 10_000
DOMAIN: Final = "API_MARKETING"
RATES: Final = "ad_rates"
"""What the account keeps of ads that pay by sale: share of a sale by ad, in per cent."""
_NUMBERS: Final = Numbers(DOMAIN, limit=35029, offset=35030, filter=35028, date=35028, order=35027)
_ONE: Final = f"{BASE}/ad_campaign/{{campaign_id}}"
_MOST: Final = 500
_LEAST_BID_MINOR: Final = 2
_MOST_BID_MINOR: Final = 10_000
_WORDS: Final = {said: ours for ours, said in wire.STATE.items()}


def account(call: Call) -> Ads:
    """Our campaigns; they begin with the first question."""
    if call.channel.ads is None:
        call.do("channel_ads_open")
    assert call.channel.ads is not None
    return call.channel.ads


def campaigns(call: Call) -> Any:
    ads = account(call)
    rows = [*(wire.by_click(one) for one in ads.campaigns.values()), wire.by_sale(ads)]
    model, status = call.query.get("funding_strategy"), call.query.get("campaign_status")
    rows = [
        one
        for one in rows
        if model in (None, one["fundingStrategy"]["fundingModel"]) and status in (None, one["campaignStatus"])
    ]
    return page(call, f"{BASE}/ad_campaign", "campaigns", rows, _NUMBERS, default=10, most=_MOST)


def campaign(call: Call) -> Any:
    found = _campaign(call)
    return wire.by_sale(account(call)) if found is None else wire.by_click(found)


def groups(call: Call) -> Any:
    return _rows(call, "ad_group", "adGroups", lambda _ads, one: [wire.group(one)])


def ads_of(call: Call) -> Any:
    found = _campaign(call)
    if found is not None:
        return _rows(call, "ad", "ads", lambda _ads, one: [wire.ad_by_click(call.channel, one)])
    rates = call.channel.kept.get(RATES) or {}
    rows = [wire.ad_by_sale(item, rates) for item in call.channel.items.values() if item.status == "active"]
    return page(call, _path(call, "ad"), "ads", rows, _NUMBERS, default=10, most=_MOST)


def keywords(call: Call) -> Any:
    def inside(ads: Ads, one: Campaign) -> Sequence[Any]:
        return [wire.keyword(target) for target in ads.targets.values() if target.campaign == one.number]

    return _rows(call, "keyword", "keywords", inside)


def keyword(call: Call) -> Any:
    return wire.keyword(_keyword(call, call.path["keyword_id"]))


def negatives(call: Call) -> Any:
    wanted = wire.number("campaign", call.query.get("campaign_ids", ""))
    rows = [wire.negative(one) for one in account(call).negatives.values() if one.campaign == wanted]
    return page(call, f"{BASE}/negative_keyword", "negativeKeywords", rows, _NUMBERS, default=10, most=_MOST)


def put_keyword(call: Call) -> Any:
    _set(call, call.path["keyword_id"], call.body)
    return Answer(None, 204)


def put_keywords(call: Call) -> Any:
    """200 when all was done, 207 when some of it was not."""
    _by_click(call)
    requests = call.body.get("requests") if isinstance(call.body, Mapping) else None
    if not isinstance(requests, list) or not 0 < len(requests) <= _MOST:
        raise EbayRefused(400, error(36312, DOMAIN, f"Between 1 and {_MOST} requests are taken."))
    told = [_answered(call, one) for one in requests]
    return Answer({"responses": told}, 200 if all(one["statusCode"] == 200 for one in told) else 207)


def put_rate(call: Call) -> Any:
    """The share of a sale of one ad, in steps of a tenth of a per cent."""
    if _campaign(call) is not None:
        raise EbayRefused(400, error(36101, DOMAIN, "This functionality is not supported for the CPC funding model."))
    number, told = call.path["ad_id"], str((call.body or {}).get("bidPercentage"))
    if wire.number("ad", number) not in call.channel.items:
        raise EbayRefused(404, error(35044, DOMAIN, f"No Ad found for 'ad_id' {number[:40]}."))
    share = _decimal(told)
    if share is None or not 2 <= share <= 100 or share * 10 != int(share * 10):
        raise EbayRefused(400, error(35007, DOMAIN, f"The 'bidPercentage' {told[:20]} is not valid."))
    call.do("channel_keep", key=RATES, value={**(call.channel.kept.get(RATES) or {}), number: told})
    return Answer(None, 204)


def _answered(call: Call, request: Any) -> dict[str, Any]:
    number = str(request.get("keywordId")) if isinstance(request, Mapping) else ""
    try:
        _set(call, number, request)
    except EbayRefused as refused:
        return {"keywordId": number, "statusCode": refused.status, "errors": refused.errors}
    return {"keywordId": number, "statusCode": 200}


def _set(call: Call, number: str, wish: Any) -> None:
    found = _keyword(call, number)
    bid, status = wish.get("bid"), wish.get("keywordStatus")
    if found.state == "ARCHIVED" or (status is not None and status not in _WORDS):
        raise EbayRefused(409, error(36304, DOMAIN, "The keyword is archived, or its status is not valid."))
    bid_minor = None if bid is None else _bid_minor(bid)
    state = None if status is None else _WORDS[status]
    call.do("channel_ads_keyword", target=found.number, bid_minor=bid_minor, state=state)


def _bid_minor(bid: Mapping[str, Any]) -> int:
    if bid.get("currency") != CURRENCY:
        raise EbayRefused(400, error(36308, DOMAIN, "The 'bid' currency is not valid or missing."))
    value = _decimal(bid.get("value"))
    if value is None or value * 100 != int(value * 100):
        raise EbayRefused(400, error(36305, DOMAIN, f"The 'bid' value {str(bid.get('value'))[:20]} is not valid."))
    minor = int(value * 100)
    if minor < _LEAST_BID_MINOR:
        raise EbayRefused(400, error(36306, DOMAIN, f"The 'bid' value {value} is below floor value 0.02."))
    if minor > _MOST_BID_MINOR:
        raise EbayRefused(400, error(36307, DOMAIN, f"The 'bid' value {value} is above max value 100.0."))
    return minor


def _decimal(told: Any) -> Decimal | None:
    try:
        found = Decimal(str(told))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def _campaign(call: Call) -> Campaign | None:
    """None: the one that pays by sale."""
    number = wire.number("campaign", call.path["campaign_id"])
    if number == wire.GENERAL:
        return None
    found = account(call).campaigns.get(number)
    if found is None:
        said = f"No campaign found for campaign id {call.path['campaign_id'][:40]}."
        raise EbayRefused(404, error(35045, DOMAIN, said))
    return found


def _by_click(call: Call) -> Campaign:
    found = _campaign(call)
    if found is None:
        raise EbayRefused(400, error(36102, DOMAIN, "This functionality is not supported for the CPS funding model."))
    return found


def _keyword(call: Call, text: str) -> Target:
    campaign = _by_click(call)
    found = account(call).targets.get(wire.number("keyword", text))
    if found is None or found.campaign != campaign.number:
        raise EbayRefused(404, error(36310, DOMAIN, f"No keyword found for keyword id {text[:40]}."))
    return found


def _rows(call: Call, last: str, key: str, inside: Callable[[Ads, Campaign], Sequence[Any]]) -> Any:
    rows = list(inside(account(call), _by_click(call)))
    return page(call, _path(call, last), key, rows, _NUMBERS, default=10, most=_MOST)


def _path(call: Call, last: str) -> str:
    return f"{BASE}/ad_campaign/{call.path['campaign_id']}/{last}"


def _read(name: str, path: str, handler: Callable[[Call], Any]) -> Operation:
    return Operation(name, "GET", path, API, PER_DAY, handler)


OPERATIONS: Final = (
    _read("getCampaigns", f"{BASE}/ad_campaign", campaigns),
    _read("getCampaign", _ONE, campaign),
    _read("getAdGroups", f"{_ONE}/ad_group", groups),
    _read("getAds", f"{_ONE}/ad", ads_of),
    _read("getKeywords", f"{_ONE}/keyword", keywords),
    _read("getKeyword", f"{_ONE}/keyword/{{keyword_id}}", keyword),
    _read("getNegativeKeywords", f"{BASE}/negative_keyword", negatives),
    Operation("updateKeyword", "PUT", f"{_ONE}/keyword/{{keyword_id}}", API, PER_DAY, put_keyword, writes=True),
    Operation("bulkUpdateKeyword", "POST", f"{_ONE}/bulk_update_keyword", API, PER_DAY, put_keywords, writes=True),
    Operation("updateBid", "POST", f"{_ONE}/ad/{{ad_id}}/update_bid", API, PER_DAY, put_rate, writes=True),
)
