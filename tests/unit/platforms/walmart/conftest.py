"""A Walmart account before a service that answers as each test says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from ecom_agent.clock import FrozenClock
from ecom_agent.ids import AccountId
from platforms import registry
from platforms._shared.throttle import Quota

NOW = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)
Answer = Callable[[httpx.Request], httpx.Response | Any]
SETTINGS = {
    "CLIENT_ID": "client",
    "CLIENT_SECRET": "a-client-secret",
    "SELLER_ID": "10000009999",
    "WEBHOOK_URL": "https://ours.example/hooks/walmart?src=a",
    "WEBHOOK_SECRET": "a-webhook-secret",
}


class Service:
    """`answers` by method and path: a JSON body, an httpx.Response, or a function of the request that gives one."""

    def __init__(self) -> None:
        self.clock = FrozenClock(NOW)
        self.quota = Quota(self.clock)
        self.requests: list[httpx.Request] = []
        self.answers: dict[tuple[str, str], Any] = {("POST", "/v3/token"): _token}
        self.connector = self.open()

    def open(self, **changed: str) -> Any:
        transport = httpx.MockTransport(self._answer)
        values = {**SETTINGS, **changed}
        return registry.open("walmart", AccountId("walmart_us"), values, self.clock, self.quota, transport=transport)

    def on(self, method: str, path: str, answer: Any) -> None:
        self.answers[method, path] = answer

    def asked(self, path: str) -> list[httpx.Request]:
        return [request for request in self.requests if request.url.path == path]

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        given = self.answers[request.method, request.url.path]
        given = given(request) if callable(given) else given
        if isinstance(given, Exception):
            raise given
        return given if isinstance(given, httpx.Response) else httpx.Response(200, json=given)


def _token(_request: httpx.Request) -> Any:
    return {"access_token": "eyJ-access-token", "token_type": "Bearer", "expires_in": 900}


@pytest.fixture
def service() -> Service:
    return Service()
