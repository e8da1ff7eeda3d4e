"""TikTok Shop Open API: orders, returns, products, stock, prices, statements, conversations, webhooks.

What it cannot do: README.md.
"""

from ecom_agent.connector import Capability, ConnectorSpec, Rate

_CAUTIOUS = Rate(per_s=5.0, burst=10.0)
"""TikTok prints no plan. This one is ours: well below what others report, and "too many requests" is obeyed."""

SPEC = ConnectorSpec(
    name="tiktok_shop",
    title="TikTok Shop Open API",
    capabilities=frozenset(
        {
            Capability.READ_ORDERS,
            Capability.READ_RETURNS,
            Capability.READ_CHARGES,
            Capability.READ_MESSAGES,
            Capability.READ_STOCK,
            Capability.READ_LISTINGS,
            Capability.WRITE_PRICE,
            Capability.WRITE_STOCK,
            Capability.WRITE_MESSAGE,
            Capability.VERIFY_WEBHOOK,
        }
    ),
    rates=dict.fromkeys(
        (
            "refreshToken",
            "getOrderList",
            "getOrderDetail",
            "searchReturns",
            "searchProducts",
            "getProduct",
            "inventorySearch",
            "updatePrice",
            "updateInventory",
            "getStatements",
            "getTransactionsByStatement",
            "getConversations",
            "getConversationMessages",
            "sendMessage",
        ),
        _CAUTIOUS,
    ),
    build="platforms.tiktok_shop.connector:TikTokShop",
    settings="platforms.tiktok_shop.settings:TikTokShopSettings",
    live_hosts=("open-api.tiktokglobalshop.com",),
    login_hosts=("auth.tiktok-shops.com",),
)
