"""The demo's fixed credentials: made up, worth nothing outside the simulator."""

from __future__ import annotations

from typing import Final

from platforms.simulated.sellers import FIRST, account, amazon_id, credential, shop
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


def demo_environment(base_url: str, seller: int = FIRST) -> dict[str, str]:
    """ECOM_… variables that point a seller's accounts at Amazon and in the shop to the simulator at `base_url`."""
    base = base_url.rstrip("/")
    domain = shop(SHOP, seller)
    amazon_account, shop_account = account(AMAZON_ACCOUNT, seller), account(SHOP_ACCOUNT, seller)
    amazon = {
        "REFRESH_TOKEN": credential(REFRESH_TOKEN, seller),
        "CLIENT_ID": credential(CLIENT_ID, seller),
        "CLIENT_SECRET": credential(CLIENT_SECRET, seller),
        "SELLER_ID": amazon_id(seller),
        "MARKETPLACES": MARKETPLACE,
        "BASE_URL": f"{base}/sp-api",
        "LWA_URL": f"{base}/lwa/auth/o2/token",
        "QUEUE_URL": f"{base}/sqs/{AWS_ACCOUNT}/{QUEUE}",
        "QUEUE_ENDPOINT": f"{base}/sqs",
        "AWS_ACCESS_KEY_ID": credential(AWS_KEY_ID, seller),
        "AWS_SECRET_ACCESS_KEY": AWS_SECRET,
        "AWS_REGION": AWS_REGION,
    }
    own_shop = {
        "SHOP": domain,
        "ACCESS_TOKEN": credential(SHOP_TOKEN, seller),
        "CLIENT_SECRET": credential(SHOP_SECRET, seller),
        "BASE_URL": f"{base}/shopify/{domain}",
    }
    return {
        "ECOM_ACCOUNTS": f"{amazon_account}:amazon,{shop_account}:shopify",
        **{f"ECOM_{amazon_account.upper()}__{name}": value for name, value in amazon.items()},
        **{f"ECOM_{shop_account.upper()}__{name}": value for name, value in own_shop.items()},
    }
