"""Is this webhook really TikTok's, for this shop, and what is it about?"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Final

from ecom_agent.errors import AuthFailed, ParseFailed
from platforms._shared.webhooks import WebhookEvent
from platforms.tiktok_shop import parse
from platforms.tiktok_shop.client import NAME
from platforms.tiktok_shop.settings import TikTokShopSettings
from platforms.tiktok_shop.signing import webhook_signature

OPERATION: Final = "webhook"


def verify(settings: TikTokShopSettings, headers: Mapping[str, str], raw: bytes) -> WebhookEvent:
    """Check signature and shop. Raises AuthFailed for a wrong one, ParseFailed where the header or the frame is off."""
    given = {name.lower(): value for name, value in headers.items()}.get("authorization")
    if not given:
        raise ParseFailed("header authorization", "missing")
    wanted = webhook_signature(settings.app_key, settings.app_secret.get_secret_value(), raw)
    if not hmac.compare_digest(wanted.encode(), given.strip().lower().encode()):
        raise AuthFailed(NAME, OPERATION, "the signature does not fit: check APP_SECRET; the webhook is refused")
    told = parse.told(raw)
    if told.shop_id != settings.shop_id:
        raise AuthFailed(NAME, OPERATION, f"meant for another shop than {settings.shop_id}; the webhook is refused")
    return WebhookEvent(told.topic, told.dedupe_id, told.triggered_at, raw)
