"""TikTok Shop Open API of one shop: signature, token, shop, contract, quota and faults at one door."""

from __future__ import annotations

from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from platforms.simulated.servers.base import Dropped, Servers
from platforms.simulated.servers.spoil import spoil_page
from platforms.simulated.servers.tiktok import call as codes
from platforms.simulated.servers.tiktok import events, finance, identity, messages, orders, products, returns
from platforms.simulated.servers.tiktok.call import Call, Operation, TikTokRefused
from platforms.simulated.state import TIKTOK

OPERATIONS: Final[tuple[Operation, ...]] = (
    *orders.OPERATIONS,
    *returns.OPERATIONS,
    *products.OPERATIONS,
    *finance.OPERATIONS,
    *messages.OPERATIONS,
    *events.OPERATIONS,
)
VENDOR: Final = "tiktok-shop"
SCOPE: Final = "tiktok"
PER_S, BURST = 10.0, 30.0  # ours: TikTok prints no plan
_CLOCKS_APART_S: Final = 300
_METHODS: Final = ["GET", "POST", "PUT", "PATCH", "DELETE"]


def routes(servers: Servers) -> list[Route]:
    servers.printers[TIKTOK] = events.print_webhook

    async def unknown(request: Request) -> Response:
        """Operations that are not simulated are still held against the contract."""
        raw = await request.body()
        try:
            _check_door(servers, request, raw)
            _check_contract(servers, request, dict(request.query_params), _decode(raw))
            raise TikTokRefused(codes.NO_SUCH_PATH, f"{request.method} {_path(request)} is not simulated.")
        except TikTokRefused as refused:
            return _refuse(servers, refused)

    return [*(_route(servers, operation) for operation in OPERATIONS), Route("/{rest:path}", unknown, methods=_METHODS)]


def _route(servers: Servers, operation: Operation) -> Route:
    async def answer(request: Request) -> Response:
        raw = await request.body()
        servers.sim.follow()
        try:
            data = _do(servers, operation, request, raw)
        except TikTokRefused as refused:
            return _refuse(servers, refused)
        except OSError:
            return _refuse(servers, _internal())
        if operation.writes and servers.faults.strikes("timeout_after_write"):
            return Dropped()
        _spoil(servers, operation, data)
        return _send(servers, {"code": 0, "message": "Success", "data": data})

    return Route(operation.path, answer, methods=[operation.method], name=operation.name)


def _do(servers: Servers, operation: Operation, request: Request, raw: bytes) -> Any:
    _check_door(servers, request, raw)
    query, body = dict(request.query_params), _decode(raw)
    _check_contract(servers, request, query, body)
    bucket = servers.bucket(f"tiktok {operation.name}", PER_S, BURST)
    if servers.refuses(bucket):
        raise TikTokRefused(codes.TOO_MANY, "Too many requests. Please try again later.")
    if servers.faults.strikes("server_error_on_write" if operation.writes else "server_error"):
        raise _internal()
    return operation.handler(Call(servers, servers.channel(TIKTOK), request.path_params, query, body or {}))


def _check_door(servers: Servers, request: Request, raw: bytes) -> None:
    """Signature first, as the gateway does; then the time, the token, the shop."""
    query = dict(request.query_params)
    if query.get("app_key") != servers.mine(identity.APP_KEY):
        raise codes.invalid("app_key")
    if query.get("sign") != identity.sign(_path(request), query, raw, servers.mine(identity.APP_SECRET)):
        raise TikTokRefused(codes.BAD_SIGNATURE, "The 'sign' of the request is invalid.")
    now, told = int(servers.sim.now().timestamp()), query.get("timestamp", "")
    if not told.isdigit() or abs(int(told) - now) > _CLOCKS_APART_S:
        raise codes.invalid("timestamp is expired: it must be within five minutes of now")
    _check_token(servers, request.headers.get("x-tts-access-token"))
    if query.get("shop_cipher") != servers.mine(identity.SHOP_CIPHER):
        raise TikTokRefused(codes.BAD_SHOP, "The shop_cipher does not belong to the seller of the access token.")


def _check_token(servers: Servers, token: str | None) -> None:
    if not token:
        raise TikTokRefused(codes.NO_TOKEN, "Access token is empty.")
    said = servers.read_token(token)
    if said is None or said["for"] != SCOPE:
        raise TikTokRefused(codes.BAD_TOKEN, "Access token is invalid.")
    if said["expired"] or servers.faults.strikes("expiring_tokens"):
        raise TikTokRefused(codes.EXPIRED_TOKEN, "Expired credentials. The 'x-tts-access-token' has expired.")


def _check_contract(servers: Servers, request: Request, query: dict[str, str], body: Any) -> None:
    if servers.contracts is None or not servers.contracts.has(VENDOR):
        return
    problems = servers.contracts.check_request(
        VENDOR, request.method, _path(request), query, dict(request.headers), body
    )
    if problems:
        raise codes.invalid("; ".join(f"{problem.where}: {problem.why}" for problem in problems[:5]))


def _path(request: Request) -> str:
    path: str = request.scope["path"]
    return path.removeprefix(request.scope.get("root_path", ""))


def _decode(raw: bytes) -> Any:
    if not raw:
        return None
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise codes.invalid("the body is not JSON") from None
    if not isinstance(body, dict):
        raise codes.invalid("the body is not an object")
    return body


def _spoil(servers: Servers, operation: Operation, data: Any) -> None:
    if operation.records is not None:
        name, heart = operation.records
        spoil_page(servers.faults, data.get(name, []), heart=heart, status=operation.status)


def _internal() -> TikTokRefused:
    return TikTokRefused(codes.INTERNAL, "Internal error. Please try again later.")


def _refuse(servers: Servers, refused: TikTokRefused) -> Response:
    return _send(servers, {"code": refused.code, "message": refused.message})


def _send(servers: Servers, content: dict[str, Any]) -> Response:
    servers.requests += 1
    at = servers.sim.now().strftime("%Y%m%d%H%M%S")
    body = {**content, "request_id": f"{at}{servers.requests:020d}"}
    return Response(orjson.dumps(body), 200, media_type="application/json")
