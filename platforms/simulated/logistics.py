"""Stock that runs down and comes back: when to reorder, how much, and whether a return can be sold again. Pure."""

from __future__ import annotations

import math
import random

from platforms.simulated import constants as k
from platforms.simulated.state import Stock


def opening(dice: random.Random, units_per_day: float) -> int:
    """Units on the shelf at the start: some products have days, a few have hours."""
    return max(3, round(units_per_day * dice.uniform(*k.DAYS_OF_STOCK)))


def wants_shipment(on_hand: int, inbound: int, units_per_day: float) -> bool:
    """Below the reorder point with nothing on its way."""
    return inbound == 0 and on_hand < max(2, units_per_day * k.REORDER_AT_DAYS)


def shipment(units_per_day: float) -> int:
    return max(12, math.ceil(units_per_day * k.REORDER_DAYS))


def travel_s(dice: random.Random) -> float:
    return dice.uniform(*k.INBOUND_S)


def take(stock: Stock, quantity: int) -> None:
    """Reserve what was ordered in the marketplace's warehouse; what is taken of ours is in `shelf`."""
    stock.fba -= quantity
    stock.fba_reserved += quantity


def put_back(stock: Stock, quantity: int, *, is_fba: bool) -> None:
    """A cancelled order's units are free again."""
    if is_fba:
        stock.fba += quantity
        stock.fba_reserved -= quantity
    else:
        stock.own += quantity


def take_return(stock: Stock, quantity: int, *, is_fba: bool, resellable: bool) -> None:
    if not is_fba:
        stock.own += quantity if resellable else 0
    elif resellable:
        stock.fba += quantity
    else:
        stock.fba_unfulfillable += quantity
