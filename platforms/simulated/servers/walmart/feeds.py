"""Price feeds: taken at once, worked through in minutes, each line with a fate of its own."""

from __future__ import annotations

import uuid
from collections import Counter
from datetime import datetime, timedelta
from typing import Any, Final

from platforms.simulated.servers.walmart import prices
from platforms.simulated.servers.walmart.call import Call, Operation, WalmartRefused, missing
from platforms.simulated.wire.text import read_moment, seconds

API: Final = "FEED"
KIND: Final = "PRICE_AND_PROMOTION"
LINE: Final = "Promo&Discount"
MOST: Final = 10_000
RECEIVED_FOR: Final = timedelta(seconds=20)
KEPT_FOR: Final = timedelta(days=2)
TAKES: Final = timedelta(seconds=40)


def send(call: Call) -> Any:
    """Good lines go to the market at once; the feed shows its lines' fates when it is through."""
    entries = [entry.get(LINE, {}) for entry in call.body.get("MPItem", [])]
    if not entries:
        raise WalmartRefused(400, "EMPTY_FEED.GMP_FEED_API", "The feed has no items", "MPItem")
    if len(entries) > MOST:
        raise WalmartRefused(413, "FEED_TOO_LARGE.GMP_FEED_API", f"A feed holds {MOST} items at most", "MPItem")
    counted = Counter(entry.get("sku") for entry in entries)
    lines = [_line(call, entry, twice=counted[entry.get("sku")] > 1) for entry in entries]
    number = call.forget("feed/", KEPT_FOR)
    name = uuid.uuid5(uuid.NAMESPACE_OID, f"{call.world.seed}/feed/{call.now.isoformat()}/{number}")
    feed_id = f"{name.hex.upper()}@AVMBAgA"
    call.do("channel_keep", key=f"feed/{feed_id}", value={"at": seconds(call.now), "lines": lines})
    for line in lines:
        if line["why"] is None:
            call.do("channel_price", sku=line["sku"], price_minor=line["price_minor"])
    return {"feedId": feed_id}


def _line(call: Call, entry: dict[str, Any], *, twice: bool) -> dict[str, Any]:
    sku, price = entry.get("sku"), entry.get("price", "none")
    why = "The SKU stands in the feed more than once" if twice else prices.wrong(call.channel, sku, price)
    if why is None and call.servers.faults.strikes("failed_feed_lines"):
        why = "The item could not be priced"
    return {"sku": sku, "price_minor": None if why else prices.minor_of(float(price)), "why": why}


def status(call: Call) -> Any:
    kept = call.channel.kept.get(f"feed/{call.path['feedId']}")
    if kept is None:
        raise missing(API, f"No feed {call.path['feedId']}", "feedId")
    size, start = call.whole("limit", 50, 1, 50), call.whole("offset", 0, 0, MOST)
    state, lines = _state(read_moment(kept["at"]), call.now), kept["lines"]
    through = state == "PROCESSED"
    failed = sum(line["why"] is not None for line in lines) if through else 0
    answer: dict[str, Any] = {
        "feedId": call.path["feedId"],
        "feedStatus": state,
        "ingestionErrors": {"ingestionError": []},
        "itemsReceived": len(lines),
        "itemsSucceeded": len(lines) - failed if through else 0,
        "itemsFailed": failed,
        "itemsProcessing": 0 if through else len(lines),
        "offset": start,
        "limit": size,
    }
    if call.query.get("includeDetails") == "true":
        rows = [_told(number, line, through) for number, line in enumerate(lines)]
        answer["itemDetails"] = {"itemIngestionStatus": rows[start : start + size]}
    return answer


def _state(sent_at: datetime, now: datetime) -> str:
    if now - sent_at < RECEIVED_FOR:
        return "RECEIVED"
    return "INPROGRESS" if now - sent_at < TAKES else "PROCESSED"


def _told(number: int, line: dict[str, Any], through: bool) -> dict[str, Any]:
    failed = through and line["why"] is not None
    errors = [{"type": "DATA_ERROR", "code": "ERR_PRICE_0042", "description": line["why"]}] if failed else []
    state = ("DATA_ERROR" if failed else "SUCCESS") if through else "INPROGRESS"
    return {
        "martId": 0,
        "sku": line["sku"],
        "index": number,
        "ingestionStatus": state,
        "ingestionErrors": {"ingestionError": errors},
    }


OPERATIONS: Final = (
    Operation("priceAndPromotionFeed", "POST", "/v3/feeds", API, 0.005, 10, send, writes=True, feed_type=KIND),
    Operation("getFeedItemStatus", "GET", "/v3/feeds/{feedId}", API, 10, 50, status),
)
