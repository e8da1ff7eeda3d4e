"""Several sellers behind one address: each request goes to the servers of the seller whose credentials it carries."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from platforms.simulated import credentials as demo
from platforms.simulated import sellers
from platforms.simulated.servers.ads import credentials as ads
from platforms.simulated.servers.base import token_seller
from platforms.simulated.servers.ebay import credentials as ebay
from platforms.simulated.servers.tiktok import identity as tiktok
from platforms.simulated.servers.walmart import credentials as walmart

_TOKEN_HEADERS: Final = ("x-amz-access-token", "x-tts-access-token", "wm_sec.access_token", "authorization")
_CLIENTS: Final = (demo.CLIENT_ID, ads.CLIENT_ID, ebay.CLIENT_ID, walmart.CLIENT_ID, tiktok.APP_KEY, demo.AWS_KEY_ID)
_FORM: Final = "application/x-www-form-urlencoded"


class Front:
    """`apps` by seller, from the first. Who shows no credentials, or nobody's, meets the first seller's servers."""

    def __init__(self, apps: Sequence[ASGIApp]) -> None:
        self._apps = apps

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._apps[0](scope, receive, send)
            return
        request = Request(scope, receive)
        form = ""
        if request.headers.get("content-type", "").startswith(_FORM):
            body = await request.body()
            form, receive = body.decode("utf-8", "replace"), _again(body, receive)
        number = _seller(request, form, len(self._apps))
        await self._apps[number - sellers.FIRST](scope, receive, send)


def _again(body: bytes, receive: Receive) -> Receive:
    """The body that was read already, once more; what comes after it is the connection's."""
    told = False

    async def replay() -> Message:
        nonlocal told
        if told:
            return await receive()
        told = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


def _seller(request: Request, form: str, count: int) -> int:
    for name in _TOKEN_HEADERS:
        number = token_seller(request.headers.get(name, "").rpartition(" ")[2])
        if number is not None and number <= count:
            return number
    for given in _names(request, form):
        for client in _CLIENTS:
            if (number := sellers.owner(given, client, count)) is not None:
                return number
    return next((n for n in range(2, count + 1) if _in_path(request, n)), sellers.FIRST)


def _names(request: Request, form: str) -> Iterator[str]:
    """Names of applications and keys, wherever vendors have them."""
    yield from (value for name, value in parse_qsl(form) if name == "client_id")
    yield from request.query_params.getlist("app_key")
    kind, _, rest = request.headers.get("authorization", "").partition(" ")
    if kind == "Basic":
        try:
            yield base64.b64decode(rest, validate=True).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            return
    if "Credential=" in rest:
        yield rest.partition("Credential=")[2].partition("/")[0]


def _in_path(request: Request, number: int) -> bool:
    """Shops have an address of their own, and links to files name the seller."""
    path = request.scope["path"]
    return f"/{sellers.shop(demo.SHOP, number)}/" in path or request.query_params.get("seller") == str(number)
