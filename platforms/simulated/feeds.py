"""Feeds of listings at the marketplace: a document is uploaded, named in a feed, waits, and is worked through.

Each message that is right is taken exactly as a single patch of it would be. What became of each stands in the
processing report (schema v2), which only names what was refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import orjson

from platforms.simulated import constants as k
from platforms.simulated.patches import NoPatch, price_of, read, take_price
from platforms.simulated.state import FeedBook, FeedDocument, ListingsFeed

if TYPE_CHECKING:
    from platforms.simulated.world import World

KIND: Final = "JSON_LISTINGS_FEED"
MOST: Final = 25_000


def book(world: World) -> FeedBook:
    if world.feeds is None:
        world.feeds = FeedBook()
    return world.feeds


def _document(world: World) -> str:
    made = FeedDocument(f"amzn1.tortuga.4.na.{world.dice.uuid()}.T{world.dice.uuid()[:12].upper()}")
    book(world).documents[made.document_id] = made
    return made.document_id


def _upload(world: World, document_id: str, content: str) -> None:
    book(world).documents[document_id].content = content


def _create(world: World, kind: str, marketplaces: list[str], document_id: str) -> str:
    feeds = book(world).feeds
    feed_id = str(50_000_020_000 + len(feeds) + 1)
    feeds[feed_id] = ListingsFeed(feed_id, kind, marketplaces, document_id, world.now)
    world.agenda.add(world.now + timedelta(seconds=k.FEED_QUEUED_S), "feed_begin", feed_id)
    return feed_id


def _cancel(world: World, feed_id: str) -> None:
    feed = book(world).feeds[feed_id]
    feed.status, feed.ended_at = "CANCELLED", world.now


COMMANDS: Final[dict[str, Callable[..., Any]]] = {
    "amazon_feed_document": _document,
    "amazon_feed_upload": _upload,
    "amazon_feed": _create,
    "amazon_feed_cancel": _cancel,
}


def _begin(world: World, feed_id: str, units: int, now: datetime) -> None:
    feed = book(world).feeds[feed_id]
    if feed.status == "IN_QUEUE":
        feed.status, feed.started_at = "IN_PROGRESS", now
        world.agenda.add(now + timedelta(seconds=k.FEED_TAKES_S), "feed_end", feed_id)


def _end(world: World, feed_id: str, units: int, now: datetime) -> None:
    feed = book(world).feeds[feed_id]
    document = book(world).documents[feed.document_id]
    content, document.content, feed.ended_at = document.content or "", None, now
    if world.faults.strikes("fatal_feed", world.dice["faults"]):
        feed.status = "FATAL"
        return
    told = _document(world)
    try:
        messages = orjson.loads(content)["messages"]
        if not isinstance(messages, list) or not all(isinstance(one, Mapping) for one in messages):
            raise ValueError
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
        wrong = _issue("4000001", "The feed is not a document of its schema.")
        feed.status, report = "FATAL", _report(world, feed_id, 0, [wrong])
    else:
        feed.status, report = "DONE", _report(world, feed_id, len(messages), _worked_through(world, messages))
    feed.result = told
    _upload(world, told, orjson.dumps(report).decode())


STEPS: Final[dict[str, Callable[[World, str, int, datetime], None]]] = {"feed_begin": _begin, "feed_end": _end}


def _worked_through(world: World, messages: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Take the good messages; gives the issues of the others."""
    issues: list[dict[str, Any]] = []
    seen: set[str] = set()
    for message in messages[:MOST]:
        sku = str(message.get("sku"))
        found = (
            [_issue("4000003", "The SKU stands in the feed more than once.")] if sku in seen else _take(world, message)
        )
        seen.add(sku)
        issues += [{"messageId": message.get("messageId"), "sku": sku, **issue} for issue in found]
    return issues


def _take(world: World, message: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What is wrong with one message; nothing = its price was taken."""
    sku, patches = message.get("sku"), message.get("patches")
    if sku not in world.products:
        return [_issue("8541", f"SKU '{sku}' not found.")]
    if message.get("operationType") != "PATCH" or not message.get("productType") or not isinstance(patches, list):
        return [_issue("4000001", "The simulated marketplace takes PATCH with a 'productType' and 'patches'.")]
    if world.faults.strikes("failed_feed_lines", world.dice["faults"]):
        return [_issue("8560", "The listing could not be changed.")]
    try:
        wished = read(world, str(sku), patches)
    except NoPatch as wrong:
        return [_issue("4000001", str(wrong))]
    if wished.issues:
        return [_issue(one["code"], one["message"]) for one in wished.issues]
    if wished.offers is None or wished.quantity is not None:
        return [_issue("4000001", "The simulated marketplace takes prices in a feed, and nothing else.")]
    take_price(world, preview=False, **price_of(world, str(sku), wished.offers))
    return []


def _issue(code: str, message: str) -> dict[str, Any]:
    return {"code": code, "severity": "ERROR", "message": message}


def _report(world: World, feed_id: str, processed: int, issues: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    invalid = len({issue["messageId"] for issue in issues if "messageId" in issue})
    summary = {
        "errors": len(issues),
        "warnings": 0,
        "messagesProcessed": processed,
        "messagesAccepted": processed - invalid,
        "messagesInvalid": invalid,
    }
    header = {"sellerId": world.seller_id, "version": "2.0", "feedId": feed_id}
    return {"header": header, "issues": list(issues), "summary": summary}
