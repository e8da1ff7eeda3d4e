"""eBay's vectors: notifications as our connector checks them, and the answer to the challenge of a new endpoint."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import httpx

from ecom_agent.clock import FrozenClock
from ecom_agent.errors import AuthFailed
from ecom_agent.ids import AccountId
from platforms import registry
from platforms._shared.throttle import Quota


def notification(vector: Mapping[str, Any], body: bytes) -> None:
    """The real connector; the vector's own answer of getPublicKey stands in for eBay, for its key id alone."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/oauth2/token"):
            return httpx.Response(200, json={"access_token": "official", "expires_in": 7200})
        known = request.url.path.endswith(f"/public_key/{vector['kid']}")
        return httpx.Response(200, json=vector["getPublicKey_response"]) if known else httpx.Response(404, json={})

    connector = _opened({}, httpx.MockTransport(answer))
    connector.verify_webhook({"X-EBAY-SIGNATURE": vector["x_ebay_signature"]}, body)


def challenge(vector: Mapping[str, Any], code: bytes) -> None:
    """Raises AuthFailed where we would not give eBay the answer that it expects of this endpoint."""
    given = {"verification_token": vector["verification_token"], "endpoint": vector["endpoint"]}
    answer = _opened(given, None).answer_challenge(code.decode())
    if answer != {"challengeResponse": vector["challengeResponse"]}:
        raise AuthFailed("ebay", "challenge", "another answer than eBay expects")


def _opened(given: Mapping[str, str], transport: httpx.BaseTransport | None) -> Any:
    clock = FrozenClock(datetime(2026, 11, 1, tzinfo=UTC))
    values = {
        "refresh_token": "official",
        "client_id": "official",
        "client_secret": "official",
        "seller": "official",
        "marketplaces": "EBAY_US",
        **given,
    }
    return registry.open("ebay", AccountId("official"), values, clock, Quota(clock), transport=transport)
