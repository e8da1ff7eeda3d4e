"""TikTok's payloads → records. Pure: no clock, no I/O, no guesses; TikTok's words stop here."""

from platforms.tiktok_shop.parse.catalog import price_in, product_ids, products
from platforms.tiktok_shop.parse.finance import Statement, charges, statements
from platforms.tiktok_shop.parse.messages import Conversation, conversations, impersonal, messages, written_at
from platforms.tiktok_shop.parse.orders import order, orders, without_buyer
from platforms.tiktok_shop.parse.returns import returns
from platforms.tiktok_shop.parse.stock import ItemRef, available_at, held_by_sku, levels
from platforms.tiktok_shop.parse.webhooks import ABOUT_ORDERS, Told, content, order_change, told

__all__ = [
    "ABOUT_ORDERS",
    "Conversation",
    "ItemRef",
    "Statement",
    "Told",
    "available_at",
    "charges",
    "content",
    "conversations",
    "held_by_sku",
    "impersonal",
    "levels",
    "messages",
    "order",
    "order_change",
    "orders",
    "price_in",
    "product_ids",
    "products",
    "returns",
    "statements",
    "told",
    "without_buyer",
    "written_at",
]
