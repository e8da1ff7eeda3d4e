"""Amazon Ads: a token of Login with Amazon, our client and profile in headers, two error shapes and an HTTP status."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from starlette.testclient import TestClient

from ecom_agent.evaluate.contract.doors.base import Asked, Door, Said
from platforms.simulated.servers import ads
from platforms.simulated.servers.ads import credentials
from platforms.simulated.simulation import Simulation


def _dress(client: TestClient, _sim: Simulation, asked: Asked) -> Asked:
    ours = {
        "authorization": f"Bearer {_token(client)}",
        "amazon-advertising-api-clientid": credentials.CLIENT_ID,
        "amazon-advertising-api-scope": credentials.profile_id(),
    }
    headers = {name: ours.get(name.lower(), text) for name, text in asked.headers.items()}
    return Asked(asked.path, asked.query, headers, asked.content)


def _token(client: TestClient) -> str:
    form = {
        "grant_type": "refresh_token",
        "refresh_token": credentials.REFRESH_TOKEN,
        "client_id": credentials.CLIENT_ID,
        "client_secret": credentials.CLIENT_SECRET,
    }
    return str(client.post("/lwa/auth/o2/token", data=form).json()["access_token"])


def _says(status: int, body: Any) -> Said:
    """207 is an answer to each item: that this world does not hold one is said inside it."""
    if 200 <= status < 300:
        return Said.DONE
    if status == 501:
        return Said.NOT_PLAYED
    in_shape = isinstance(body, Mapping) and "code" in body and ("message" in body or "detail" in body)
    if not in_shape or status == 429 or status >= 500:
        return Said.OTHER
    return Said.NO_SUCH_THING if status == 404 else Said.REFUSED


DOOR: Final = Door("/ads", frozenset(one.name for one in ads.OPERATIONS), _dress, _says)
