"""Names of things, so that a SKU is never handed in where an ASIN is wanted."""

from typing import NewType

AccountId = NewType("AccountId", str)
"""Name of one seller account at one platform, chosen in the settings: "amazon_us", "shop_main"."""

MarketplaceId = NewType("MarketplaceId", str)
"""Where an offer is sold, in the vendor's own id: "ATVPDKIKX0DER", "demo.myshopify.com"."""

Sku = NewType("Sku", str)
"""Our id of what we sell."""

Asin = NewType("Asin", str)
"""Amazon's id of a product page."""

OrderId = NewType("OrderId", str)
"""The platform's order id."""

ActionKey = NewType("ActionKey", str)
"""Hex digest of an Action's wish; the same wish has the same key."""
