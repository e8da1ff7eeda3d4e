"""eBay's payloads → records. Pure: no clock, no I/O, no guesses; eBay's words stop here."""

from platforms.ebay.parse.ad_figures import DIMENSIONS, METRICS, keyword_figures, report_rows
from platforms.ebay.parse.ads import ad_groups, bid, campaigns, keywords, negatives, product_ads
from platforms.ebay.parse.catalog import levels, listings, price_of_sku, quantity
from platforms.ebay.parse.finance import charges
from platforms.ebay.parse.messages import messages
from platforms.ebay.parse.notifications import REVOCATION, Heading, authorization_ended, heading
from platforms.ebay.parse.offers import offers
from platforms.ebay.parse.orders import order, orders
from platforms.ebay.parse.returns import returns

__all__ = [
    "DIMENSIONS",
    "METRICS",
    "REVOCATION",
    "Heading",
    "ad_groups",
    "authorization_ended",
    "bid",
    "campaigns",
    "charges",
    "heading",
    "keyword_figures",
    "keywords",
    "levels",
    "listings",
    "messages",
    "negatives",
    "offers",
    "order",
    "orders",
    "price_of_sku",
    "product_ads",
    "quantity",
    "report_rows",
    "returns",
]
