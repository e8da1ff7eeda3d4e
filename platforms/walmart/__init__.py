"""Walmart Marketplace US, v3: orders, returns, items, stock, Buy Box report, prices, settlements, signed webhooks.

What it cannot do: README.md.
"""

from ecom_agent.connector import Capability, ConnectorSpec
from platforms.walmart.rates import RATES

SPEC = ConnectorSpec(
    name="walmart",
    title="Walmart Marketplace US",
    capabilities=frozenset(
        {
            Capability.READ_ORDERS,
            Capability.READ_RETURNS,
            Capability.READ_CHARGES,
            Capability.READ_STOCK,
            Capability.READ_LISTINGS,
            Capability.READ_OFFERS,
            Capability.WRITE_PRICE,
            Capability.WRITE_STOCK,
            Capability.VERIFY_WEBHOOK,
        }
    ),
    rates=RATES,
    build="platforms.walmart.connector:Walmart",
    settings="platforms.walmart.settings:WalmartSettings",
    live_hosts=("marketplace.walmartapis.com",),
)
