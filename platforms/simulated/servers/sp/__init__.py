"""Selling Partner API: the same door for every operation — token, contract, usage plan, faults, answer."""

from __future__ import annotations

from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from platforms.simulated.servers.base import Dropped, Servers
from platforms.simulated.servers.sp import (
    feeds,
    fees,
    inventory,
    listings,
    messaging,
    notifications,
    orders,
    pricing,
    sellers,
)
from platforms.simulated.servers.sp.call import Call, Operation, SpRefused
from platforms.simulated.servers.sp.spoil import spoil

OPERATIONS: tuple[Operation, ...] = (
    *orders.OPERATIONS,
    *inventory.OPERATIONS,
    *listings.OPERATIONS,
    *pricing.OPERATIONS,
    *fees.OPERATIONS,
    *notifications.OPERATIONS,
    *messaging.OPERATIONS,
    *sellers.OPERATIONS,
    *feeds.OPERATIONS,
)
VENDOR = "amazon-sp-api"
_GRANTLESS = frozenset(
    {"createDestination", "getDestinations", "getDestination", "deleteDestination"}
    | {"getSubscriptionById", "deleteSubscriptionById"}
)


def routes(servers: Servers) -> list[Route]:
    made = [_route(servers, operation) for operation in OPERATIONS]

    async def unknown(request: Request) -> Response:
        """Operations that are not simulated are still held against the contract: a wrong request stays a 4xx."""
        raw = await request.body()
        try:
            _check_contract(servers, request, dict(request.query_params), _decode(raw))
            raise SpRefused(501, "NotImplemented", f"{request.method} {request.url.path} is not simulated.")
        except SpRefused as refused:
            return _refuse(servers, refused)

    return [
        *made,
        feeds.document_route(servers),
        Route("/{rest:path}", unknown, methods=["GET", "POST", "PUT", "PATCH", "DELETE"]),
    ]


def _route(servers: Servers, operation: Operation) -> Route:
    async def answer(request: Request) -> Response:
        raw = await request.body()
        servers.sim.follow()
        limit = {"x-amzn-RateLimit-Limit": f"{operation.per_s}"}
        try:
            result = _do(servers, operation, request, raw)
        except SpRefused as refused:
            return _refuse(servers, refused, limit)
        except OSError:
            return _refuse(servers, _internal(), limit)
        if operation.writes and servers.faults.strikes("timeout_after_write"):
            return Dropped()
        if not operation.writes:
            spoil(servers.faults, operation.name, result)
        return _send(servers, operation.status, result, limit)

    return Route(operation.path, answer, methods=[operation.method], name=operation.name)


def _do(servers: Servers, operation: Operation, request: Request, raw: bytes) -> Any:
    _check_token(servers, operation, request.headers.get("x-amz-access-token"))
    body = _decode(raw)
    query = dict(request.query_params)
    _check_contract(servers, request, query, body)
    bucket = servers.bucket(operation.name, operation.per_s, operation.burst)
    if servers.refuses(bucket):
        raise SpRefused(429, "QuotaExceeded", "You exceeded your quota for the requested resource.")
    if servers.faults.strikes("server_error_on_write" if operation.writes else "server_error"):
        raise _internal()
    return operation.handler(Call(servers, request.path_params, query, body))


def _check_token(servers: Servers, operation: Operation, token: str | None) -> None:
    def denied(details: str) -> SpRefused:
        return SpRefused(403, "Unauthorized", "Access to requested resource is denied.", details)

    if not token:
        raise denied("Access token is missing in the request header.")
    said = servers.read_token(token)
    if said is None:
        raise denied("The access token you provided is revoked, malformed or invalid.")
    if said["expired"] or servers.faults.strikes("expiring_tokens"):
        raise denied("The access token you provided has expired.")
    if (said["for"] == "seller") == (operation.name in _GRANTLESS):
        raise denied("The access token is not of the grant type that this operation needs.")


def _check_contract(servers: Servers, request: Request, query: dict[str, str], body: Any) -> None:
    if servers.contracts is None or not servers.contracts.has(VENDOR):
        return
    path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    problems = servers.contracts.check_request(VENDOR, request.method, path, query, dict(request.headers), body)
    if problems:
        details = "; ".join(f"{problem.where}: {problem.why}" for problem in problems[:5])
        raise SpRefused(problems[0].status, "InvalidInput", "Request has missing or invalid parameters.", details)


def _decode(raw: bytes) -> Any:
    if not raw:
        return None
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise SpRefused(400, "InvalidInput", "Request body is not valid JSON.") from None


def _internal() -> SpRefused:
    return SpRefused(500, "InternalFailure", "We encountered an internal error. Please try again.")


def _refuse(servers: Servers, refused: SpRefused, headers: dict[str, str] | None = None) -> Response:
    return _send(servers, refused.status, refused.body(), headers or {})


def _send(servers: Servers, status: int, content: Any, headers: dict[str, str]) -> Response:
    servers.requests += 1
    request_id = f"00000000-0000-4000-8000-{servers.requests:012d}"
    named = {"x-amzn-RequestId": request_id, **headers}
    return Response(orjson.dumps(content), status, named, media_type="application/json")
