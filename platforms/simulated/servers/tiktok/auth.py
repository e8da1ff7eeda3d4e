"""Where tokens are renewed: GET /api/v2/token/refresh. A token lives an hour of the world's time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from platforms.simulated.servers.base import TOKEN_LIVES, Servers
from platforms.simulated.servers.tiktok import SCOPE, identity
from platforms.simulated.servers.tiktok.call import BAD_REFRESH, INVALID

_REFRESH_LIVES: Final = timedelta(days=365)


def routes(servers: Servers) -> list[Route]:
    async def refresh(request: Request) -> Response:
        servers.sim.follow()
        return Response(orjson.dumps(_answer(servers, request.query_params)), media_type="application/json")

    return [Route("/api/v2/token/refresh", refresh, methods=["GET"])]


def _answer(servers: Servers, query: Mapping[str, str]) -> dict[str, Any]:
    servers.requests += 1
    request_id = f"{servers.requests:034d}"
    app = (query.get("app_key"), query.get("app_secret"), query.get("grant_type"))
    if app != (servers.mine(identity.APP_KEY), servers.mine(identity.APP_SECRET), "refresh_token"):
        return {"code": INVALID, "message": "Invalid app_key, app_secret or grant_type", "request_id": request_id}
    if query.get("refresh_token") != servers.mine(identity.REFRESH_TOKEN) or servers.faults.strikes("revoked_tokens"):
        return {"code": BAD_REFRESH, "message": "Invalid refresh token", "request_id": request_id}
    now = servers.sim.now()
    data = {
        "access_token": servers.token(SCOPE),
        "access_token_expire_in": int((now + TOKEN_LIVES).timestamp()),
        "refresh_token": servers.mine(identity.REFRESH_TOKEN),
        "refresh_token_expire_in": int((now + _REFRESH_LIVES).timestamp()),
        "open_id": "7010736057180325637",
        "seller_name": "ecom agent demo",
        "seller_base_region": "US",
        "user_type": 0,
    }
    return {"code": 0, "message": "success", "data": data, "request_id": request_id}
