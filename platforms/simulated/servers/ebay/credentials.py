"""The simulated eBay seller's fixed credentials: made up, worth nothing outside the simulator."""

from __future__ import annotations

from typing import Final

from platforms.simulated.channels.box import OUR_SELLER
from platforms.simulated.state import EBAY

ACCOUNT: Final = "ebay_us"
CLIENT_ID: Final = "EcomDemo-agent-SBX-000000000-00000000"
CLIENT_SECRET: Final = "SBX-demo-not-a-secret"
REFRESH_TOKEN: Final = "v^1.1#i^1#r^1#demo-not-a-secret"
VERIFICATION_TOKEN: Final = "demo-verification-token-not-a-secret-0000"
MARKETPLACE: Final = "EBAY_US"
SELLER: Final = OUR_SELLER[EBAY]


def account_settings(base_url: str) -> dict[str, str]:
    """The fields of the connector's account that point it to the simulator at `base_url`."""
    return {
        "REFRESH_TOKEN": REFRESH_TOKEN,
        "CLIENT_ID": CLIENT_ID,
        "CLIENT_SECRET": CLIENT_SECRET,
        "SELLER": SELLER,
        "MARKETPLACES": MARKETPLACE,
        "VERIFICATION_TOKEN": VERIFICATION_TOKEN,
        "BASE_URL": f"{base_url.rstrip('/')}/ebay",
    }


def environment(base_url: str) -> dict[str, str]:
    """ECOM_… variables of that account."""
    return {f"ECOM_{ACCOUNT.upper()}__{name}": value for name, value in account_settings(base_url).items()}
