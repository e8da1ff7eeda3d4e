"""Shopify Admin GraphQL 2026-10: orders, variants, inventory levels, prices, stock, bulk backfill, webhooks.

All operations of a shop share one bucket of cost points. What it cannot do: README.md.
"""

from ecom_agent.connector import Capability, ConnectorSpec, Rate

SPEC = ConnectorSpec(
    name="shopify",
    title="Shopify Admin GraphQL",
    capabilities=frozenset(
        {
            Capability.READ_ORDERS,
            Capability.READ_STOCK,
            Capability.READ_LISTINGS,
            Capability.BULK_ORDERS,
            Capability.WRITE_PRICE,
            Capability.WRITE_STOCK,
            Capability.VERIFY_WEBHOOK,
        }
    ),
    # Points of the smallest plan: 100 a second (shopify.dev, "API limits"); each answer tells the shop's own.
    rates={"graphql": Rate(per_s=100.0, burst=2000.0)},
    build="platforms.shopify.connector:Shopify",
    settings="platforms.shopify.settings:ShopifySettings",
    live_hosts=("myshopify.com",),
)
