"""Prices of many listings by feeds (JSON_LISTINGS_FEED): taken at once, worked through in minutes, told line by line.

A feed that was worked through says nothing of its lines: each has its fate in the processing report. Whatever leaves
that open is of unknown outcome, so that the price is read back and never sent twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

import orjson

from ecom_agent.connector import Receipt
from ecom_agent.errors import OutcomeUnknown, ParseFailed, PlatformError, Rejected, TerminalError, TransientError
from ecom_agent.ids import MarketplaceId, Sku
from ecom_agent.ports.writes import LONGEST_BULK_S, PriceChange
from ecom_agent.records.sync import Lane
from platforms._shared import paging
from platforms._shared.feeds import lines_of
from platforms.amazon import writes
from platforms.amazon.client import NAME, AmazonClient, path_of
from platforms.amazon.parse import feeds as parse

DOCUMENT: Final = "createFeedDocument"
SEND: Final = "createFeed"
STATUS: Final = "getFeed"
CANCEL: Final = "cancelFeed"
RESULT: Final = "getFeedDocument"
MOST: Final = 5_000
"""Lines of one call. Amazon takes 25,000 a feed; what waits in a feed can neither be halted nor overtaken."""
POLL_S: Final = 20.0
LONGEST_S: Final = 1_200.0
"""So long after it began a call looks the last time at a feed; then it is called off, if Amazon still can."""
_TRIES: Final = 3
"""How often the report is asked for: it is there, but its link may be dead or the line drop."""
_API: Final = "/feeds/2021-06-30"
_FEED: Final = _API + "/feeds/{feedId}"
_TYPE: Final = "application/json; charset=UTF-8"
_KIND: Final = "JSON_LISTINGS_FEED"
_SLACK_S: Final = 300
"""What the last steps may take after `LONGEST_S`: calling off, one more look, the report."""
assert LONGEST_S + _SLACK_S <= LONGEST_BULK_S

Fate = Receipt | Exception


class _Line(NamedTuple):
    """`place` is where its change stands among those that were handed in."""

    place: int
    sku: Sku
    message: dict[str, Any]


class _Feed(NamedTuple):
    marketplace: MarketplaceId
    lines: Sequence[_Line]


def set_prices(client: AmazonClient, changes: Sequence[PriceChange]) -> Sequence[Fate]:
    """What became of each, in order. One feed for each marketplace: a feed knows each SKU once."""
    until = client.clock.now() + timedelta(seconds=LONGEST_S)
    messages, refused = lines_of(changes, _line, platform=NAME, operation=SEND)
    fates: dict[int, Fate] = {**refused}
    with client.quota.lane(Lane.PRICES, until + timedelta(seconds=_SLACK_S)):
        sent = []
        for feed in _by_marketplace(changes, messages):
            try:
                sent.append((_send(client, feed, until), feed.lines))
            except PlatformError as error:
                fates |= dict.fromkeys((line.place for line in feed.lines), error)
        for feed_id, lines in sent:
            fates |= _seen_through(client, feed_id, lines, until)
    return [fates[place] for place in range(len(changes))]


def _line(change: PriceChange) -> dict[str, Any]:
    listing = change.listing
    patches = writes.price_patches(listing, change.price, change.business)
    return {
        "sku": listing.sku, "operationType": "PATCH", "productType": writes.product_type(listing), "patches": patches
    }  # fmt: skip


def _by_marketplace(changes: Sequence[PriceChange], messages: Mapping[int, dict[str, Any]]) -> Iterator[_Feed]:
    places: dict[MarketplaceId, list[_Line]] = {}
    for place, message in messages.items():
        listing = changes[place].listing
        places.setdefault(listing.marketplace, []).append(_Line(place, listing.sku, message))
    for marketplace, lines in places.items():
        yield from (_Feed(marketplace, several) for several in paging.chunks(lines, MOST))


def _send(client: AmazonClient, feed: _Feed, until: datetime) -> str:
    """The feed's id. Raises OutcomeUnknown where it may have been taken; nothing was sent where it raises another."""
    if client.clock.now() >= until:  # the former feeds of this call waited so long for quota
        raise TransientError(NAME, SEND, "no quota in time")
    document = _uploaded(client, feed.lines)
    body = {"feedType": _KIND, "marketplaceIds": [feed.marketplace], "inputFeedDocumentId": document}
    answer = client.answer("POST", _API + "/feeds", operation=SEND, body=body)
    try:
        return parse.feed_id(answer.parsed)
    except ParseFailed:
        raise OutcomeUnknown(NAME, SEND, "the answer names no feed: read back") from None


