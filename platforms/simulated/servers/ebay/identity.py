"""eBay's tokens: POST /identity/v1/oauth2/token, the seller's by refresh token, the application's by credentials."""

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
from platforms.simulated.servers.ebay import credentials as demo
from platforms.simulated.servers.ebay.call import EbayRefused, error

LIVES: Final = timedelta(seconds=7200)
USER, APPLICATION = "ebay-user", "ebay-application"
_PREFIX: Final = "v^1.1#i^1#"
_OURS: Final = "Atza|"
_PUBLIC: Final = "https://api.ebay.com/oauth/api_scope"


def routes(servers: Servers) -> list[Route]:
    async def token(request: Request) -> Response:
        servers.sim.follow()
        form = dict(parse_qsl((await request.body()).decode("utf-8", "replace")))
        return _answer(servers, request.headers.get("authorization", ""), form)

    return [Route("/identity/v1/oauth2/token", token, methods=["POST"])]


def check(servers: Servers, authorization: str | None, *, word: str, for_anyone: bool) -> None:
    """Refuse a token that is missing, made up, over, or an application's where a seller's is needed."""
    kind, _, token = (authorization or "").partition(" ")
    said = servers.read_token(_OURS + token.removeprefix(_PREFIX)) if kind == word else None
    if said is None or said["expired"] or servers.faults.strikes("expiring_tokens"):
        long = "Invalid access token. Check the value of the Authorization HTTP request header."
        raise EbayRefused(401, error(1001, "OAuth", "Invalid access token", long=long))
    if said["for"] != USER and not for_anyone:
        long = "Insufficient permissions to fulfill the request."
        raise EbayRefused(403, error(1100, "ACCESS", "Access denied", long=long))


def make(servers: Servers, kind: str) -> str:
    return _PREFIX + servers.token(kind, LIVES).removeprefix(_OURS)


def _answer(servers: Servers, authorization: str, form: dict[str, str]) -> Response:
    if _basic(authorization) != (servers.mine(demo.CLIENT_ID), servers.mine(demo.CLIENT_SECRET)):
        return _refuse(401, "invalid_client", "client authentication failed")
    grant = form.get("grant_type")
    lives = int(LIVES.total_seconds())
    if grant == "client_credentials":
        if form.get("scope") != _PUBLIC:
            return _refuse(
                400, "invalid_scope", "The requested scope is invalid, unknown, malformed, or exceeds the scope"
            )
        made = {
            "access_token": make(servers, APPLICATION),
            "expires_in": lives,
            "token_type": "Application Access Token",
        }
        return JSONResponse(made)
    if grant != "refresh_token":
        return _refuse(
            400, "unsupported_grant_type", "grant type in request is not supported by the authorization server"
        )
    if form.get("refresh_token") != servers.mine(demo.REFRESH_TOKEN) or servers.faults.strikes("revoked_tokens"):
        said = "the provided authorization refresh token is invalid or was issued to another client"
        return _refuse(400, "invalid_grant", said)
    return JSONResponse({"access_token": make(servers, USER), "expires_in": lives, "token_type": "User Access Token"})


def _basic(authorization: str) -> tuple[str, str] | None:
    kind, _, text = authorization.partition(" ")
    try:
        name, colon, secret = base64.b64decode(text, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return (name, secret) if kind == "Basic" and colon else None


def _refuse(status: int, word: str, description: str) -> Response:
    return JSONResponse({"error": word, "error_description": description}, status_code=status)
