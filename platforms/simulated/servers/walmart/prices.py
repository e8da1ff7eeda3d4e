"""updatePrice: one item's price, live some minutes after it was taken; and what a price must be, for feeds too."""

from __future__ import annotations

from typing import Any, Final

from platforms.simulated.channels.model import Channel
from platforms.simulated.servers.walmart.call import Call, Operation, invalid, missing
from platforms.simulated.state import CURRENCY
from platforms.simulated.wire.walmart_goods import MART

API: Final = "PRICE"
MOST_MINOR: Final = 10_000_000
"""Ten times as much as anything here costs: what is above is a mistake."""


def put(call: Call) -> Any:
    """The base price; promotions are not played."""
    entries = call.body["pricing"]
    if len(entries) != 1 or entries[0]["currentPriceType"] != "BASE":
        raise invalid(API, "One base price is wanted", "pricing")
    price = entries[0]["currentPrice"]
    if price.get("currency", CURRENCY) != CURRENCY:
        raise invalid(API, f"This mart sells in {CURRENCY}", "currentPrice.currency")
    if call.body["sku"] not in call.channel.by_sku:
        raise missing(API, f"No item with SKU {call.body['sku']}", "sku")
    why = wrong(call.channel, call.body["sku"], price.get("amount"))
    if why:
        raise invalid(API, why, "currentPrice.amount")
    call.do("channel_price", sku=call.body["sku"], price_minor=minor_of(price["amount"]))
    told = "The price of the item has been updated. Allow up to five minutes for this change to be reflected."
    return {"statusCode": 200, "mart": MART, "sku": call.body["sku"], "message": told}


def wrong(channel: Channel, sku: Any, price: Any) -> str | None:
    """Why this price is not taken, None if it is."""
    if sku not in channel.by_sku:
        return f"No item with SKU {sku}"
    if isinstance(price, bool) or not isinstance(price, int | float):
        return "A price must be a number"
    if not 0 < minor_of(price) < MOST_MINOR or abs(minor_of(price) / 100 - price) > 1e-9:
        return "A price must lie above zero, in whole cents"
    return None


def minor_of(price: float) -> int:
    return round(price * 100)


OPERATIONS: Final = (Operation("updatePrice", "PUT", "/v3/price", API, 3, 20, put, writes=True),)
