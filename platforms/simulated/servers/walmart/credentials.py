"""The demo's fixed Walmart credentials: made up, worth nothing outside the simulator."""

from __future__ import annotations

from typing import Final

from platforms.simulated.channels.box import OUR_SELLER
from platforms.simulated.sellers import FIRST, account, channel_id, credential
from platforms.simulated.state import WALMART

CLIENT_ID: Final = "0d3a0000-0000-4000-8000-00000000demo"
CLIENT_SECRET: Final = "walmart-demo-not-a-secret"
HOOK_SECRET: Final = "walmart-hooks-demo-not-a-secret"
PARTNER_ID: Final = OUR_SELLER[WALMART]
SHIP_NODE: Final = "721407648"
ACCOUNT: Final = "walmart_us"


def environment(base_url: str, seller: int = FIRST) -> dict[str, str]:
    """ECOM_… variables that point a seller's Walmart account to the simulator at `base_url`."""
    values = {
        "CLIENT_ID": credential(CLIENT_ID, seller),
        "CLIENT_SECRET": credential(CLIENT_SECRET, seller),
        "SELLER_ID": channel_id(WALMART, seller),
        "WEBHOOK_SECRET": credential(HOOK_SECRET, seller),
        "BASE_URL": f"{base_url.rstrip('/')}/walmart",
    }
    return {f"ECOM_{account(ACCOUNT, seller).upper()}__{name}": value for name, value in values.items()}
