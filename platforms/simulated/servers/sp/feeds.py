"""Feeds 2021-06-30: documents by signed links on the market itself, feeds of listings, their processing reports."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from platforms.simulated.feeds import KIND, book
from platforms.simulated.sellers import FIRST
from platforms.simulated.servers.base import Servers
from platforms.simulated.servers.sp.call import Call, Operation, SpRefused, invalid
from platforms.simulated.servers.spoil import gzipped
from platforms.simulated.state import ListingsFeed
from platforms.simulated.wire.offers import MARKETPLACE
from platforms.simulated.wire.text import moment

LINK_LIVES: Final = timedelta(minutes=5)


def create_document(call: Call) -> Any:
    body = call.body if isinstance(call.body, Mapping) else {}
    if not body.get("contentType"):
        raise invalid("'contentType' is missing.")
    document_id = call.sim.do("amazon_feed_document")
    return {"feedDocumentId": document_id, "url": _link(call, document_id)}


def get_document(call: Call) -> Any:
    document_id = call.path["feedDocumentId"]
    if document_id not in book(call.world).documents:
        raise SpRefused(404, "NotFound", f"Feed document {document_id} was not found.")
    url = _link(call, document_id)
    return {"feedDocumentId": document_id, "url": url, "compressionAlgorithm": "GZIP"}


def create(call: Call) -> Any:
    """Taken for a document that was uploaded; whether its lines are good shows later."""
    body = call.body if isinstance(call.body, Mapping) else {}
    document = book(call.world).documents.get(str(body.get("inputFeedDocumentId")))
    if body.get("feedType") != KIND:
        raise invalid(f"'feedType' must be {KIND} here.", f"found {body.get('feedType')}")
    if document is None or document.content is None:
        raise invalid("'inputFeedDocumentId' names no document that was uploaded.")
    if MARKETPLACE not in (body.get("marketplaceIds") or ()):
        raise invalid(f"'marketplaceIds' must name {MARKETPLACE}.")
    places = list(body["marketplaceIds"])
    return {"feedId": call.sim.do("amazon_feed", kind=KIND, marketplaces=places, document_id=document.document_id)}


def get(call: Call) -> Any:
    return _told(_known(call))


def cancel(call: Call) -> Any:
    feed = _known(call)
    if feed.status != "IN_QUEUE":
        raise invalid("Only a feed that is IN_QUEUE can be cancelled.", f"the feed is {feed.status}")
    call.sim.do("amazon_feed_cancel", feed_id=feed.feed_id)
    return {}


def _known(call: Call) -> ListingsFeed:
    feed = book(call.world).feeds.get(call.path["feedId"])
    if feed is None:
        raise SpRefused(404, "NotFound", f"Feed {call.path['feedId']} was not found.")
    return feed


def _told(feed: ListingsFeed) -> dict[str, Any]:
    times = {"processingStartTime": feed.started_at, "processingEndTime": feed.ended_at}
    return {
        "feedId": feed.feed_id,
        "feedType": feed.kind,
        "marketplaceIds": feed.marketplaces,
        "createdTime": moment(feed.created_at),
        "processingStatus": feed.status,
        **{name: moment(at) for name, at in times.items() if at is not None},
        **({} if feed.result is None else {"resultFeedDocumentId": feed.result}),
    }


def _link(call: Call, document_id: str) -> str:
    until = int((call.sim.now() + LINK_LIVES).timestamp())
    url = f"{call.servers.base_url().rstrip('/')}/sp-api/feed-documents/{document_id}?until={until}"
    return url + ("" if call.servers.seller == FIRST else f"&seller={call.servers.seller}")


def document_route(servers: Servers) -> Route:
    async def document(request: Request) -> Response:
        """No token: the link itself is the permission, for five minutes."""
        raw = await request.body()
        servers.sim.follow()
        found = book(servers.sim.world).documents.get(request.path_params["document_id"])
        until = request.query_params.get("until", "")
        if found is None or not until.isdigit() or int(until) < servers.sim.now().timestamp():
            return _denied()
        if request.method == "GET":
            if found.content is None:
                return _denied()
            return Response(gzipped(servers.faults, found.content.encode()), media_type="application/octet-stream")
        try:
            servers.sim.do("amazon_feed_upload", document_id=found.document_id, content=raw.decode())
        except UnicodeDecodeError:
            return _denied()
        return Response(status_code=200)

    return Route("/feed-documents/{document_id}", document, methods=["GET", "PUT"])


def _denied() -> Response:
    return Response("<Error><Code>AccessDenied</Code></Error>", 403, media_type="application/xml")


_FEEDS: Final = "/feeds/2021-06-30/feeds"
_DOCUMENTS: Final = "/feeds/2021-06-30/documents"
OPERATIONS = (
    Operation("createFeedDocument", "POST", _DOCUMENTS, 0.5, 15, create_document, status=201),
    Operation("getFeedDocument", "GET", _DOCUMENTS + "/{feedDocumentId}", 0.0222, 10, get_document),
    Operation("createFeed", "POST", _FEEDS, 0.0083, 15, create, writes=True, status=202),
    Operation("getFeed", "GET", _FEEDS + "/{feedId}", 2, 15, get),
    Operation("cancelFeed", "DELETE", _FEEDS + "/{feedId}", 2, 15, cancel, writes=True),
)
