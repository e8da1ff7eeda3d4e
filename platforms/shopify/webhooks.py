"""Is this webhook really Shopify's, and what is it about?"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Final

from ecom_agent.errors import AuthFailed, ConfigError, ParseFailed
from platforms._shared.webhooks import WebhookEvent
from platforms.shopify.client import NAME
from platforms.shopify.settings import ShopifySettings

OPERATION: Final = "webhook"


def signature(secret: str, raw: bytes) -> str:
    """What Shopify puts into X-Shopify-Hmac-SHA256: base64 of HMAC-SHA256 over the body as received."""
    return base64.b64encode(hmac.new(secret.encode(), raw, hashlib.sha256).digest()).decode()


def verify(settings: ShopifySettings, headers: Mapping[str, str], raw: bytes) -> WebhookEvent:
    """Check signature and shop. Raises AuthFailed for a wrong one, ParseFailed where a header is missing."""
    if settings.client_secret is None:
        raise ConfigError("CLIENT_SECRET: not set, so no webhook can be checked; all are refused")
    given = {name.lower(): value for name, value in headers.items()}
    wanted = signature(settings.client_secret.get_secret_value(), raw)
    if not hmac.compare_digest(wanted.encode(), given.get("x-shopify-hmac-sha256", "").encode()):
        raise AuthFailed(NAME, OPERATION, "the signature does not fit: check CLIENT_SECRET; the webhook is refused")
    shop = _header(given, "x-shopify-shop-domain")
    if shop.lower() != settings.shop.lower():
        raise AuthFailed(NAME, OPERATION, f"signed for another shop than {settings.shop}; the webhook is refused")
    # the signature covers the body alone, and the time stands in a header: nothing tells an old one
    topic, delivery = _header(given, "x-shopify-topic").lower(), _header(given, "x-shopify-webhook-id")
    return WebhookEvent(topic, delivery, signed_at=None, body=raw)


def _header(given: Mapping[str, str], name: str) -> str:
    if not given.get(name):
        raise ParseFailed(f"header {name}", "missing")
    return given[name]
