"""Walmart's payloads → records. Pure: no clock, no I/O, no guesses; Walmart's words stop here."""

from platforms._shared.packed import unpacked
from platforms.walmart.parse.buyers import without_buyer
from platforms.walmart.parse.charges import ReportRows, report_days
from platforms.walmart.parse.events import ORDER_TOPICS, BuyBoxChange, Event, buy_box_change, event, order_in
from platforms.walmart.parse.feeds import Feed, feed_page
from platforms.walmart.parse.listings import listings, price_of_item
from platforms.walmart.parse.offers import buy_box_offers
from platforms.walmart.parse.orders import one_order, orders
from platforms.walmart.parse.returns import returns
from platforms.walmart.parse.stock import WFS, available_at, ship_nodes, warehouse
from platforms.walmart.parse.tables import rows_of

__all__ = [
    "ORDER_TOPICS",
    "WFS",
    "BuyBoxChange",
    "Event",
    "Feed",
    "ReportRows",
    "available_at",
    "buy_box_change",
    "buy_box_offers",
    "event",
    "feed_page",
    "listings",
    "one_order",
    "order_in",
    "orders",
    "price_of_item",
    "report_days",
    "returns",
    "rows_of",
    "ship_nodes",
    "unpacked",
    "warehouse",
    "without_buyer",
]
