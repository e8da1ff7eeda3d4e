"""eBay's REST APIs: orders, returns, statement, messages, listings, stock, prices, rivals, ads, signed notifications.

Importing this is cheap; the cryptography that notifications are checked with is loaded with the first of them.
What it cannot do: README.md.
"""

from ecom_agent.connector import Capability, ConnectorSpec
from platforms.ebay.rates import RATES

SPEC = ConnectorSpec(
    name="ebay",
    title="eBay Sell APIs",
    capabilities=frozenset(
        {
            Capability.READ_ORDERS,
            Capability.READ_RETURNS,
            Capability.READ_CHARGES,
            Capability.READ_MESSAGES,
            Capability.READ_STOCK,
            Capability.READ_LISTINGS,
            Capability.READ_OFFERS,
            Capability.READ_CAMPAIGNS,
            Capability.READ_AD_FIGURES,
            Capability.WRITE_PRICE,
            Capability.WRITE_STOCK,
            Capability.WRITE_MESSAGE,
            Capability.WRITE_BID,
            Capability.VERIFY_WEBHOOK,
        }
    ),
    rates=RATES,
    build="platforms.ebay.connector:Ebay",
    settings="platforms.ebay.settings:EbaySettings",
    live_hosts=("api.ebay.com", "apiz.ebay.com"),
)
