"""Amazon's payloads → records. Pure: no clock, no I/O, no guesses; Amazon's words stop here."""

from platforms.amazon.parse.expected import expected_prices
from platforms.amazon.parse.fees import fee_request, fees
from platforms.amazon.parse.listings import live_business, live_price, mfn_quantity, mfn_stock, search_listings
from platforms.amazon.parse.notifications import notification, offers_event
from platforms.amazon.parse.offers import item_offers
from platforms.amazon.parse.orders import get_order, search_orders
from platforms.amazon.parse.stock import inventory_summaries

__all__ = [
    "expected_prices",
    "fee_request",
    "fees",
    "get_order",
    "inventory_summaries",
    "item_offers",
    "live_business",
    "live_price",
    "mfn_quantity",
    "mfn_stock",
    "notification",
    "offers_event",
    "search_listings",
    "search_orders",
]
