"""eBay: a bearer token, `errors` with numbers and an HTTP status."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any, Final

from starlette.testclient import TestClient

from ecom_agent.evaluate.contract.doors.base import Asked, Door, Said
from platforms.simulated.servers import ebay
from platforms.simulated.servers.ebay import credentials
from platforms.simulated.simulation import Simulation


def _dress(client: TestClient, _sim: Simulation, asked: Asked) -> Asked:
    headers = {
        name: f"Bearer {_token(client)}" if name.lower() == "authorization" else text
        for name, text in asked.headers.items()
    }
    return Asked(asked.path, asked.query, headers, asked.content)


def _token(client: TestClient) -> str:
    basic = base64.b64encode(f"{credentials.CLIENT_ID}:{credentials.CLIENT_SECRET}".encode()).decode()
    form = {"grant_type": "refresh_token", "refresh_token": credentials.REFRESH_TOKEN}
    answer = client.post("/ebay/identity/v1/oauth2/token", data=form, headers={"Authorization": f"Basic {basic}"})
    return str(answer.json()["access_token"])


def _says(status: int, body: Any) -> Said:
    if 200 <= status < 300:
        return Said.DONE
    if status == 501:
        return Said.NOT_PLAYED
    errors = body.get("errors") if isinstance(body, Mapping) else None
    in_shape = isinstance(errors, list) and bool(errors) and all("errorId" in e and "message" in e for e in errors)
    if not in_shape or status == 429 or status >= 500:
        return Said.OTHER
    return Said.NO_SUCH_THING if status == 404 else Said.REFUSED


DOOR: Final = Door("/ebay", frozenset(one.name for one in ebay.OPERATIONS), _dress, _says)
