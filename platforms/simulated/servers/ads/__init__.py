"""Amazon Ads: the same door for every operation — token, profile, contract, throttle, faults, answer."""

from __future__ import annotations

from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from platforms.simulated.servers.ads import bids, entities, profiles, reports
from platforms.simulated.servers.ads.call import AdsRefused, Call, Operation
from platforms.simulated.servers.ads.credentials import CLIENT_ID, SCOPE, profile_id
from platforms.simulated.servers.base import Dropped, Servers

VENDOR: Final = "amazon-ads"
OPERATIONS: Final[tuple[Operation, ...]] = (
    *profiles.OPERATIONS,
    *entities.OPERATIONS,
    *bids.OPERATIONS,
    *reports.OPERATIONS,
)
_EVERY: Final = ["GET", "POST", "PUT", "DELETE"]


def routes(servers: Servers) -> list[Route]:
    async def answer(request: Request) -> Response:
        raw = await request.body()
        servers.sim.follow()
        operation, path = _operation(request)
        try:
            result = _do(servers, operation, request, path, raw)
        except AdsRefused as refused:
            return _refuse(refused, request)
        except OSError:
            return _refuse(AdsRefused(500, "INTERNAL_ERROR", "Internal error, try again."), request)
        assert operation is not None
        if operation.writes and servers.faults.strikes("timeout_after_write"):
            return Dropped()
        return Response(orjson.dumps(result), operation.status, media_type=operation.answer or "application/json")

    return [reports.file_route(servers), Route("/{rest:path}", answer, methods=_EVERY)]


def _operation(request: Request) -> tuple[Operation | None, dict[str, str]]:
    parts = _path(request).strip("/").split("/")
    for operation in OPERATIONS:
        names = operation.path.strip("/").split("/")
        if operation.method == request.method and len(names) == len(parts):
            pairs = list(zip(names, parts, strict=True))
            if all(name.startswith("{") or name == part for name, part in pairs):
                return operation, {name[1:-1]: part for name, part in pairs if name.startswith("{")}
    return None, {}


def _path(request: Request) -> str:
    path: str = request.scope["path"]
    return path.removeprefix(request.scope.get("root_path", ""))


def _do(servers: Servers, operation: Operation | None, request: Request, path: dict[str, str], raw: bytes) -> Any:
    _check_caller(servers, request, scoped=operation is None or operation.scoped)
    body = _decode(raw)
    _check_contract(servers, request, body)
    if operation is None:
        raise AdsRefused(501, "NOT_IMPLEMENTED", f"{request.method} {_path(request)} is not simulated.")
    sent = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if operation.media and sent != operation.media.lower():
        raise AdsRefused(415, "UNSUPPORTED_MEDIA_TYPE", f"Content-Type must be {operation.media}")
    bucket = servers.bucket(f"ads {operation.name}", operation.per_s, operation.burst)
    if servers.refuses(bucket):
        raise AdsRefused(429, "THROTTLED", "Too many requests.", retry_after_s=(1.0 - bucket.tokens) / bucket.per_s)
    if servers.faults.strikes("server_error_on_write" if operation.writes else "server_error"):
        raise AdsRefused(500, "INTERNAL_ERROR", "Internal error, try again.")
    return operation.handler(Call(servers, path, body))


def _check_caller(servers: Servers, request: Request, *, scoped: bool) -> None:
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    said = servers.read_token(token) if kind == "Bearer" else None
    client = request.headers.get("Amazon-Advertising-API-ClientId")
    if said is None or said["for"] != SCOPE or said["expired"] or servers.faults.strikes("expiring_tokens"):
        raise AdsRefused(401, "UNAUTHORIZED", "Not authorized to access this advertiser: the token is invalid.")
    if client != servers.mine(CLIENT_ID):
        raise AdsRefused(401, "UNAUTHORIZED", "Amazon-Advertising-API-ClientId is missing or not the token's.")
    if scoped and request.headers.get("Amazon-Advertising-API-Scope") != profile_id(servers.seller):
        raise AdsRefused(403, "ACCESS_DENIED", "Not authorized to manage this profile. Check Scope.")


def _check_contract(servers: Servers, request: Request, body: Any) -> None:
    if servers.contracts is None or not servers.contracts.has(VENDOR):
        return
    problems = servers.contracts.check_request(
        VENDOR, request.method, _path(request), dict(request.query_params), dict(request.headers), body
    )
    if problems:
        told = "; ".join(f"{problem.where}: {problem.why}" for problem in problems[:5])
        code = "UNSUPPORTED_MEDIA_TYPE" if problems[0].status == 415 else "INVALID_ARGUMENT"
        raise AdsRefused(problems[0].status, code, told)


def _decode(raw: bytes) -> Any:
    if not raw:
        return None
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise AdsRefused(400, "INVALID_ARGUMENT", "The body is not valid JSON.") from None


def _refuse(refused: AdsRefused, request: Request) -> Response:
    headers = {} if refused.retry_after_s is None else {"Retry-After": str(max(1, round(refused.retry_after_s)))}
    body = refused.body(reporting=_path(request).startswith("/reporting"))
    return Response(orjson.dumps(body), refused.status, headers, media_type="application/json")
