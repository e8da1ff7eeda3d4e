"""eBay's REST APIs of one seller: the same door for every operation: token, contract, quota, faults, answer."""

from __future__ import annotations

import inspect
from typing import Any, Final

import httpx
import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from platforms.simulated.servers.base import Dropped, Servers
from platforms.simulated.servers.ebay import (
    ad_reports,
    browse,
    bulk,
    care,
    finances,
    identity,
    inventory,
    marketing,
    notifications,
    orders,
)
from platforms.simulated.servers.ebay.call import Answer, Call, EbayRefused, Operation, error
from platforms.simulated.servers.spoil import spoil_page
from platforms.simulated.state import EBAY

VENDOR: Final = "ebay"
OPERATIONS: Final[tuple[Operation, ...]] = (
    *orders.OPERATIONS,
    *bulk.OPERATIONS,
    *inventory.OPERATIONS,
    *finances.OPERATIONS,
    *care.OPERATIONS,
    *browse.OPERATIONS,
    *marketing.OPERATIONS,
    *ad_reports.OPERATIONS,
    *notifications.operations(),
)
_PAGES: Final = {
    "getOrders": ("orders", "lineItems", ("orderFulfillmentStatus",)),
    "getInventoryItems": ("inventoryItems", "sku", ()),
    "getTransactions": ("transactions", "amount", ("transactionType",)),
    "search": ("members", "creationInfo", ("status",)),
    "getConversation": ("messages", "createdDate", ()),
    "search_items": ("itemSummaries", "seller", ()),
    "getCampaigns": ("campaigns", "campaignId", ("campaignStatus",)),
    "getKeywords": ("keywords", "keywordId", ("keywordStatus",)),
}
"""Operation → its records, the field that none can do without, the way to the status word: where faults strike."""
_POST_ORDER: Final = "/post-order/"
"""Its contract file names operations without their parameters: nothing can be held against it."""
_DAY_S: Final = 86_400


def routes(servers: Servers, *, challenges: httpx.AsyncBaseTransport | None = None) -> list[Route]:
    """`challenges` stands in for the network on which new notification endpoints are asked to prove themselves."""
    servers.printers[EBAY] = notifications.printed
    own = {operation.name: operation for operation in notifications.operations(challenges)}
    made = [_route(servers, own.get(operation.name, operation)) for operation in OPERATIONS]

    async def unknown(request: Request) -> Response:
        """Operations that are not simulated are still held against the contract: a wrong request stays a 4xx."""
        raw = await request.body()
        try:
            _check_contract(servers, request, dict(request.query_params), _decode(raw))
            said = f"{request.method} {request.url.path} is not simulated."
            raise EbayRefused(501, error(2003, "ACCESS", "Not implemented", long=said))
        except EbayRefused as refused:
            return _send(refused.status, refused.body())

    rest = Route("/{rest:path}", unknown, methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    return [*identity.routes(servers), *made, rest]


def _route(servers: Servers, operation: Operation) -> Route:
    async def answer(request: Request) -> Response:
        raw = await request.body()
        servers.sim.follow()
        try:
            result = _do(servers, operation, request, raw)
            result = await result if inspect.isawaitable(result) else result
        except EbayRefused as refused:
            return _send(refused.status, refused.body())
        except OSError:
            return _send(500, _internal().body())
        if operation.writes and servers.faults.strikes("timeout_after_write"):
            return Dropped()
        if isinstance(result, Answer):
            return _send(result.status, result.content, dict(result.headers or {}))
        if operation.name in _PAGES:
            key, heart, status = _PAGES[operation.name]
            spoil_page(servers.faults, result.get(key, []), heart=heart, status=status)
        return _send(200, result)

    return Route(operation.path, answer, methods=[operation.method], name=operation.name)


def _do(servers: Servers, operation: Operation, request: Request, raw: bytes) -> Any:
    path = _path(request)
    word = "IAF" if path.startswith(_POST_ORDER) else "Bearer"
    identity.check(servers, request.headers.get("authorization"), word=word, for_anyone=operation.for_anyone)
    servers.channel(EBAY)
    body, query = _decode(raw), dict(request.query_params)
    _check_contract(servers, request, query, body)
    bucket = servers.bucket(f"ebay {operation.api}", operation.per_day / _DAY_S, operation.per_day / 10)
    if servers.refuses(bucket):
        long = "The request limit has been reached for the resource."
        raise EbayRefused(429, error(2001, "ACCESS", "Too many requests.", long=long))
    if servers.faults.strikes("server_error_on_write" if operation.writes else "server_error"):
        raise _internal()
    return operation.handler(Call(servers, request.path_params, query, body))


def _path(request: Request) -> str:
    return str(request.scope["path"]).removeprefix(request.scope.get("root_path", ""))


def _check_contract(servers: Servers, request: Request, query: dict[str, str], body: Any) -> None:
    path = _path(request)
    if servers.contracts is None or not servers.contracts.has(VENDOR) or path.startswith(_POST_ORDER):
        return
    problems = servers.contracts.check_request(VENDOR, request.method, path, query, dict(request.headers), body)
    if problems:
        entries = [error(2004, "ACCESS", "Invalid request", long=p.why, where=p.where) for p in problems[:5]]
        raise EbayRefused(problems[0].status, *entries)


def _decode(raw: bytes) -> Any:
    if not raw:
        return None
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise EbayRefused(400, error(2004, "ACCESS", "Invalid request", long="The body is not valid JSON.")) from None


def _internal() -> EbayRefused:
    entry = error(25001, "API_INVENTORY", "A system error has occurred.")
    return EbayRefused(500, {**entry, "category": "APPLICATION"})


def _send(status: int, content: Any, headers: dict[str, str] | None = None) -> Response:
    if isinstance(content, bytes):
        return Response(content, status, headers)
    raw = b"" if content is None else orjson.dumps(content)
    return Response(raw, status, headers, media_type=None if content is None else "application/json")
