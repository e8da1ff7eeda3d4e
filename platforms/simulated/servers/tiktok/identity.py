"""The demo's TikTok credentials, made up, and how TikTok signs: written apart from the connector, which it checks."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Final

from platforms.simulated.channels.box import OUR_SELLER
from platforms.simulated.sellers import FIRST, account, channel_id, credential
from platforms.simulated.state import TIKTOK

APP_KEY: Final = "demoappkey"
APP_SECRET: Final = "demo-app-secret-not-a-secret"
REFRESH_TOKEN: Final = "TTP_demo-refresh-not-a-secret"
SHOP_CIPHER: Final = "TTP_democipher"
SHOP_ID: Final = OUR_SELLER[TIKTOK]
ACCOUNT: Final = "tiktok_us"


def environment(base_url: str, seller: int = FIRST) -> dict[str, str]:
    """ECOM_… variables that point a seller's account to the simulator at `base_url`."""
    base = base_url.rstrip("/")
    values = {
        "APP_KEY": credential(APP_KEY, seller),
        "APP_SECRET": credential(APP_SECRET, seller),
        "REFRESH_TOKEN": credential(REFRESH_TOKEN, seller),
        "SHOP_CIPHER": credential(SHOP_CIPHER, seller),
        "SHOP_ID": channel_id(TIKTOK, seller),
        "BASE_URL": f"{base}/tiktok",
        "AUTH_URL": f"{base}/tiktok-auth",
    }
    return {f"ECOM_{account(ACCOUNT, seller).upper()}__{name}": value for name, value in values.items()}


def sign(path: str, query: Mapping[str, str], body: bytes, secret: str = APP_SECRET) -> str:
    """Of a request whose body is JSON or nothing."""
    named = sorted((name, value) for name, value in query.items() if name not in ("sign", "access_token"))
    text = path + "".join(f"{name}{value}" for name, value in named)
    return hmac.new(
        secret.encode(), secret.encode() + text.encode() + body + secret.encode(), hashlib.sha256
    ).hexdigest()


def sign_webhook(body: bytes, app_key: str = APP_KEY, secret: str = APP_SECRET) -> str:
    return hmac.new(secret.encode(), app_key.encode() + body, hashlib.sha256).hexdigest()
