"""Is this webhook really Shopify's, and what is it about?"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from ecom_agent.errors import AuthFailed, ConfigError, ParseFailed
from platforms.shopify.client import NAME
from platforms.shopify.settings import ShopifySettings

OPERATION: Final = "webhook"


@dataclass(frozen=True, slots=True)
class WebhookEvent:
    """A webhook that was checked. `dedupe_id` is the same for every delivery of it. The body may hold buyers' data."""

    topic: str
    dedupe_id: str
    shop: str
    triggered_at: datetime | None
    body: bytes = field(repr=False)

    @property
    def signed_at(self) -> datetime | None:
        """None: Shopify's signature covers the body alone, and the time stands in a header."""
        return None


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
    return WebhookEvent(
        topic=_header(given, "x-shopify-topic").lower(),
        dedupe_id=_header(given, "x-shopify-webhook-id"),
        shop=shop,
        triggered_at=_moment(given.get("x-shopify-triggered-at")),
        body=raw,
    )


def _header(given: Mapping[str, str], name: str) -> str:
    if not given.get(name):
        raise ParseFailed(f"header {name}", "missing")
    return given[name]


def _moment(value: str | None) -> datetime | None:
    """None where it is missing or unreadable: nothing hangs on it."""
    try:
        at = datetime.fromisoformat(value) if value else None
    except ValueError:
        return None
    return at.astimezone(UTC) if at is not None and at.tzinfo is not None else None
