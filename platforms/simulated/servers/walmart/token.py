"""POST /v3/token: client credentials by Basic authorization; a token lives fifteen minutes."""

from __future__ import annotations

import base64
import binascii
from datetime import timedelta
from typing import Final
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from platforms.simulated.servers.base import Servers
from platforms.simulated.servers.walmart import credentials as demo
from platforms.simulated.servers.walmart.call import WalmartRefused

LIVES: Final = timedelta(seconds=900)
SCOPE: Final = "walmart"


def route(servers: Servers) -> Route:
    async def token(request: Request) -> Response:
        servers.sim.follow()
        form = dict(parse_qsl((await request.body()).decode("utf-8", "replace")))
        try:
            _check(servers, request, form)
        except WalmartRefused as refused:
            return JSONResponse(refused.body(), status_code=refused.status)
        made = servers.token(SCOPE, LIVES)
        return JSONResponse(
            {"access_token": made, "token_type": "Bearer", "expires_in": int(LIVES.total_seconds())},
            headers={"Cache-Control": "no-store"},
        )

    return Route("/v3/token", token, methods=["POST"])


def _check(servers: Servers, request: Request, form: dict[str, str]) -> None:
    for name in ("WM_SVC.NAME", "WM_QOS.CORRELATION_ID"):
        if not request.headers.get(name):
            raise WalmartRefused(400, "INVALID_REQUEST_HEADER.GMP_GATEWAY_API", f"{name} is missing", name)
    if form.get("grant_type") != "client_credentials":
        raise WalmartRefused(400, "INVALID_REQUEST_PARAM.GMP_GATEWAY_API", "grant_type is not supported", "grant_type")
    given = _basic(request.headers.get("authorization", ""))
    if given != (servers.mine(demo.CLIENT_ID), servers.mine(demo.CLIENT_SECRET)) or servers.faults.strikes(
        "revoked_tokens"
    ):
        raise WalmartRefused(401, "UNAUTHORIZED.GMP_GATEWAY_API", "Unauthorized client", "UNAUTHORIZED")


def _basic(header: str) -> tuple[str, str] | None:
    kind, _, code = header.partition(" ")
    try:
        name, _, secret = base64.b64decode(code, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return (name, secret) if kind == "Basic" else None
