"""Many prices in one feed: sent, waited for, read line by line. That a feed was processed says nothing of its lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from ecom_agent.connector import Receipt
from ecom_agent.errors import EcomError, OutcomeUnknown, ParseFailed, PlatformError, Rejected
from ecom_agent.ports.writes import PriceChange
from platforms._shared.feeds import lines_of
from platforms._shared.payload import text
from platforms.walmart import parse, writes
from platforms.walmart.client import NAME, WalmartClient, path_of
from platforms.walmart.parse.feeds import Feed, FeedLine

SEND: Final = "priceAndPromotionFeed"
"""Our name: the contract gives this operation none."""
STATUS: Final = "getFeedItemStatus"
FEW: Final = 10
"""Fewer prices than this are set one by one: an answer at once for each, where a feed takes minutes."""
MOST: Final = 1000
"""Walmart takes 10,000 and advises 1,000."""
LOOKS: Final = 3
PAUSE_S: Final = 20.0
_PAGE: Final = 50
_VERSION: Final = "2.0.20240126-12_25_52-api"
_ASIDE: Final = ("SYSTEM_ERROR", "TIMEOUT_ERROR", "INPROGRESS")

Fate = Receipt | Exception


def set_prices(client: WalmartClient, changes: Sequence[PriceChange]) -> Sequence[Fate]:
    """What became of each, in order.

    Raises what the sending of the feed raised: then all had the same fate.
    """
    good, refused = lines_of(changes, _checked, platform=NAME, operation=SEND)
    wanted = list(good.values())
    found = _one_by_one(client, wanted) if len(wanted) < FEW else _fed(client, wanted)
    fates: dict[int, Fate] = {**refused, **dict(zip(good, found, strict=True))}
    return [fates[place] for place in range(len(changes))]


def _checked(change: PriceChange) -> PriceChange:
    writes.check(change.listing, change.price)
    return change


def _one_by_one(client: WalmartClient, changes: Sequence[PriceChange]) -> Sequence[Fate]:
    return [_tried(client, change) for change in changes]


def _tried(client: WalmartClient, change: PriceChange) -> Fate:
    try:
        return writes.set_price(client, change.listing, change.price)
    except EcomError as error:
        return error


def _fed(client: WalmartClient, changes: Sequence[PriceChange]) -> Sequence[Fate]:
    """A feed that was taken is taken for all its lines; where it is through within a minute, each has its own fate.

    Real ones take up to a quarter of an hour: nobody waits for that, what is live then is read back as ever.
    """
    header = {"businessUnit": client.marketplace, "version": _VERSION, "locale": "en"}
    lines = [{"Promo&Discount": {"sku": c.listing.sku, "price": writes.as_number(c.price)}} for c in changes]
    answer = client.answer(
        "POST",
        "/v3/feeds",
        operation=SEND,
        query={"feedType": "PRICE_AND_PROMOTION"},
        body={"MPItemFeedHeader": header, "MPItem": lines},
        write=True,
    )
    try:
        feed_id = text(answer.parsed, "feedId")
    except ParseFailed:
        raise OutcomeUnknown(NAME, SEND, "the answer names no feed: read back") from None
    for _ in range(LOOKS):
        client.clock.sleep(PAUSE_S)
        try:
            feed, told = _read(client, feed_id)
        except (PlatformError, ParseFailed):
            break
        if feed.ended:
            return [_fate(change, feed, told.get(change.listing.sku), feed_id) for change in changes]
    return [_taken(change, feed_id, "not seen through") for change in changes]


def _read(client: WalmartClient, feed_id: str) -> tuple[Feed, Mapping[str, FeedLine]]:
    """The feed, and once it has ended all of its lines."""
    path, lines, offset = path_of("/v3/feeds/{id}", id=feed_id), dict[str, FeedLine](), 0
    while True:
        query = {"includeDetails": "true", "offset": str(offset), "limit": str(_PAGE)}
        feed = parse.feed_page(client.answer("GET", path, operation=STATUS, query=query).parsed)
        lines |= feed.lines
        offset += _PAGE
        if not feed.ended or not feed.lines or offset >= (feed.received or 0):
            return feed, lines


def _fate(change: PriceChange, feed: Feed, line: FeedLine | None, feed_id: str) -> Fate:
    sku = change.listing.sku
    if line is None:
        if feed.status == "ERROR":
            words = feed.errors or ("the feed was refused as a whole",)
            return Rejected(NAME, SEND, f"{sku}: {'; '.join(words)}", words, 200)
        return _unknown(change, f"feed {feed_id} does not show it")
    if line.status == "SUCCESS":
        return _taken(change, feed_id, line.status)
    if line.status in _ASIDE:
        return _unknown(change, f"{line.status} {'; '.join(line.words)}")
    words = line.words or (line.status,)
    return Rejected(NAME, SEND, f"{sku}: {'; '.join(words)}", words, 200)


def _taken(change: PriceChange, feed_id: str, status: str) -> Receipt:
    return Receipt(f"{feed_id}/{change.listing.sku}", {"price": f"{change.price.major}", "status": status})


def _unknown(change: PriceChange, why: str) -> OutcomeUnknown:
    return OutcomeUnknown(NAME, SEND, f"{change.listing.sku}: {why}: read back")
