"""The demo's fixed Amazon Ads credentials: made up, worth nothing outside the simulator."""

from __future__ import annotations

from typing import Final

from platforms.simulated.sellers import FIRST, account, credential
from platforms.simulated.wire.offers import MARKETPLACE

CLIENT_ID: Final = "amzn1.application-oa2-client.adsdemo0000000000000000"
CLIENT_SECRET: Final = "amzn1.oa2-cs.v1.ads-demo-not-a-secret"
REFRESH_TOKEN: Final = "Atzr|ads-demo-not-a-secret"
PROFILE: Final = 4_410_000_000_000_000
SCOPE: Final = "advertising::campaign_management"
ACCOUNT: Final = "ads_us"


def profile_id(seller: int = FIRST) -> str:
    """Of each seller another."""
    return str(PROFILE + seller)


def environment(base_url: str, seller: int = FIRST) -> dict[str, str]:
    """ECOM_… variables that point a seller's advertising account to the simulator at `base_url`."""
    base = base_url.rstrip("/")
    values = {
        "REFRESH_TOKEN": credential(REFRESH_TOKEN, seller),
        "CLIENT_ID": credential(CLIENT_ID, seller),
        "CLIENT_SECRET": credential(CLIENT_SECRET, seller),
        "PROFILE_ID": profile_id(seller),
        "MARKETPLACE": MARKETPLACE,
        "BASE_URL": f"{base}/ads",
        "LWA_URL": f"{base}/lwa/auth/o2/token",
    }
    return {f"ECOM_{account(ACCOUNT, seller).upper()}__{name}": value for name, value in values.items()}
