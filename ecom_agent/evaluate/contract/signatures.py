"""Part three: the signature vectors against our checks.

A vector is ok when the message as it stands is taken and the same message with one byte more is refused (a vector
that is marked invalid: when it is refused). What gets the byte more is the body, or of what is signed without one,
the part that `SIGNED` names. Vectors of platforms without a check here are counted as not built.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import orjson

from ecom_agent.clock import FrozenClock
from ecom_agent.errors import AuthFailed
from ecom_agent.evaluate.contract.signed import chats, ebay, tiktok, walmart
from ecom_agent.evaluate.contract.tally import Tally, crash
from ecom_agent.ids import AccountId
from platforms import registry
from platforms._shared.throttle import Quota

Check = Callable[[Mapping[str, Any], bytes], None]
"""Takes a vector and its signed part as received. Raises AuthFailed for a signature that does not fit."""

_SHOP: Final = "official.myshopify.com"


def shop(secret: str) -> Any:
    """The real connector of a shop with this client secret. It calls nobody."""
    clock = FrozenClock(datetime(2026, 11, 1, tzinfo=UTC))
    values = {"shop": _SHOP, "access_token": "shpat_official", "client_secret": secret}
    return registry.open("shopify", AccountId("official"), values, clock, Quota(clock))


def _shopify_webhook(vector: Mapping[str, Any], body: bytes) -> None:
    headers = {
        "X-Shopify-Hmac-SHA256": vector["x_shopify_hmac_sha256"],
        "X-Shopify-Shop-Domain": _SHOP,
        "X-Shopify-Topic": "orders/create",
        "X-Shopify-Webhook-Id": "official",
    }
    shop(vector["client_secret"]).verify_webhook(headers, body)


CHECKS: Final[Mapping[str, Check]] = {
    "shopify_webhook": _shopify_webhook,
    "tiktok_request_sign": tiktok.request,
    "tiktok_webhook": tiktok.webhook,
    "walmart_webhook": walmart.webhook,
    "ebay_notification": ebay.notification,
    "ebay_challenge": ebay.challenge,
    "dingtalk_robot": chats.dingtalk_robot,
    "feishu_custom_bot": chats.feishu_robot,
    "feishu_event": chats.feishu_event,
    "wecom_callback": chats.wecom_callback,
}
SIGNED: Final[Mapping[str, str]] = {
    "tiktok_request_sign": "path",
    "ebay_challenge": "challenge_code",
    "dingtalk_robot": "timestamp_ms",
    "feishu_custom_bot": "timestamp_s",
    "wecom_callback": "encrypt",
}
"""The part of a vector that is signed, where it is no `raw_body`."""


def run(specs: Path, *, checks: Mapping[str, Check] = CHECKS) -> Tally:
    """All vectors of the folder, by name; none where it holds none."""
    tally = Tally("signatures")
    file = specs / "signatures" / "test-vectors.json"
    vectors: Mapping[str, Any] = orjson.loads(file.read_bytes()) if file.is_file() else {}
    for kind, several in vectors.items():
        for number, vector in enumerate(several, start=1):
            if kind in checks:
                tally.count(f"{kind} #{number}", _miss(checks[kind], vector, SIGNED.get(kind, "raw_body")))
            else:
                tally.not_built[kind] += 1
    return tally


def _miss(check: Check, vector: Mapping[str, Any], signed: str) -> str | None:
    try:
        body = str(vector[signed]).encode()
        if vector.get("expect") == "invalid":
            return "a wrong signature was taken" if _taken(check, vector, body) else None
        if not _taken(check, vector, body):
            return "the right signature was refused"
        return "a changed body was taken" if _taken(check, vector, body + b" ") else None
    except Exception as error:  # noqa: BLE001  # a crash is what is looked for
        return crash(error)


def _taken(check: Check, vector: Mapping[str, Any], body: bytes) -> bool:
    try:
        check(vector, body)
    except AuthFailed:
        return False
    return True
