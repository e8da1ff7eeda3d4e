"""Walmart Marketplace v3: the same door for every operation — token, contract, quota, faults, answer."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Any, Final
from urllib.parse import unquote

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from platforms.simulated.servers.base import Bucket, Dropped, Servers
from platforms.simulated.servers.walmart import (
    feeds,
    hooks,
    items,
    orders,
    prices,
    recon,
    reports,
    returns,
    stock,
    token,
)
from platforms.simulated.servers.walmart.call import Call, Operation, WalmartRefused
from platforms.simulated.state import WALMART

VENDOR: Final = "walmart"
OPERATIONS: Final[tuple[Operation, ...]] = (
    *orders.OPERATIONS,
    *returns.OPERATIONS,
    *items.OPERATIONS,
    *stock.OPERATIONS,
    *prices.OPERATIONS,
    *feeds.OPERATIONS,
    *reports.OPERATIONS,
    *recon.OPERATIONS,
    *hooks.OPERATIONS,
)
_EVERY: Final = ["GET", "POST", "PUT", "DELETE"]


def routes(servers: Servers) -> list[Route]:
    servers.printers[WALMART] = hooks.print_webhook

    async def answer(request: Request) -> Response:
        raw = await request.body()
        servers.sim.follow()
        operation, path = _operation(request)
        if operation is None:
            return _unknown(servers, request, raw)
        bucket = servers.bucket(f"walmart {operation.name}", operation.per_s, operation.burst)
        try:
            result = _do(servers, operation, request, path, raw, bucket)
        except WalmartRefused as refused:
            return _refuse(servers, refused, bucket)
        except OSError:
            return _refuse(servers, _internal(), bucket)
        if operation.writes and servers.faults.strikes("timeout_after_write"):
            return Dropped()
        return _send(200, result, _told(servers, bucket))

    return [token.route(servers), reports.file_route(servers), Route("/v3/{rest:path}", answer, methods=_EVERY)]


def _operation(request: Request) -> tuple[Operation | None, dict[str, str]]:
    """The operation whose path fits, the one with the fewest variables first, and the path's variables."""
    raw = request.scope.get("raw_path") or request.scope["path"].encode()
    parts = [part for part in raw.decode("ascii", "replace").split("?")[0].split("/") if part]
    parts = parts[parts.index("v3") :]
    for operation in sorted(OPERATIONS, key=lambda one: one.path.count("{")):
        names = [name for name in operation.path.split("/") if name]
        if operation.method != request.method or len(names) != len(parts):
            continue
        if operation.feed_type not in (None, request.query_params.get("feedType")):
            continue
        if all(name.startswith("{") or name == part for name, part in zip(names, parts, strict=True)):
            found = {n[1:-1]: unquote(p) for n, p in zip(names, parts, strict=True) if n.startswith("{")}
            return operation, found
    return None, {}


def _do(
    servers: Servers, operation: Operation, request: Request, path: dict[str, str], raw: bytes, bucket: Bucket
) -> Any:
    _check_token(servers, request.headers.get("WM_SEC.ACCESS_TOKEN"))
    query, body = dict(request.query_params), _decode(raw)
    _check_contract(servers, request, {k: v for k, v in query.items() if k not in operation.cursor}, body)
    if servers.refuses(bucket):
        raise WalmartRefused(
            429, f"RATE_LIMIT_EXCEEDED.GMP_{operation.api}_API", "Too many requests.", "", "APPLICATION"
        )
    if servers.faults.strikes("server_error_on_write" if operation.writes else "server_error"):
        raise _internal()
    return operation.handler(Call(servers, operation.api, path, query, body))


def _unknown(servers: Servers, request: Request, raw: bytes) -> Response:
    """Operations that are not simulated are still held against the contract: a wrong request stays a 4xx."""
    try:
        _check_contract(servers, request, dict(request.query_params), _decode(raw))
        what = f"{request.method} {request.url.path} is not simulated."
        raise WalmartRefused(501, "NOT_IMPLEMENTED.GMP_GATEWAY_API", what, "", "SYSTEM")
    except WalmartRefused as refused:
        return _send(refused.status, refused.body(), {})


def _check_token(servers: Servers, given: str | None) -> None:
    said = servers.read_token(given) if given else None
    if said is None or said["for"] != token.SCOPE or said["expired"] or servers.faults.strikes("expiring_tokens"):
        raise WalmartRefused(
            401,
            "UNAUTHORIZED.GMP_GATEWAY_API",
            "Unauthorized token or incorrect authorization header. Please verify.",
            "UNAUTHORIZED",
        )


def _check_contract(servers: Servers, request: Request, query: dict[str, str], body: Any) -> None:
    if servers.contracts is None or not servers.contracts.has(VENDOR):
        return
    path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    problems = servers.contracts.check_request(VENDOR, request.method, path, query, dict(request.headers), body)
    if problems:
        told = "; ".join(f"{problem.where}: {problem.why}" for problem in problems[:5])
        raise WalmartRefused(problems[0].status, "INVALID_REQUEST_CONTENT.GMP_GATEWAY_API", told, problems[0].where)


def _decode(raw: bytes) -> Any:
    if not raw:
        return None
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise WalmartRefused(400, "INVALID_REQUEST_CONTENT.GMP_GATEWAY_API", "The body is not valid JSON.") from None


def _internal() -> WalmartRefused:
    return WalmartRefused(500, "SYSTEM_ERROR.GMP_GATEWAY_API", "Internal server error. Try again.", "", "SYSTEM")


def _refuse(servers: Servers, refused: WalmartRefused, bucket: Bucket) -> Response:
    headers = _told(servers, bucket)
    if refused.status == 429:
        headers["Retry-After"] = str(math.ceil(max(1.0, (1.0 - bucket.tokens) / bucket.per_s)))
    return _send(refused.status, refused.body(), headers)


def _told(servers: Servers, bucket: Bucket) -> dict[str, str]:
    """What is left, and when the next token comes: on every answer, as the real gateway does."""
    wait_s = max(0.0, (1.0 - bucket.tokens) / bucket.per_s)
    comes = servers.sim.now() + timedelta(seconds=wait_s)
    return {
        "X-Current-Token-Count": str(int(bucket.tokens)),
        "X-Next-Replenishment-Time": str(int(comes.timestamp() * 1000) + 1),
    }


def _send(status: int, content: Any, headers: dict[str, str]) -> Response:
    return Response(orjson.dumps(content), status, headers, media_type="application/json")
