"""Amazon Selling Partner API: orders, FBA stock, listings, offers, fees, prices and notifications by SQS.

Importing this is cheap; boto3 and the marketplace table are loaded when an account is opened.
What it cannot do: README.md.
"""

from ecom_agent.connector import Capability, ConnectorSpec
from platforms.amazon.rates import RATES

SPEC = ConnectorSpec(
    name="amazon",
    title="Amazon Selling Partner API",
    capabilities=frozenset(
        {
            Capability.READ_ORDERS,
            Capability.READ_STOCK,
            Capability.READ_LISTINGS,
            Capability.READ_OFFERS,
            Capability.READ_FEES,
            Capability.READ_EXPECTED_PRICES,
            Capability.READ_EVENTS,
            Capability.WRITE_PRICE,
            Capability.WRITE_STOCK,
            Capability.PREVIEW_PRICE,
        }
    ),
    rates=RATES,
    build="platforms.amazon.connector:Amazon",
    settings="platforms.amazon.settings:AmazonSettings",
    live_hosts=(
        "sellingpartnerapi-na.amazon.com",
        "sellingpartnerapi-eu.amazon.com",
        "sellingpartnerapi-fe.amazon.com",
    ),
    login_hosts=("api.amazon.com",),
)
