"""Changing bids and states, refusing searches: many items a call, each with a fate of its own, status 207."""

from __future__ import annotations

from typing import Any, Final

from platforms.simulated.ads import constants as k
from platforms.simulated.ads.model import KEYWORD, Target
from platforms.simulated.servers.ads.call import Call, Operation
from platforms.simulated.wire import ads as wire

_KEYWORD: Final = "application/vnd.spKeyword.v3+json"
_CLAUSE: Final = "application/vnd.spTargetingClause.v3+json"
_NEGATIVE: Final = "application/vnd.spNegativeKeyword.v3+json"
_MATCHES: Final = {"NEGATIVE_EXACT": "exact", "NEGATIVE_PHRASE": "phrase"}


def keywords(call: Call) -> Any:
    return {"keywords": _updated(call, call.body["keywords"], "keywordId", "keyword", keyword=True)}


def clauses(call: Call) -> Any:
    return {
        "targetingClauses": _updated(call, call.body["targetingClauses"], "targetId", "targetingClause", keyword=False)
    }


def _updated(call: Call, items: list[dict[str, Any]], key: str, name: str, *, keyword: bool) -> dict[str, Any]:
    done, failed = [], []
    for index, item in enumerate(items):
        number = wire.read_id("target", item[key])
        target = call.ads.targets.get(number) if number is not None else None
        wrong = _wrong(target, item, index, name, keyword=keyword)
        if wrong is not None or target is None:
            failed.append({"index": index, "errors": [wrong]})
            continue
        bid = None if item.get("bid") is None else round(item["bid"] * 100)
        call.do("ads_target", target=target.number, bid_minor=bid, state=item.get("state"))
        shown = wire.keyword(call.ads, target) if keyword else wire.clause(call.ads, target)
        done.append({"index": index, key: item[key], name: shown})
    return {"success": done, "error": failed}


def _wrong(
    target: Target | None, item: dict[str, Any], index: int, name: str, *, keyword: bool
) -> dict[str, Any] | None:
    where = f"$.{name}s[{index}]"
    if target is None or (target.kind == KEYWORD) is not keyword:
        kind = "KEYWORD" if keyword else "TARGETING_CLAUSE"
        wanted = item.get("keywordId") or item.get("targetId") or ""
        return _error("entityNotFoundError", "ENTITY_NOT_FOUND", f"{kind} not found", where, wanted)
    bid = item.get("bid")
    if bid is None:
        return None
    if bid * 100 < k.LEAST_BID_MINOR - 1e-9:
        return _error("biddingError", "BID_OUT_OF_MARKETPLACE_MIN_MAX_RANGE", "The bid is too low", where, str(bid))
    if bid * 100 > k.MOST_BID_MINOR + 1e-9:
        return _error("biddingError", "BID_OUT_OF_MARKETPLACE_MIN_MAX_RANGE", "The bid is too high", where, str(bid))
    return None


def negatives(call: Call) -> Any:
    done, failed = [], []
    for index, item in enumerate(call.body["negativeKeywords"]):
        campaign = wire.read_id("campaign", item["campaignId"])
        group = wire.read_id("group", item["adGroupId"])
        if campaign not in call.ads.campaigns or group != campaign:
            where = f"$.negativeKeywords[{index}]"
            error = _error("entityNotFoundError", "ENTITY_NOT_FOUND", "No such ad group", where, item["adGroupId"])
            failed.append({"index": index, "errors": [error]})
            continue
        number = call.do(
            "ads_refuse",
            campaign=campaign,
            text=item["keywordText"].lower(),
            match=_MATCHES.get(item["matchType"], "phrase"),
            state=item["state"],
        )
        shown = wire.negative(call.ads, call.ads.negatives[number])
        done.append({"index": index, "negativeKeywordId": shown["keywordId"], "negativeKeyword": shown})
    return {"negativeKeywords": {"success": done, "error": failed}}


def _error(kind: str, reason: str, message: str, where: str, trigger: str) -> dict[str, Any]:
    value: dict[str, Any] = {"reason": reason, "message": message, "cause": {"location": where, "trigger": trigger}}
    if kind == "entityNotFoundError":
        value |= {"entityType": "AD_GROUP" if "negative" in where else "KEYWORD", "entityId": trigger}
    return {"errorType": kind, "errorValue": {kind: value}}


OPERATIONS: Final = (
    Operation(
        "UpdateSponsoredProductsKeywords", "PUT", "/sp/keywords", 10, 20, keywords, _KEYWORD, _KEYWORD, True, 207
    ),
    Operation(
        "UpdateSponsoredProductsTargetingClauses", "PUT", "/sp/targets", 10, 20, clauses, _CLAUSE, _CLAUSE, True, 207
    ),
    Operation(
        "CreateSponsoredProductsNegativeKeywords",
        "POST",
        "/sp/negativeKeywords",
        10,
        20,
        negatives,
        _NEGATIVE,
        _NEGATIVE,
        True,
        207,
    ),
)
