"""Walmart Marketplace: a token in a header of its own, `errors` and an HTTP status."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any, Final

from starlette.testclient import TestClient

from ecom_agent.evaluate.contract.doors.base import Asked, Door, Said
from platforms.simulated.servers import walmart
from platforms.simulated.servers.walmart import credentials
from platforms.simulated.simulation import Simulation


def _dress(client: TestClient, _sim: Simulation, asked: Asked) -> Asked:
    headers = {
        name: _token(client) if name.upper() == "WM_SEC.ACCESS_TOKEN" else text for name, text in asked.headers.items()
    }
    return Asked(asked.path, asked.query, headers, asked.content)


def _token(client: TestClient) -> str:
    basic = base64.b64encode(f"{credentials.CLIENT_ID}:{credentials.CLIENT_SECRET}".encode()).decode()
    headers = {
        "Authorization": f"Basic {basic}",
        "WM_SVC.NAME": "Walmart Marketplace",
        "WM_QOS.CORRELATION_ID": "official",
    }
    answer = client.post("/walmart/v3/token", data={"grant_type": "client_credentials"}, headers=headers)
    return str(answer.json()["access_token"])


def _says(status: int, body: Any) -> Said:
    if 200 <= status < 300:
        return Said.DONE
    if status == 501:
        return Said.NOT_PLAYED
    errors = body.get("errors") if isinstance(body, Mapping) else None
    in_shape = isinstance(errors, list) and bool(errors) and all("code" in e and "description" in e for e in errors)
    if not in_shape or status == 429 or status >= 500:
        return Said.OTHER
    return Said.NO_SUCH_THING if status == 404 else Said.REFUSED


DOOR: Final = Door("/walmart", frozenset(one.name for one in walmart.OPERATIONS), _dress, _says)
