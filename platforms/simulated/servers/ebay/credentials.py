"""The simulated eBay seller's fixed credentials: made up, worth nothing outside the simulator."""

from __future__ import annotations

from typing import Final

from platforms.simulated.channels.box import OUR_SELLER
from platforms.simulated.sellers import FIRST, account, channel_id, credential
from platforms.simulated.state import EBAY

ACCOUNT: Final = "ebay_us"
CLIENT_ID: Final = "EcomDemo-agent-SBX-000000000-00000000"
CLIENT_SECRET: Final = "SBX-demo-not-a-secret"
REFRESH_TOKEN: Final = "v^1.1#i^1#r^1#demo-not-a-secret"
VERIFICATION_TOKEN: Final = "demo-verification-token-not-a-secret-0000"
MARKETPLACE: Final = "EBAY_US"
SELLER: Final = OUR_SELLER[EBAY]


def account_settings(base_url: str, seller: int = FIRST) -> dict[str, str]:
    """The fields of the connector's account that point it to the simulator at `base_url`."""
    return {
        "REFRESH_TOKEN": credential(REFRESH_TOKEN, seller),
        "CLIENT_ID": credential(CLIENT_ID, seller),
        "CLIENT_SECRET": credential(CLIENT_SECRET, seller),
        "SELLER": channel_id(EBAY, seller),
        "MARKETPLACES": MARKETPLACE,
        "VERIFICATION_TOKEN": VERIFICATION_TOKEN,
        "BASE_URL": f"{base_url.rstrip('/')}/ebay",
    }


def environment(base_url: str, seller: int = FIRST) -> dict[str, str]:
    """ECOM_… variables of that account."""
    return {
        f"ECOM_{account(ACCOUNT, seller).upper()}__{name}": value
        for name, value in account_settings(base_url, seller).items()
    }
