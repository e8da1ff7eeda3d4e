"""Amazon Ads: Sponsored Products v3 with bids of keywords and targets, figures and search terms by reporting v3.

An account of its own beside the seller's: other credentials, other hosts. What it cannot do: README.md.
"""

from ecom_agent.connector import Capability, ConnectorSpec
from platforms.amazon_ads.rates import RATES

SPEC = ConnectorSpec(
    name="amazon_ads",
    title="Amazon Ads",
    capabilities=frozenset(
        {
            Capability.READ_CAMPAIGNS,
            Capability.READ_AD_FIGURES,
            Capability.READ_SEARCH_TERMS,
            Capability.WRITE_BID,
        }
    ),
    rates=RATES,
    build="platforms.amazon_ads.connector:AmazonAds",
    settings="platforms.amazon_ads.settings:AmazonAdsSettings",
    live_hosts=(
        "advertising-api.amazon.com",
        "advertising-api-eu.amazon.com",
        "advertising-api-fe.amazon.com",
    ),
    login_hosts=("api.amazon.com", "api.amazon.co.uk", "api.amazon.co.jp"),
)
