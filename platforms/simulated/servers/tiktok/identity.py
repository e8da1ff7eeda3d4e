"""The demo's TikTok credentials, made up, and how TikTok signs: written apart from the connector, which it checks."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Final

from platforms.simulated.channels.box import OUR_SELLER
from platforms.simulated.state import TIKTOK

APP_KEY: Final = "demoappkey"
APP_SECRET: Final = "demo-app-secret-not-a-secret"
REFRESH_TOKEN: Final = "TTP_demo-refresh-not-a-secret"
SHOP_CIPHER: Final = "TTP_democipher"
SHOP_ID: Final = OUR_SELLER[TIKTOK]
ACCOUNT: Final = "tiktok_us"


def environment(base_url: str) -> dict[str, str]:
    """ECOM_… variables that point the account to the simulator at `base_url`."""
    base = base_url.rstrip("/")
    values = {
        "APP_KEY": APP_KEY,
        "APP_SECRET": APP_SECRET,
        "REFRESH_TOKEN": REFRESH_TOKEN,
        "SHOP_CIPHER": SHOP_CIPHER,
        "SHOP_ID": SHOP_ID,
        "BASE_URL": f"{base}/tiktok",
        "AUTH_URL": f"{base}/tiktok-auth",
    }
    return {f"ECOM_{ACCOUNT.upper()}__{name}": value for name, value in values.items()}


def sign(path: str, query: Mapping[str, str], body: bytes, secret: str = APP_SECRET) -> str:
    """Of a request whose body is JSON or nothing."""
    named = sorted((name, value) for name, value in query.items() if name not in ("sign", "access_token"))
    text = path + "".join(f"{name}{value}" for name, value in named)
    return hmac.new(
        secret.encode(), secret.encode() + text.encode() + body + secret.encode(), hashlib.sha256
    ).hexdigest()


def sign_webhook(body: bytes, app_key: str = APP_KEY, secret: str = APP_SECRET) -> str:
    return hmac.new(secret.encode(), app_key.encode() + body, hashlib.sha256).hexdigest()
