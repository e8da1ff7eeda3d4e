"""Shopify's payloads → records. Pure: no clock, no I/O, no guesses; Shopify's words stop here."""

from platforms.shopify.parse.app import UNINSTALLED, authorization_ended
from platforms.shopify.parse.catalog import listings, price_of_sku
from platforms.shopify.parse.orders import ORDER_TOPICS, order, orders, webhook_order
from platforms.shopify.parse.stock import available_at, levels

__all__ = [
    "ORDER_TOPICS",
    "UNINSTALLED",
    "authorization_ended",
    "available_at",
    "levels",
    "listings",
    "order",
    "orders",
    "price_of_sku",
    "webhook_order",
]
