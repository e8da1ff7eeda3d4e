"""Selling Partner API: a token of Login with Amazon, our seller's id in paths, `errors` and an HTTP status."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from starlette.testclient import TestClient

from ecom_agent.evaluate.contract.doors.base import Asked, Door, Said
from platforms.simulated import credentials as demo
from platforms.simulated.opening import SELLER_ID
from platforms.simulated.servers import sp
from platforms.simulated.simulation import Simulation


def _token(client: TestClient) -> str:
    form = {
        "grant_type": "refresh_token",
        "refresh_token": demo.REFRESH_TOKEN,
        "client_id": demo.CLIENT_ID,
        "client_secret": demo.CLIENT_SECRET,
    }
    return str(client.post("/lwa/auth/o2/token", data=form).json()["access_token"])


def _dress(client: TestClient, _sim: Simulation, asked: Asked) -> Asked:
    headers = {
        name: _token(client) if name.lower() == "x-amz-access-token" else text for name, text in asked.headers.items()
    }
    return Asked(asked.path, asked.query, headers, asked.content)


def _says(status: int, body: Any) -> Said:
    errors = body.get("errors") if isinstance(body, Mapping) else None
    in_shape = isinstance(errors, list) and bool(errors) and all("code" in e and "message" in e for e in errors)
    if 200 <= status < 300:
        return Said.DONE
    if status == 501:
        return Said.NOT_PLAYED
    if not in_shape or status == 429 or status >= 500:
        return Said.OTHER
    return Said.NO_SUCH_THING if status == 404 else Said.REFUSED


def _ours(path: str, template: str) -> str:
    """The path with our seller where the case names another one."""
    parts, names = path.split("/"), template.split("/")
    if len(parts) != len(names):
        return path
    return "/".join(SELLER_ID if name == "{sellerId}" else part for part, name in zip(parts, names, strict=True))


DOOR: Final = Door("/sp-api", frozenset(one.name for one in sp.OPERATIONS), _dress, _says, _ours)
