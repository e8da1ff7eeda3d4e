"""TikTok's vectors: requests as our connector signs them, webhooks as it checks them."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import orjson

from ecom_agent.clock import FrozenClock
from ecom_agent.errors import AuthFailed
from ecom_agent.ids import AccountId
from platforms import registry
from platforms._shared.throttle import Quota
from platforms.tiktok_shop.signing import request_signature

_NOBODY: Final = "0"


def request(vector: Mapping[str, Any], path: bytes) -> None:
    """A signature has no other side here: ours must be the vendor's to the last digit."""
    query = {name: str(value) for name, value in vector["query_without_sign"].items()}
    body = (vector["body"] or "").encode()
    ours = request_signature(vector["app_secret"], path.decode(), query, body, vector["content_type"])
    if not hmac.compare_digest(ours, vector["sign"]):
        raise AuthFailed("tiktok_shop", "sign", "the signature is another one")


def webhook(vector: Mapping[str, Any], body: bytes) -> None:
    """The real connector of the shop that the webhook names. It calls nobody."""
    clock = FrozenClock(datetime(2026, 11, 1, tzinfo=UTC))
    values = {
        "app_key": vector["app_key"],
        "app_secret": vector["app_secret"],
        "refresh_token": "official",
        "shop_cipher": "official",
        "shop_id": str(orjson.loads(body).get("shop_id", _NOBODY)),
    }
    connector = registry.open("tiktok_shop", AccountId("official"), values, clock, Quota(clock))
    connector.verify_webhook({"Authorization": vector["authorization_header"]}, body)
