"""Login with Amazon: POST /auth/o2/token."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

import orjson
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from platforms.simulated import credentials as demo
from platforms.simulated.servers.ads import credentials as ads
from platforms.simulated.servers.base import TOKEN_LIVES, Servers


@dataclass(frozen=True, slots=True)
class Client:
    """An application that may log in. `scope` is what its tokens are for."""

    name: str
    secret: str
    refresh_token: str
    scope: str


CLIENTS: Final = (
    Client(demo.CLIENT_ID, demo.CLIENT_SECRET, demo.REFRESH_TOKEN, "seller"),
    Client(ads.CLIENT_ID, ads.CLIENT_SECRET, ads.REFRESH_TOKEN, ads.SCOPE),
)


def routes(servers: Servers) -> list[Route]:
    async def token(request: Request) -> Response:
        servers.sim.follow()
        raw = await request.body()
        if "json" in request.headers.get("content-type", ""):
            form = {str(name): str(value) for name, value in orjson.loads(raw or b"{}").items()}
        else:
            form = dict(parse_qsl(raw.decode("utf-8", "replace")))
        return _answer(servers, form)

    return [Route("/auth/o2/token", token, methods=["POST"])]


def _answer(servers: Servers, form: dict[str, str]) -> Response:
    grant = form.get("grant_type")
    if grant not in ("refresh_token", "client_credentials"):
        return _refuse(
            400, "unsupported_grant_type", "The authorization grant type is not supported by the authorization server"
        )
    client = next((one for one in CLIENTS if servers.mine(one.name) == form.get("client_id")), None)
    if client is None or servers.mine(client.secret) != form.get("client_secret"):
        return _refuse(401, "invalid_client", "Client authentication failed")
    answer = {"token_type": "bearer", "expires_in": int(TOKEN_LIVES.total_seconds())}
    if grant == "client_credentials":
        scope = form.get("scope")
        if not scope:
            return _refuse(400, "invalid_request", "The request is missing a required parameter : scope")
        return JSONResponse({"access_token": servers.token(scope), "scope": scope, **answer}, headers=_NO_STORE)
    if form.get("refresh_token") != servers.mine(client.refresh_token) or servers.faults.strikes("revoked_tokens"):
        return _refuse(400, "invalid_grant", "The request has an invalid grant parameter : refresh_token")
    token = servers.token(client.scope)
    return JSONResponse(
        {"access_token": token, "refresh_token": servers.mine(client.refresh_token), **answer}, headers=_NO_STORE
    )


_NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}


def _refuse(status: int, error: str, description: str) -> Response:
    return JSONResponse({"error": error, "error_description": description}, status_code=status, headers=_NO_STORE)
