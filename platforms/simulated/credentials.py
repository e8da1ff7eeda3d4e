"""The demo's fixed credentials: made up, worth nothing outside the simulator."""

from __future__ import annotations

from typing import Final

from platforms.simulated.opening import SELLER_ID
from platforms.simulated.wire.offers import MARKETPLACE

CLIENT_ID: Final = "amzn1.application-oa2-client.demo00000000000000000000"
CLIENT_SECRET: Final = "amzn1.oa2-cs.v1.demo-not-a-secret"
REFRESH_TOKEN: Final = "Atzr|demo-not-a-secret"
AWS_KEY_ID: Final = "AKIADEMODEMODEMODEMO"
AWS_SECRET: Final = "demo-not-a-secret"
AWS_REGION: Final = "us-east-1"
AWS_ACCOUNT: Final = "000000000000"
QUEUE: Final = "ecom-notifications"
SHOP: Final = "shop-main.myshopify.com"
SHOP_TOKEN: Final = "shpat_demo_not_a_secret"
SHOP_SECRET: Final = "shpss_demo_not_a_secret"
AMAZON_ACCOUNT: Final = "amazon_us"
SHOP_ACCOUNT: Final = "shop_main"


def queue_arn() -> str:
    return f"arn:aws:sqs:{AWS_REGION}:{AWS_ACCOUNT}:{QUEUE}"


def demo_environment(base_url: str) -> dict[str, str]:
    """ECOM_… variables that point the demo's two accounts to the simulator at `base_url`."""
    base = base_url.rstrip("/")
    amazon = {
        "REFRESH_TOKEN": REFRESH_TOKEN,
        "CLIENT_ID": CLIENT_ID,
        "CLIENT_SECRET": CLIENT_SECRET,
        "SELLER_ID": SELLER_ID,
        "MARKETPLACES": MARKETPLACE,
        "BASE_URL": f"{base}/sp-api",
        "LWA_URL": f"{base}/lwa/auth/o2/token",
        "QUEUE_URL": f"{base}/sqs/{AWS_ACCOUNT}/{QUEUE}",
        "QUEUE_ENDPOINT": f"{base}/sqs",
        "AWS_ACCESS_KEY_ID": AWS_KEY_ID,
        "AWS_SECRET_ACCESS_KEY": AWS_SECRET,
        "AWS_REGION": AWS_REGION,
    }
    shop = {
        "SHOP": SHOP,
        "ACCESS_TOKEN": SHOP_TOKEN,
        "CLIENT_SECRET": SHOP_SECRET,
        "BASE_URL": f"{base}/shopify/{SHOP}",
    }
    return {
        "ECOM_ACCOUNTS": f"{AMAZON_ACCOUNT}:amazon,{SHOP_ACCOUNT}:shopify",
        **{f"ECOM_{AMAZON_ACCOUNT.upper()}__{name}": value for name, value in amazon.items()},
        **{f"ECOM_{SHOP_ACCOUNT.upper()}__{name}": value for name, value in shop.items()},
    }