def _uploaded(client: AmazonClient, lines: Sequence[_Line]) -> str:
    """The document's id. Amazon does nothing with a document by itself: what fails here was not sent."""
    header = {"sellerId": client.settings.seller_id, "version": "2.0", "issueLocale": "en_US"}
    messages = [{"messageId": number, **line.message} for number, line in enumerate(lines, start=1)]
    path = _API + "/documents"
    answer = client.answer("POST", path, operation=DOCUMENT, body={"contentType": _TYPE}, write=False)
    try:
        document = parse.document(answer.parsed)
    except ParseFailed as error:
        raise TerminalError(NAME, DOCUMENT, f"an answer of another shape ({error})") from None
    content = orjson.dumps({"header": header, "messages": messages})
    client.upload(document.url, content, operation=DOCUMENT, content_type=_TYPE)
    return document.document_id


def _seen_through(client: AmazonClient, feed_id: str, lines: Sequence[_Line], until: datetime) -> Mapping[int, Fate]:
    """The fate of each line, by its place."""
    try:
        feed = _ended(client, feed_id, until)
        if feed.status == parse.CANCELLED:  # before it began, says the contract
            error = TransientError(NAME, SEND, f"feed {feed_id} was cancelled before it began")
            return dict.fromkeys((line.place for line in lines), error)
        report = _report(client, feed_id, feed)
    except (PlatformError, ParseFailed) as error:
        return {line.place: _unknown(line, feed_id, str(error)) for line in lines}
    whole = feed.status == parse.DONE and report.adds_up(len(lines))
    return {line.place: _fate(line, n, feed_id, report, whole=whole) for n, line in enumerate(lines, start=1)}


def _ended(client: AmazonClient, feed_id: str, until: datetime) -> parse.Feed:
    """The feed once it has ended. One that does not in time is called off: what still waits then was never begun.

    Raises PlatformError or ParseFailed where it is not known whether it did.
    """
    while client.clock.now() < until:
        client.clock.sleep(POLL_S)
        try:
            feed = _look(client, feed_id)
        except (TransientError, ParseFailed):
            continue
        if feed.ended:
            return feed
    with suppress(PlatformError):  # it has begun, or nobody knows: the last look tells
        client.answer("DELETE", path_of(_FEED, feedId=feed_id), operation=CANCEL)
    feed = _look(client, feed_id)
    if not feed.ended:
        raise OutcomeUnknown(NAME, STATUS, f"still {feed.status} after {LONGEST_S:.0f} s")
    return feed


def _look(client: AmazonClient, feed_id: str) -> parse.Feed:
    return parse.feed(client.answer("GET", path_of(_FEED, feedId=feed_id), operation=STATUS).parsed)


def _report(client: AmazonClient, feed_id: str, feed: parse.Feed) -> parse.Report:
    """Raises PlatformError or ParseFailed where there is none that can be read."""
    if feed.result is None:
        raise ParseFailed("resultFeedDocumentId", f"{feed.status} without a report")
    for left in reversed(range(_TRIES)):
        try:
            answer = client.answer("GET", path_of(_API + "/documents/{id}", id=feed.result), operation=RESULT)
            file = client.download(parse.document(answer.parsed).url, operation=RESULT)
            return parse.report(file, feed_id)
        except (TransientError, ParseFailed):
            if not left:
                raise
        client.clock.sleep(POLL_S)
    raise AssertionError("the last try returns or raises")


def _fate(line: _Line, number: int, feed_id: str, report: parse.Report, *, whole: bool) -> Fate:
    """`whole`: the feed was worked through and its report names every refusal."""
    words = tuple(report.refused.get(number, ()))
    if not words and not report.accepted:
        words = tuple(report.about_all) or ("no line of the feed was taken",)
    if words:
        return Rejected(NAME, SEND, f"{line.sku} was refused: {'; '.join(words)}", words)
    if whole:
        return Receipt(f"{feed_id}/{number}", {"status": "ACCEPTED", "feed": feed_id})
    return _unknown(line, feed_id, "the report does not tell")


def _unknown(line: _Line, feed_id: str, why: str) -> OutcomeUnknown:
    return OutcomeUnknown(NAME, SEND, f"{line.sku} in feed {feed_id}: {why}: read back")
