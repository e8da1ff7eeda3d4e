"""TikTok Shop: every request signed anew, and answers of HTTP 200 whose `code` says what happened."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from starlette.testclient import TestClient

from ecom_agent.evaluate.contract.doors.base import Asked, Door, Said
from platforms.simulated.servers import tiktok
from platforms.simulated.servers.tiktok import call as codes
from platforms.simulated.servers.tiktok import identity
from platforms.simulated.simulation import Simulation


def _dress(client: TestClient, sim: Simulation, asked: Asked) -> Asked:
    now = str(int(sim.now().timestamp()))
    ours = {"app_key": identity.APP_KEY, "shop_cipher": identity.SHOP_CIPHER, "timestamp": now}
    query = {name: ours.get(name, text) for name, text in asked.query.items()}
    if "sign" in query:
        query["sign"] = identity.sign(asked.path, query, asked.content)
    headers = {
        name: _token(client) if name.lower() == "x-tts-access-token" else text for name, text in asked.headers.items()
    }
    return Asked(asked.path, query, headers, asked.content)


def _token(client: TestClient) -> str:
    query = {
        "app_key": identity.APP_KEY,
        "app_secret": identity.APP_SECRET,
        "refresh_token": identity.REFRESH_TOKEN,
        "grant_type": "refresh_token",
    }
    return str(client.get("/tiktok-auth/api/v2/token/refresh", params=query).json()["data"]["access_token"])


def _says(status: int, body: Any) -> Said:
    code = body.get("code") if isinstance(body, Mapping) else None
    if status != 200 or type(code) is not int or code in (codes.TOO_MANY, codes.INTERNAL):
        return Said.OTHER
    if code == 0:
        return Said.DONE
    if code == codes.NO_SUCH_PATH:
        return Said.NOT_PLAYED
    missing = code in (codes.NO_PRODUCT, codes.NO_SKU, codes.NO_THING)
    return Said.NO_SUCH_THING if missing else Said.REFUSED


DOOR: Final = Door("/tiktok", frozenset(one.name for one in tiktok.OPERATIONS), _dress, _says)
